package watch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/store"
)

var at = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// certificate makes one that began days before at and lasts for that many.
func certificate(t *testing.T, name string, began, lasts int) pki.Issued {
	t.Helper()
	subject, err := pki.ParseSubject("/CN=" + name)
	if err != nil {
		t.Fatal(err)
	}
	i, err := pki.NewAuthority(pki.Request{Subject: subject, Algorithm: pki.ECDSAP256, Days: lasts, NotBefore: at.AddDate(0, 0, -began)})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func write(t *testing.T, dir, name string, all ...pki.Issued) string {
	t.Helper()
	var text []byte
	for _, i := range all {
		text = append(text, i.CertificatePEM...)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOf(t *testing.T) {
	dir := t.TempDir()
	ca := certificate(t, "ca", 100, 1000)
	client, chain := certificate(t, "client", 340, 365), certificate(t, "intermediate", 10, 300)
	short, ended := certificate(t, "short", 5, 6), certificate(t, "ended", 20, 10)
	early := certificate(t, "early", -5, 100)
	var roots []pki.Issued
	for n := range manyInFile {
		roots = append(roots, certificate(t, fmt.Sprint("root ", n), 400, 399))
	}
	one, two := profile.New("one"), profile.New("two")
	one.ID, two.ID = "1", "2"
	one.Server.Host, two.Server.Host = "a.example", "b.example"
	one.Trust.Files = []string{write(t, dir, "ca.pem", ca)}
	one.ClientCertificate.CertificateFile = write(t, dir, "client.pem", client, chain)
	two.Trust.Files = []string{one.Trust.Files[0], write(t, dir, "bundle.pem", roots...), filepath.Join(dir, "absent.pem")}
	plain := profile.New("plain")
	plain.Server.Transport = profile.MQTT
	plain.Trust.Files = []string{filepath.Join(dir, "absent too.pem")}
	met := []store.Met{
		{DER: short.Certificate.Raw, Address: "a.example:8883", Last: at},
		{DER: ca.Certificate.Raw, Address: "a.example:8883", Position: 1, Last: at},
		{DER: ended.Certificate.Raw, Address: "a.example:8883", Last: at.Add(-time.Hour)},
		{DER: early.Certificate.Raw, Address: "b.example:8883", Last: at.Add(-time.Hour)},
		{DER: []byte("nonsense"), Address: "c.example:8883", Last: at},
	}
	list := Of(context.Background(), []profile.Profile{one, two, plain}, met, at)
	var got []string
	for _, e := range list.Entries {
		if strings.HasPrefix(pki.CommonName(e.Certificate), "root ") {
			if e.State != Expired || e.NeedsAttention() {
				t.Errorf("%s of the bundle: %s, needs attention %t", pki.CommonName(e.Certificate), e.State, e.NeedsAttention())
			}
			continue
		}
		got = append(got, fmt.Sprintf("%s %s %d %t", pki.CommonName(e.Certificate), e.State, len(e.Uses), e.NeedsAttention()))
	}
	want := []string{"ended expired 1 false", "short due 1 true", "client due 1 true", "early not-yet-valid 1 false", "intermediate valid 1 false", "ca valid 3 false"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if !slices.IsSortedFunc(list.Entries, func(a, b Entry) int { return a.Certificate.NotAfter.Compare(b.Certificate.NotAfter) }) {
		t.Error("the one that ends first is not first")
	}
	if len(list.Unread) != 1 || list.Unread[0].Profile != "two" || list.Unread[0].Problem != evidence.Missing {
		t.Errorf("unread: %+v", list.Unread)
	}
	if n := len(list.Attention()); n != 2 {
		t.Errorf("%d need attention", n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if n := len(Of(ctx, []profile.Profile{one}, nil, at).Entries); n != 0 {
		t.Errorf("%d after the end of ctx", n)
	}
}

// The 30 days and the third, to the second.
func TestStateOf(t *testing.T) {
	long, short := certificate(t, "long", 0, 365).Certificate, certificate(t, "short", 0, 9).Certificate
	for _, c := range []struct {
		at   time.Time
		want [2]State // of long and short
	}{
		{long.NotBefore.Add(-time.Second), [2]State{Early, Early}},
		{long.NotBefore, [2]State{Valid, Valid}},
		{short.NotAfter.Add(-72*time.Hour - time.Second), [2]State{Valid, Valid}},
		{short.NotAfter.Add(-72 * time.Hour), [2]State{Valid, Due}},
		{short.NotAfter.Add(time.Second), [2]State{Valid, Expired}},
		{long.NotAfter.Add(-720 * time.Hour), [2]State{Due, Expired}},
	} {
		if got := [2]State{stateOf(long, c.at), stateOf(short, c.at)}; got != c.want {
			t.Errorf("at %s: %v, want %v", c.at, got, c.want)
		}
	}
}
