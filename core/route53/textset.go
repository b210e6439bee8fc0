package route53

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"mutual/core/nameserver"
	"mutual/core/remote"
)

// edit changes the values of a TXT record set with regard to one of them, which is in quotation marks like all.
type edit func(values []string, value string) []string

func with(values []string, value string) []string {
	if slices.Contains(values, value) {
		return values
	}
	return append(slices.Clone(values), value)
}

func without(values []string, value string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == value })
}

// changeText edits the record set in the zone that it belongs in. id is that of the change; empty: none was needed.
func (r *Client) changeText(ctx context.Context, rec nameserver.Record, e edit) (id string, err error) {
	zone, err := r.FindZone(ctx, rec.Name)
	if err != nil {
		return "", &remote.UnbegunError{Err: err}
	}
	return r.changeTextIn(ctx, zone, rec, e)
}

// changeTextIn does so in zone. Several values of one name are one set: a wildcard and its parent are proved at the same
// name, and values of others may be there. The set is replaced only as it was read, so that what somebody else changes
// at the same moment is not lost; the service refuses the change then, and it is read again. A change whose answer was
// lost ends there as well: the set is found as it is wanted.
func (r *Client) changeTextIn(ctx context.Context, zone Zone, rec nameserver.Record, e edit) (id string, err error) {
	var before *types.ResourceRecordSet
	for tries := 0; ; tries++ {
		old, err := r.textSet(ctx, zone, rec.Name)
		if err != nil {
			return "", &remote.UnbegunError{Err: err}
		}
		values := valuesOf(old)
		wanted := e(values, `"`+rec.Value+`"`)
		if slices.Equal(wanted, values) {
			return "", nil
		}
		changes := replacing(old, withValues(old, rec.Name, wanted))
		if tries > 0 && old != nil && len(wanted) > 0 && reflect.DeepEqual(before, old) {
			// Nobody has changed it meanwhile: it is the way of replacing it that is minded.
			changes = []types.Change{{Action: types.ChangeActionUpsert, ResourceRecordSet: withValues(old, rec.Name, wanted)}}
			tries = maxChanges
		}
		id, err = r.changeBatch(ctx, zone, rec.Name, changes)
		if tries >= maxChanges || !conflict(err) {
			return id, err
		}
		before = old
	}
}

// maxChanges is how often a change that was overtaken by another one is tried again.
const maxChanges = 4

// textSet is the TXT record set at name; nil: there is none.
func (r *Client) textSet(ctx context.Context, zone Zone, name string) (*types.ResourceRecordSet, error) {
	sets, err := r.records(ctx, zone, name)
	if err != nil {
		return nil, err
	}
	for _, s := range sets {
		if s.Type == types.RRTypeTxt {
			return &s, nil
		}
	}
	return nil, nil
}

func valuesOf(s *types.ResourceRecordSet) (values []string) {
	if s == nil {
		return nil
	}
	for _, v := range s.ResourceRecords {
		values = append(values, aws.ToString(v.Value))
	}
	return values
}

// withValues is old, or a new set where there is none, with other values; nil where there is no value.
func withValues(old *types.ResourceRecordSet, name string, values []string) *types.ResourceRecordSet {
	if len(values) == 0 {
		return nil
	}
	s := types.ResourceRecordSet{Name: aws.String(name), Type: types.RRTypeTxt, TTL: aws.Int64(recordTTL)}
	if old != nil {
		s = *old
	}
	s.ResourceRecords = nil
	for _, v := range values {
		s.ResourceRecords = append(s.ResourceRecords, types.ResourceRecord{Value: aws.String(v)})
	}
	return &s
}

// replacing takes old away, which the service does only where it still is as it was read, and creates wanted.
func replacing(old, wanted *types.ResourceRecordSet) (changes []types.Change) {
	if old != nil {
		changes = append(changes, types.Change{Action: types.ChangeActionDelete, ResourceRecordSet: old})
	}
	if wanted != nil {
		changes = append(changes, types.Change{Action: types.ChangeActionCreate, ResourceRecordSet: wanted})
	}
	return changes
}

// conflict says whether the zone was not as a change supposed.
func conflict(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == "InvalidChangeBatch"
}
