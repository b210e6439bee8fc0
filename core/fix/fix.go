// Package fix carries out the repair that was chosen; nothing else in core changes a user's files or profile because of
// a finding. What it writes it can take back to the byte.
package fix

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"mutual/core/diagnose"
	"mutual/core/profile"
)

// Options of one repair.
type Options struct {
	Out string // path of the file that the fix writes; empty: beside the one it replaces, under a free name
	Dir string // where a new CA file goes when the profile has none yet; empty: the working folder
}

// Change is what a repair did: shown as before and after, and undone.
type Change struct {
	Before, After profile.Profile
	Written       []string // new files

	sums map[string][32]byte // what was written, to tell whether it was changed since
}

// ErrNotAutomatic is for a fix that is text to read, or needs an answer from the user.
var ErrNotAutomatic = errors.New("this repair cannot be carried out by the program")

// Preview says what Apply would change, and writes nothing. The paths of new files are those that Apply would use now.
func Preview(p profile.Profile, f diagnose.Fix, o Options) (Change, error) {
	r, err := plan(p, f, o)
	return r.change, err
}

// Apply carries out f for p. Nothing that exists is overwritten; when it fails, nothing has changed.
func Apply(ctx context.Context, p profile.Profile, f diagnose.Fix, o Options) (Change, error) {
	r, err := plan(p, f, o)
	if err != nil {
		return Change{}, err
	}
	if err := ctx.Err(); err != nil {
		return Change{}, err
	}
	if r.content != nil {
		if err := create(r.path, r.content, r.mode); err != nil {
			return Change{}, err
		}
		r.change.sums = map[string][32]byte{r.path: sha256.Sum256(r.content)}
	}
	return r.change, nil
}

// repair is a fix worked out: the change, and the one file that it writes, if any.
type repair struct {
	change  Change
	path    string
	content []byte
	mode    os.FileMode
}

// write notes the file to be written.
func (r *repair) write(path string, content []byte, mode os.FileMode) {
	r.path, r.content, r.mode = path, content, mode
	r.change.Written = []string{path}
}

func plan(p profile.Profile, f diagnose.Fix, o Options) (repair, error) {
	if !f.Automatic {
		return repair{}, fmt.Errorf("%q: %w", f.Title, ErrNotAutomatic)
	}
	r := repair{change: Change{Before: p.Clone(), After: p.Clone()}}
	for _, a := range f.Action.Set {
		if err := set(&r.change.After, a); err != nil {
			return repair{}, err
		}
	}
	if len(f.Action.Add) > 0 {
		if err := addTrust(&r, f.Action, o); err != nil {
			return repair{}, err
		}
	}
	if len(f.Action.Chain) > 0 {
		if err := writeChain(&r, f.Action, o); err != nil {
			return repair{}, err
		}
	}
	if len(f.Action.Export) > 0 {
		if err := export(&r, f.Action, o); err != nil {
			return repair{}, err
		}
	}
	if f.Action.Convert != "" {
		if err := convert(&r, f.Action.Convert, o); err != nil {
			return repair{}, err
		}
	}
	return r, nil
}

// set changes one setting of the profile.
func set(p *profile.Profile, a diagnose.Assignment) error {
	switch a.Field {
	case diagnose.FieldTransport:
		p.Server.Transport = profile.Transport(a.Value)
	case diagnose.FieldPort:
		n, err := strconv.Atoi(a.Value)
		if err != nil || n < 0 || n > 65535 {
			return fmt.Errorf("setting the port: %q is not a port number", a.Value)
		}
		p.Server.Port = n
	case diagnose.FieldPath:
		p.Server.Path = a.Value
	case diagnose.FieldServerName:
		p.Server.Name = a.Value
	case diagnose.FieldALPN:
		p.Server.ALPN = nil
		if a.Value != "" {
			p.Server.ALPN = strings.Split(a.Value, ",")
		}
	case diagnose.FieldPublicTrust:
		p.Trust.System, p.Trust.Mozilla = true, true
	case diagnose.FieldCertificateFile:
		p.ClientCertificate.CertificateFile = a.Value
	case diagnose.FieldKeyFile:
		p.ClientCertificate.KeyFile = a.Value
	case diagnose.FieldMinTLS:
		p.TLS.Min = profile.TLSVersion(a.Value)
	case diagnose.FieldMaxTLS:
		p.TLS.Max = profile.TLSVersion(a.Value)
	case diagnose.FieldSmallHello:
		p.TLS.SmallHello = a.Value == "true"
	case diagnose.FieldMQTTVersion:
		p.MQTT.Version = profile.Version(a.Value)
	default:
		return fmt.Errorf("setting %q: there is no such setting", a.Field)
	}
	return nil
}

// Undo removes the files that were written, if they are unchanged since, and returns the profile as it was. A file that
// was changed since is kept, and named in the error; the profile is returned all the same.
func (c Change) Undo() (profile.Profile, error) {
	var kept []error
	for _, path := range c.Written {
		content, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil && sha256.Sum256(content) != c.sums[path] {
			err = fmt.Errorf("keeping %s: it was changed since", path)
		}
		if err == nil {
			err = os.Remove(path)
		}
		if err != nil {
			kept = append(kept, err)
		}
	}
	return c.Before.Clone(), errors.Join(kept...)
}

// Lines lists what changed between Before and After, for people.
func (c Change) Lines() []profile.Change { return profile.Changes(c.Before, c.After) }
