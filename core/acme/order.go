package acme

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	lego "github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"

	"mutual/core/progress"
	"mutual/core/solver"
)

// order is what is written down while an order is under way.
type order struct {
	Schema  int       `json:"schema"`
	Request Request   `json:"request"`
	URL     string    `json:"url"`
	Begun   time.Time `json:"begun"`
	// Challenges are those whose record may exist: written before it is created, struck out after it was removed.
	Challenges []solver.Challenge `json:"challenges,omitempty"`
}

// pending reads the order under way; fs.ErrNotExist where there is none.
func (f Folder) pending(name string) (order, error) {
	var o order
	err := readJSON(filepath.Join(f.Dir(name), orderFile), &o)
	return o, err
}

// Pending returns the request of an order that was begun and not ended, and when it was begun.
func (f Folder) Pending(name string) (r Request, begun time.Time, ok bool) {
	o, err := f.pending(name)
	return o.Request, o.Begun, err == nil
}

func (f Folder) save(o order) error {
	o.Schema = schema
	return writeJSON(filepath.Join(f.Dir(o.Request.Names[0]), orderFile), o)
}

// open goes on with the order that is written down, where it is still good for r, and else places a new one.
func (w *run) open(ctx context.Context, r Request) (lego.Order, error) {
	old, err := w.folder.pending(r.Names[0])
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return lego.Order{}, err
	default:
		w.order = old
		if err := w.cleanUpFormer(ctx); err != nil {
			return lego.Order{}, err
		}
		if current, ok, err := w.goOn(r); ok || err != nil {
			return current, err
		}
		// The records of an order that is given up are nobody's any more.
		if err := w.cleanUpAll(ctx); err != nil {
			return lego.Order{}, err
		}
	}
	return w.place(r)
}

// goOn asks for the order that was begun; ok is false where it cannot be used. An authority that cannot be asked has not
// said so: another order would count against its limits.
func (w *run) goOn(r Request) (current lego.Order, ok bool, err error) {
	if r.NewOrder || !sameOrder(w.order.Request, r) || w.order.URL == "" {
		return current, false, nil
	}
	got, err := w.client.Orders.Get(w.order.URL)
	if err != nil {
		if err = w.client.explain("asking for the order that was begun", err, w.options.now()); refusal(err) {
			return current, false, nil
		}
		return current, false, err
	}
	if expires, err := time.Parse(time.RFC3339, got.Expires); err == nil && expires.Before(w.options.now()) && got.Status != lego.StatusValid {
		return current, false, nil
	}
	if got.Status == lego.StatusInvalid {
		return current, false, nil
	}
	w.options.Report.Begin(progress.Order, "", "")("Going on with the order of " + w.order.Begun.Local().Format("2006-01-02 15:04") + ".")
	w.order.Request = r
	return got.Order, true, nil
}

// refusal says whether err is the authority's answer to the request itself, which it would give again.
func refusal(err error) bool {
	var strange *strangeAnswerError
	if errors.As(err, &strange) {
		return strange.Status == http.StatusNotFound || strange.Status == http.StatusGone // without a word on it
	}
	var p *Problem
	return errors.As(err, &p) && p.Status >= 400 && p.Status < 500 && p.RetryAt.IsZero() && p.Type != "rateLimited" && p.Type != "badNonce"
}

// sameOrder says whether an order for a is good for b. Key type and preferred chain matter only after it.
func sameOrder(a, b Request) bool {
	return a.Directory == b.Directory && a.Profile == b.Profile && slices.Equal(a.Names, b.Names) && a.KeyType == b.KeyType
}

func (w *run) place(r Request) (lego.Order, error) {
	done := w.options.Report.Begin(progress.Order, "", "Placing the order.")
	options := &api.OrderOptions{Profile: r.Profile}
	if w.options.Replaces != nil {
		if id, err := ariID(w.options.Replaces); err == nil {
			options.ReplacesCertID = id
		}
	}
	made, err := w.newOrder(r.Names, options)
	if err != nil {
		return lego.Order{}, err
	}
	w.order = order{Request: r, URL: made.Location, Begun: w.options.now().UTC()}
	// A key that was made for another order is not used again.
	if err := os.Remove(w.pendingKey()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return lego.Order{}, fmt.Errorf("placing the order: %w", err)
	}
	if err := w.folder.save(w.order); err != nil {
		return lego.Order{}, err
	}
	done("The order is placed.")
	return made.Order, nil
}

// newOrder asks for an order, and once more without the word on which certificate it replaces where the authority minds
// something: it may not know that certificate any more, and the renewal matters more.
func (w *run) newOrder(names []string, options *api.OrderOptions) (lego.ExtendedOrder, error) {
	made, err := w.client.Orders.NewWithOptions(names, options)
	if err == nil {
		return made, nil
	}
	err = w.client.explain("placing the order", err, w.options.now())
	var p *Problem
	elsewhere := []string{"accountDoesNotExist", "rateLimited", "badNonce"}
	if options.ReplacesCertID == "" || !errors.As(err, &p) || !p.RetryAt.IsZero() || slices.Contains(elsewhere, p.Type) {
		return made, err
	}
	options.ReplacesCertID = ""
	if made, err = w.client.Orders.NewWithOptions(names, options); err != nil {
		err = w.client.explain("placing the order", err, w.options.now())
	}
	return made, err
}

func (w *run) pendingKey() string {
	return filepath.Join(w.folder.Dir(w.order.Request.Names[0]), pendingKey)
}
