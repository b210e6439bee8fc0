package acme

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"time"

	lego "github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"
	"github.com/go-acme/lego/v4/certificate"

	"mutual/core/progress"
)

// Due says when a certificate is to be renewed, and who says so.
type Due struct {
	At time.Time `json:"at"`
	// The window is the authority's (RFC 9773 §4.2); zero where it says none.
	Start time.Time `json:"start,omitzero"`
	End   time.Time `json:"end,omitzero"`
	// Why is the address of the authority's explanation, where it gives one.
	Why string `json:"why,omitempty"`
	// FromAuthority: the window is the authority's; else At is a third of the lifetime before the end.
	FromAuthority bool `json:"from_authority,omitempty"`
	// AskAgain is before when the authority is not to be asked again; zero: it was not asked.
	AskAgain time.Time `json:"ask_again,omitzero"`
}

// ariID names c as RFC 9773 §4.1 does.
func ariID(c *x509.Certificate) (string, error) { return certificate.MakeARICertID(c) }

// dueOffline is a third of the lifetime before the end.
func dueOffline(c *x509.Certificate) Due { return Due{At: lifetimeThird(c)} }

// askUnanswered is after how long an authority is asked again that gave no answer.
const askUnanswered = time.Hour

// AskDue asks the authority when a certificate is to be renewed, unless it wants to be asked later: then it is what it said
// last. Where it has no such service, or does not answer and never has, it is a third of the lifetime before the end; err
// then says why, if it is worth saying. The answer is written down.
func (f Folder) AskDue(ctx context.Context, name string, now time.Time) (Due, error) {
	r, err := f.Renewal(name)
	if err != nil {
		return Due{}, err
	}
	chain, err := f.ReadChain(name)
	if err != nil {
		return Due{}, err
	}
	if last := r.Due.AskAgain; now.Before(last) && last.Before(now.Add(aDay+time.Minute)) { // else the clock was wrong then
		return r.Due, nil
	}
	due, askErr := askDue(ctx, r.Request.Directory, chain[0], now)
	if ctx.Err() != nil {
		return due, ctx.Err()
	}
	if askErr != nil && r.Due.FromAuthority {
		r.Due.AskAgain = due.AskAgain
		due = r.Due
	}
	// What cannot be written down is asked for again. Of a certificate that was renewed meanwhile it would be wrong.
	_ = f.note(name, func(now *Renewal) {
		if now.Obtained.Equal(r.Obtained) {
			now.Due = due
		}
	})
	return due, askErr
}

// askDue asks the authority when c is to be renewed.
func askDue(ctx context.Context, d Directory, c *x509.Certificate, now time.Time) (Due, error) {
	offline := dueOffline(c)
	offline.AskAgain = now.Add(askUnanswered).UTC()
	cl, err := newClient(ctx, d, "", nil)
	if err != nil {
		return offline, err
	}
	defer cl.close()
	id, err := ariID(c)
	if err != nil || cl.GetDirectory().RenewalInfo == "" {
		offline.AskAgain = now.Add(aDay).UTC()
		return offline, nil
	}
	resp, err := cl.Certificates.GetRenewalInfo(id)
	if errors.Is(err, api.ErrNoARI) {
		offline.AskAgain = now.Add(aDay).UTC()
		return offline, nil
	}
	if err != nil {
		return offline, cl.explain("asking when to renew", err, now)
	}
	defer resp.Body.Close()
	var info lego.RenewalInfoResponse
	if err := json.NewDecoder(resp.Body).Decode(&info); err != nil {
		return offline, fmt.Errorf("reading when to renew: %w", err)
	}
	again := askAgain(resp.Header.Get("Retry-After"), now)
	window := info.SuggestedWindow
	if window.Start.IsZero() || window.End.Before(window.Start) {
		offline.AskAgain = again
		return offline, nil
	}
	return Due{At: within(window.Start, window.End, c), Start: window.Start, End: window.End, Why: info.ExplanationURL, FromAuthority: true, AskAgain: again}, nil
}

// askAgain is when the authority wants to be asked again, from a minute to a day later (RFC 9773 §4.3); a day where it does
// not say.
func askAgain(later string, now time.Time) time.Time {
	at := retryAt(later, now)
	switch {
	case at.IsZero() || at.After(now.Add(aDay)):
		at = now.Add(aDay)
	case at.Before(now.Add(time.Minute)):
		at = now.Add(time.Minute)
	}
	return at.UTC()
}

// within picks a moment of the window, evenly over certificates (RFC 9773 §4.2), always the same one for c, so that a
// program that is started every day comes to the same answer.
func within(start, end time.Time, c *x509.Certificate) time.Time {
	h := fnv.New64a()
	_, _ = h.Write(c.Raw)
	span := end.Sub(start)
	if span <= 0 {
		return start
	}
	return start.Add(time.Duration(h.Sum64() % uint64(span)))
}

// Renew obtains the certificate again as it was obtained, if it is due or force is set; renewed says whether it was. A
// renewal that does not succeed leaves the old certificate in place and writes down what kept it. Where the authority has
// said from when it allows the next try, an earlier one without force is a [*TooSoonError].
func (f Folder) Renew(ctx context.Context, name string, force bool, o Options) (got Obtained, due Due, renewed bool, err error) {
	renewal, err := f.Renewal(name)
	if err != nil {
		return got, due, false, fmt.Errorf("reading how %s was obtained: %w", name, err)
	}
	chain, err := f.ReadChain(name)
	if err != nil {
		return got, due, false, err
	}
	done := o.Report.Begin(progress.RenewInfo, "", "Asking when to renew.")
	due, askErr := f.AskDue(ctx, name, o.now())
	if ctx.Err() != nil {
		return got, due, false, ctx.Err()
	}
	done(due.sentence(askErr))
	if !force && o.now().Before(due.At) && !f.unfinished(name, renewal.Request, chain[0]) {
		return got, due, false, nil
	}
	if !force && o.now().Before(renewal.RetryAt) {
		return got, due, false, &TooSoonError{At: renewal.RetryAt, Problem: renewal.Problem}
	}
	request := renewal.Request
	request.AgreedTerms = f.agreedTerms(request.Directory)
	o.Replaces = chain[0]
	if o.Solver == nil {
		o.Solver, err = o.SolverNamed(ctx, request.Solver)
	}
	if err == nil {
		got, err = f.Obtain(ctx, request, o)
	}
	if err != nil {
		return got, due, false, errors.Join(err, f.noteProblem(name, err, o.now()))
	}
	return got, due, true, nil
}

// unfinished says whether a renewal was begun and not ended: its order is written down, with records that may still be
// there, or a program was killed between two of the files, so that they do not belong together.
func (f Folder) unfinished(name string, r Request, c *x509.Certificate) bool {
	if o, err := f.pending(name); err == nil && sameOrder(o.Request, r) {
		return true
	}
	files := f.Files(name)
	key, err := readKey(files.Key)
	if err != nil || !holds(c, key) {
		return true
	}
	own, err := os.ReadFile(files.Certificate)
	return err != nil || !bytes.Equal(own, pemOf([]*x509.Certificate{c}))
}

func (d Due) sentence(err error) string {
	at := d.At.Local().Format("2006-01-02")
	switch {
	case d.FromAuthority:
		return "The authority wants it renewed from " + d.Start.Local().Format("2006-01-02") + "."
	case err != nil:
		return "The authority could not be asked; a third of the lifetime before the end is " + at + "."
	}
	return "A third of the lifetime before the end is " + at + "."
}

func (f Folder) agreedTerms(d Directory) string {
	a, _ := f.readAccount(d) // which also of an account that is gone knows the terms
	return a.Terms
}
