package acme

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"slices"

	lego "github.com/go-acme/lego/v4/acme"

	"mutual/core/progress"
)

// finalize sends the request for the certificate and waits for it to be issued.
func (w *run) finalize(ctx context.Context, current lego.Order) (crypto.Signer, lego.Order, error) {
	done := w.options.Report.Begin(progress.Finalize, "", "Asking for the certificate.")
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
