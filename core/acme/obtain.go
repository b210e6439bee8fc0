package acme

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	lego "github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"
)

// Options are the parts that Obtain works with.
type Options struct {
	Solver Solver
	// SolverNamed makes a solver by its name: that of a renewal, once it is known to be due, and that of an order that was
	// begun with another one than Solver, to remove what it has created. It may have to ask for a secret. It may be nil
	// where there is Solver, which then removes all.
	SolverNamed func(ctx context.Context, name string) (Solver, error)
	Resolver    Resolver
	// SeenTimeout bounds the wait until every authoritative server answers with the record; 0: 5 minutes. A manual
	// record has no such bound but ctx.
	SeenTimeout time.Duration
	// DecideTimeout bounds each wait for a decision of the authority; 0: 10 minutes.
	DecideTimeout time.Duration
	Report        Report
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

// cleanUpTime bounds the removal of records after ctx has ended; patience that of somebody who has ended it, while a
// service does not answer. What is left then is removed by the next call.
const (
	cleanUpTime = 30 * time.Second
	patience    = 10 * time.Second
)

// toCleanUp is a context for the removal of records, which has to be tried also after ctx has ended.
func toCleanUp(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := cleanUpTime
	if ctx.Err() != nil {
		limit = patience
	}
	return context.WithTimeout(context.WithoutCancel(ctx), limit)
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
		o.Report.step(StepAccount, "", "")("The authority does not know the account any more.")
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
	w.options.Report.step(StepOrder, "", "")("Going on with the order of " + w.order.Begun.Local().Format("2006-01-02 15:04") + ".")
	w.order.Request = r
	return got.Order, true, nil
}

// refusal says whether err is the authority's answer to the request itself, which it would give again.
func refusal(err error) bool {
	var strange *StrangeAnswerError
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
	done := w.options.Report.step(StepOrder, "", "Placing the order.")
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

// finalize sends the request for the certificate and waits for it to be issued.
func (w *run) finalize(ctx context.Context, current lego.Order) (crypto.Signer, lego.Order, error) {
	done := w.options.Report.step(StepFinalize, "", "Asking for the certificate.")
	key, err := keptKey(w.pendingKey(), w.order.Request.KeyType)
	if err != nil {
		return nil, current, err
	}
	if current, err = w.until(ctx, current, lego.StatusPending, lego.StatusProcessing); err != nil {
		return nil, current, err
	}
	if current.Status == lego.StatusReady {
		csr, err := certificateRequest(key, w.order.Request.Names)
		if err != nil {
			return nil, current, err
		}
		sent, err := w.client.Orders.UpdateForCSR(current.Finalize, csr)
		if err != nil {
			return nil, current, w.client.explain("asking for the certificate", err, w.options.now())
		}
		current = sent.Order
	}
	if current, err = w.until(ctx, current, lego.StatusReady, lego.StatusProcessing); err != nil {
		return nil, current, err
	}
	done("The certificate is issued.")
	return key, current, nil
}

// until asks again while the order has one of the states.
func (w *run) until(ctx context.Context, current lego.Order, states ...string) (lego.Order, error) {
	err := w.poll(ctx, "the order", func() (decided bool, err error) {
		if !slices.Contains(states, current.Status) {
			return true, nil
		}
		next, err := w.client.Orders.Get(w.order.URL)
		if err != nil {
			return false, w.client.explain("asking how far the order is", err, w.options.now())
		}
		current = next.Order
		return !slices.Contains(states, current.Status), nil
	})
	if err != nil {
		return current, err
	}
	if current.Status == lego.StatusInvalid {
		if current.Error != nil {
			return current, w.client.explain("waiting for the order", current.Error, w.options.now())
		}
		return current, fmt.Errorf("waiting for the order: the authority has given it up without saying why; try again")
	}
	return current, nil
}

// certificateRequest names everything in the subject alternative name. The common name stays empty: Let's Encrypt sets
// one or none by profile, and ignores that of the request.
func certificateRequest(key crypto.Signer, names []string) ([]byte, error) {
	template := &x509.CertificateRequest{Subject: pkix.Name{}}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	return der, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
