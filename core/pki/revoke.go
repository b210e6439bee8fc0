package pki

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Reasons of RFC 5280 §5.3.1 for which a certificate of one's own authority is revoked.
var Reasons = map[string]int{
	"unspecified": 0, "key-compromise": 1, "ca-compromise": 2, "affiliation-changed": 3, "superseded": 4, "cessation-of-operation": 5, "privilege-withdrawn": 9,
}

// revocations is the database of an authority, a JSON file beside its certificate.
type revocations struct {
	Schema int            `json:"schema"`
	Issuer string         `json:"issuer_key"` // the authority's subject key identifier, in hex: no other's list is mixed in
	Number int64          `json:"number"`     // of the last revocation list
	List   []revokedEntry `json:"revoked"`
}

type revokedEntry struct {
	Serial string    `json:"serial"` // hex
	At     time.Time `json:"at"`
	Reason int       `json:"reason"`
}

// Revocation says what Revoke is to do.
type Revocation struct {
	Certificates []*x509.Certificate // none: the list is only made anew
	Serials      []*big.Int          // further ones, of certificates that are not at hand
	Reason       int                 // RFC 5280 §5.3.1
	At           time.Time           // when; also the time of the list
	Days         int                 // until the list has to be made anew; 0: 30
}

// RevocationPaths are the database and the list of the authority whose certificate is in file: client-ca.revoked.json and
// client-ca.crl.
func RevocationPaths(file string) (database, list string) {
	base := strings.TrimSuffix(file, filepath.Ext(file))
	return base + ".revoked.json", base + ".crl"
}

// defaultListDays is how long a revocation list counts, as openssl ca has it.
const defaultListDays = 30

// Revoke adds certificates to the database of the authority in file and writes its revocation list anew, both or none.
// A certificate that is on it already stays as it was, and so do those on a list of the authority that another program
// wrote there. It returns the list.
func Revoke(authority Issued, file string, r Revocation) (*x509.RevocationList, error) {
	databasePath, listPath := RevocationPaths(file)
	unlock, err := lockFile(databasePath + ".lock") // two at once would lose an entry
	if err != nil {
		return nil, fmt.Errorf("revoking: %w", err)
	}
	defer unlock()
	db, der, err := revise(authority, file, r)
	if err != nil {
		return nil, fmt.Errorf("revoking: %w", err)
	}
	text, err := json.MarshalIndent(db, "", "  ")
	if err != nil {
		return nil, err
	}
	err = WriteFiles([]OutputFile{{Path: databasePath, Data: append(text, '\n')}, {Path: listPath, Data: pemBlockOf("X509 CRL", der)}}, true)
	if err != nil {
		return nil, err
	}
	return x509.ParseRevocationList(der)
}

// PlanRevocation is the list that Revoke would write. Nothing is written.
func PlanRevocation(authority Issued, file string, r Revocation) (*x509.RevocationList, error) {
	_, der, err := revise(authority, file, r)
	if err != nil {
		return nil, fmt.Errorf("revoking: %w", err)
	}
	return x509.ParseRevocationList(der)
}

// revise is the authority's database with what r adds, and the list made of it, DER.
func revise(authority Issued, file string, r Revocation) (db revocations, der []byte, err error) {
	if err := checkRevocation(authority.Certificate, r); err != nil {
		return db, nil, err
	}
	signer, err := listSigner(authority.Certificate)
	if err != nil {
		return db, nil, err
	}
	databasePath, listPath := RevocationPaths(file)
	if db, err = readRevocations(databasePath, fmt.Sprintf("%x", signer.SubjectKeyId)); err != nil {
		return db, nil, fmt.Errorf("reading %s: %w", databasePath, err)
	}
	if err := db.takeOver(listPath, authority.Certificate); err != nil {
		return db, nil, fmt.Errorf("reading %s: %w", listPath, err)
	}
	at := r.At.UTC().Truncate(time.Second)
	serials := slices.Clone(r.Serials)
	for _, c := range r.Certificates {
		serials = append(serials, c.SerialNumber)
	}
	for _, n := range serials {
		serial := n.Text(16)
		if !slices.ContainsFunc(db.List, func(e revokedEntry) bool { return e.Serial == serial }) {
			db.List = append(db.List, revokedEntry{serial, at, r.Reason})
		}
	}
	db.Number++
	days := r.Days
	if days == 0 {
		days = defaultListDays
	}
	if der, err = db.sign(signer, authority.Key, at, at.AddDate(0, 0, days)); err != nil {
		return db, nil, fmt.Errorf("signing the revocation list: %w", err)
	}
	return db, der, nil
}

// takeOver adds what stands on the list that is there already, which openssl ca may have written: it is about to be
// replaced, and nobody who was revoked may come back by that. A file that is not such a list is not replaced at all.
func (db *revocations) takeOver(path string, authority *x509.Certificate) error {
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	if block, _ := pem.Decode(data); block != nil {
		data = block.Bytes
	}
	list, err := ReadCRL(data)
	switch {
	case err != nil:
		return fmt.Errorf("it would be replaced, and %w", err)
	case !SameName(list.RawIssuer, authority.RawSubject) || !signatureAgrees(authority.CheckSignature(list.Algorithm, list.TBS, list.Signature)):
		return errors.New("it would be replaced, and it is another authority's list")
	case list.Delta || list.Scope != nil:
		return errors.New("it would be replaced, and it is not for all certificates of the authority")
	}
	const removed = 8 // removeFromCRL, RFC 5280 §5.3.1
	entries := list.Entries(list.Len())
	if len(entries) != list.Len() {
		return errors.New("it would be replaced, and it cannot be read to its end")
	}
	known := map[string]bool{}
	for _, e := range db.List {
		known[e.Serial] = true
	}
	for _, e := range entries {
		at := e.Revoked.UTC()
		if at.IsZero() { // it cannot be read
			at = list.ThisUpdate.UTC()
		}
		if serial := e.Serial.Text(16); !known[serial] && e.Reason != removed {
			db.List = append(db.List, revokedEntry{serial, at, e.Reason})
		}
	}
	if list.Number != nil && list.Number.IsInt64() {
		db.Number = max(db.Number, list.Number.Int64())
	}
	return nil
}

// checkRevocation refuses certificates of other authorities: their serial numbers could be those of one's own.
func checkRevocation(authority *x509.Certificate, r Revocation) error {
	if authority == nil {
		return errors.New("there is no authority")
	}
	if authority.KeyUsage != 0 && authority.KeyUsage&x509.KeyUsageCRLSign == 0 {
		return fmt.Errorf("the authority %s may not sign revocation lists (keyUsage lacks cRLSign)", CommonName(authority))
	}
	for _, c := range r.Certificates {
		if c.Equal(authority) {
			return fmt.Errorf("the certificate %s is the authority's own: a list that it signs cannot speak for itself; take it out of the trust stores", CommonName(c))
		}
		if string(c.RawIssuer) != string(authority.RawSubject) || !issued(authority, c) {
			return fmt.Errorf("the certificate %s is not one of the authority %s", CommonName(c), CommonName(authority))
		}
	}
	return nil
}

// listSigner is the authority with what Go asks of one: the key usage and the key identifier that openssl's own
// authorities can be without.
func listSigner(authority *x509.Certificate) (*x509.Certificate, error) {
	signer := *authority
	signer.KeyUsage |= x509.KeyUsageCRLSign
	if len(signer.SubjectKeyId) == 0 {
		id, err := keyIdentifier(signer.PublicKey)
		if err != nil {
			return nil, err
		}
		signer.SubjectKeyId = id
	}
	return &signer, nil
}

// revocationSchema is the version of the database's form; a newer one is refused and not mangled.
const revocationSchema = 1

func readRevocations(path, issuer string) (revocations, error) {
	db := revocations{Schema: revocationSchema, Issuer: issuer, List: []revokedEntry{}}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return db, nil
	case err != nil:
		return db, err
	}
	if err := json.Unmarshal(data, &db); err != nil {
		return db, fmt.Errorf("it is damaged: %w", err)
	}
	switch {
	case db.Schema != revocationSchema:
		return db, fmt.Errorf("it has form %d, and this program knows %d", db.Schema, revocationSchema)
	case db.Issuer != issuer:
		return db, errors.New("it is another authority's")
	}
	return db, nil
}

// sign makes the revocation list of RFC 5280 §5.
func (db revocations) sign(signer *x509.Certificate, key any, at, next time.Time) ([]byte, error) {
	template := &x509.RevocationList{Number: big.NewInt(db.Number), ThisUpdate: at, NextUpdate: next}
	for _, e := range db.List {
		serial, ok := new(big.Int).SetString(e.Serial, 16)
		if !ok {
			return nil, fmt.Errorf("the database has no serial number in %q", e.Serial)
		}
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: serial, RevocationTime: e.At, ReasonCode: e.Reason,
		})
	}
	s, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("the authority has no key")
	}
	return x509.CreateRevocationList(rand.Reader, template, signer, s)
}
