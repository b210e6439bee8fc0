package acme

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	lego "github.com/go-acme/lego/v4/acme"

	"mutual/core/nameserver"
	"mutual/core/progress"
	"mutual/core/solver"
)

// Options are the parts that Obtain works with.
type Options struct {
	Solver solver.Solver
	// SolverNamed makes a solver by its name: that of a renewal, once it is known to be due, and that of an order that was
	// begun with another one than Solver, to remove what it has created. It may have to ask for a secret. It may be nil
	// where there is Solver, which then removes all.
	SolverNamed func(ctx context.Context, name string) (solver.Solver, error)
	Resolver    nameserver.Resolver
	// SeenTimeout bounds the wait until every authoritative server answers with the record; 0: 5 minutes. A manual
	// record has no such bound but ctx.
	SeenTimeout time.Duration
	// DecideTimeout bounds each wait for a decision of the authority; 0: 10 minutes.
	DecideTimeout time.Duration
	Report        progress.Report
	// Replaces is the certificate that this one is the successor of (RFC 9773 §5); nil: none.
	Replaces *x509.Certificate
	// Now is for tests; nil: time.Now.
	Now func() time.Time
}

func (o Options) now() time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}

// Obtained is a certificate that lies in its folder.
type Obtained struct {
	Files        Files
	Certificates []*x509.Certificate // as in fullchain.pem
	Root         *x509.Certificate   // as in root.pem; nil: none was found
	Alternates   []Alternate
}

// run is one call of Obtain.
type run struct {
	folder  Folder
	options Options
	client  *client
	order   order
}

// Obtain gets the certificate that r asks for and writes its files, or goes on with the order that was begun for the
// same request. Ended by ctx or by an error, it removes the challenge records before it returns; the order stays, and
// the next call goes on with it. The files of an earlier certificate stay as they are until the new one is whole.
func (f Folder) Obtain(ctx context.Context, r Request, o Options) (Obtained, error) {
	r.Solver = o.Solver.Name()
	r, err := r.checked()
	if err != nil {
		return Obtained{}, err
	}
	for _, name := range r.Names {
		if err := provable(name, o.Solver.Type()); err != nil {
			return Obtained{}, err
		}
	}
	unlock, err := f.lock(r.Names[0])
	if err != nil {
		return Obtained{}, err
	}
	defer unlock()
	got, err := f.obtainAs(ctx, r, o)
	var p *Problem
	if errors.As(err, &p) && p.Type == "accountDoesNotExist" {
		// The key is good for another account with the same authority, where the terms are agreed to.
		if forgetErr := f.forgetAccount(r.Directory); forgetErr != nil {
			return got, errors.Join(err, forgetErr)
		}
		o.Report.Begin(progress.Account, "", "")("The authority does not know the account any more.")
		got, err = f.obtainAs(ctx, r, o)
	}
	return got, err
}

// obtainAs does so as the folder's account.
func (f Folder) obtainAs(ctx context.Context, r Request, o Options) (Obtained, error) {
	c, err := f.connect(ctx, r, o.Report)
	if err != nil {
		return Obtained{}, err
	}
	defer c.close()
	w := &run{folder: f, options: o, client: c}
	return w.obtain(ctx, r)
}

func (w *run) obtain(ctx context.Context, r Request) (got Obtained, err error) {
	defer func() {
		if cleanErr := w.cleanUpAll(ctx); cleanErr != nil {
			err = errors.Join(err, cleanErr)
		}
	}()
	current, err := w.open(ctx, r)
	if err != nil {
		return got, err
	}
	if current.Status == lego.StatusPending {
		if err := w.prove(ctx, current); err != nil {
			return got, err
		}
	}
	if err := w.cleanUpAll(ctx); err != nil {
		return got, err
	}
	key, current, err := w.finalize(ctx, current)
	if err != nil {
		return got, err
	}
	return w.download(ctx, key, current)
}
