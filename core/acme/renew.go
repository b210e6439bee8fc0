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
	"path/filepath"
	"time"

	lego "github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"
	"github.com/go-acme/lego/v4/certificate"
)

// Due says when a certificate is to be renewed, and who says so.
type Due struct {
	At time.Time
	// Window is the authority's (RFC 9773 §4.2); zero where it says none.
	Start, End time.Time
	// Why is the address of the authority's explanation, where it gives one.
	Why string
	// FromAuthority: the window is the authority's; else At is a third of the lifetime before the end.
	FromAuthority bool
}

// ariID names c as RFC 9773 §4.1 does.
func ariID(c *x509.Certificate) (string, error) { return certificate.MakeARICertID(c) }

// DueOffline is a third of the lifetime before the end.
func DueOffline(c *x509.Certificate) Due { return Due{At: lifetimeThird(c)} }

// DueTime asks the authority when c is to be renewed. Where it has no such service, or does not answer, it is a third of
// the lifetime before the end; err then says why, if it is worth saying.
func (f Folder) DueTime(ctx context.Context, d Directory, c *x509.Certificate) (Due, error) {
	offline := DueOffline(c)
	cl, err := newClient(ctx, d, "", nil)
	if err != nil {
		return offline, err
	}
	defer cl.close()
	id, err := ariID(c)
	if err != nil || cl.GetDirectory().RenewalInfo == "" {
		return offline, nil
	}
	resp, err := cl.Certificates.GetRenewalInfo(id)
	if errors.Is(err, api.ErrNoARI) {
		return offline, nil
	}
	if err != nil {
		return offline, cl.explain("asking when to renew", err, time.Now())
	}
	defer resp.Body.Close()
	var info lego.RenewalInfoResponse
	if err := json.NewDecoder(resp.Body).Decode(&info); err != nil {
		return offline, fmt.Errorf("reading when to renew: %w", err)
	}
	window := info.SuggestedWindow
	if window.Start.IsZero() || window.End.Before(window.Start) {
		return offline, nil
	}
	return Due{At: within(window.Start, window.End, c), Start: window.Start, End: window.End, Why: info.ExplanationURL, FromAuthority: true}, nil
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
// renewal that does not succeed leaves the old certificate in place and writes down what kept it.
func (f Folder) Renew(ctx context.Context, name string, force bool, o Options) (got Obtained, due Due, renewed bool, err error) {
	renewal, err := f.Renewal(name)
	if err != nil {
		return got, due, false, fmt.Errorf("reading how %s was obtained: %w", name, err)
	}
	chain, err := f.ReadChain(name)
	if err != nil {
		return got, due, false, err
	}
	done := o.Report.step(StepRenewInfo, "", "Asking when to renew.")
	due, askErr := f.DueTime(ctx, renewal.Request.Directory, chain[0])
	if ctx.Err() != nil {
		return got, due, false, ctx.Err()
	}
	done(due.sentence(askErr))
	if !force && o.now().Before(due.At) && !f.unfinished(name, renewal.Request, chain[0]) {
		return got, due, false, nil
	}
	request := renewal.Request
	request.AgreedTerms = f.agreedTerms(request.Directory)
	o.Replaces = chain[0]
	if o.Solver == nil {
		o.Solver, err = o.NewSolver(ctx)
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
	a, err := f.readAccount(d)
	if err != nil {
		return ""
	}
	return a.Terms
}

// noteProblem writes down why the certificate could not be renewed; nil where that worked or ctx ended it.
func (f Folder) noteProblem(name string, problem error, now time.Time) error {
	if errors.Is(problem, context.Canceled) {
		return nil
	}
	renewal, err := f.Renewal(name)
	if err != nil {
		return err
	}
	renewal.Problem, renewal.ProblemAt = problem.Error(), now.UTC()
	return writeJSON(filepath.Join(f.Dir(name), renewalFile), renewal)
}
