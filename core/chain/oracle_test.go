package chain

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// outcome is what `openssl verify` says: accepted, or the first error and its depth. -1 stands for a refusal without
// a number.
type outcome struct {
	accepted    bool
	code, depth int
	text        string
}

func (o outcome) String() string {
	if o.accepted {
		return "accepted"
	}
	return fmt.Sprintf("error %d at %d: %s", o.code, o.depth, o.text)
}

var errorLine = regexp.MustCompile(`(?m)^error (\d+) at (\d+) depth lookup: (.*)$`)

// opensslProgram runs the real thing, or says loudly that it is not there.
func opensslProgram(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("THE OPENSSL JUDGE IS NOT COMPARED WITH OPENSSL: there is no openssl program here")
	}
	version, err := exec.Command(path, "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(version, []byte("OpenSSL 3.0.")) {
		t.Skipf("THE OPENSSL JUDGE IS NOT COMPARED WITH OPENSSL: it models 3.0, and this is %s", version)
	}
	return path
}

// askOpenSSL runs openssl verify on q. all are the errors that it printed.
func askOpenSSL(t *testing.T, program, dir string, q Question, f flags) (o outcome, all []outcome) {
	t.Helper()
	write := func(name string, certificates []Certificate) string {
		var text []byte
		for _, c := range certificates {
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.DER})...)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	args := []string{"verify", "-no-CAfile", "-no-CApath", "-no-CAstore", "-auth_level", "2", "-attime", strconv.FormatInt(q.At.Unix(), 10)}
	switch q.Purpose {
	case ServerAuth:
		args = append(args, "-purpose", "sslserver")
	case ClientAuth:
		args = append(args, "-purpose", "sslclient")
	}
	if f.partial {
		args = append(args, "-partial_chain")
	}
	if f.strict {
		args = append(args, "-x509_strict")
	}
	if q.Name != "" {
		if parseIP(q.Name) != nil {
			args = append(args, "-verify_ip", q.Name)
		} else {
			args = append(args, "-verify_hostname", q.Name)
		}
	}
	if len(q.Anchors) > 0 {
		args = append(args, "-CAfile", write("ca.pem", q.Anchors))
	}
	if len(q.Sent) > 1 {
		args = append(args, "-untrusted", write("untrusted.pem", q.Sent[1:]))
	}
	if len(q.Untrusted) > 0 {
		args = append(args, "-untrusted", write("more.pem", q.Untrusted))
	}
	args = append(args, write("leaf.pem", q.Sent[:1]))
	output, err := exec.Command(program, args...).CombinedOutput()
	for _, m := range errorLine.FindAllSubmatch(output, -1) {
		code, _ := strconv.Atoi(string(m[1]))
		depth, _ := strconv.Atoi(string(m[2]))
		all = append(all, outcome{code: code, depth: depth, text: string(m[3])})
	}
	if err == nil {
		return outcome{accepted: true}, all
	}
	if len(all) == 0 {
		t.Logf("openssl refuses without a number: %s", output)
		return outcome{code: -1, depth: -1}, all
	}
	return all[0], all
}

// askModel is the same of the judge.
func askModel(q Question, f flags) (outcome, Verdict) {
	v := newWorld(q).opensslVerdict("", f, opensslError.text)
	if v.Accepted {
		return outcome{accepted: true}, v
	}
	if v.Code == "" {
		return outcome{code: -1, depth: -1}, v
	}
	code, _ := strconv.Atoi(v.Code)
	return outcome{code: code, depth: v.Depth, text: v.Text}, v
}

// The judges' flags, but for the wildcards: the program has no setting for those.
var (
	fullChains    = flags{}
	partialChains = flags{partial: true}
	strictChains  = flags{partial: true, strict: true}
)

// compare demands total agreement in the modes given, and returns what was found in the first of them.
func compare(t *testing.T, program, dir, label string, q Question, modes ...flags) outcome {
	t.Helper()
	var first outcome
	for i, mode := range modes {
		said, all := askOpenSSL(t, program, dir, q, mode)
		modelled, v := askModel(q, mode)
		if said != modelled {
			t.Errorf("%s (%+v): openssl: %v %v; judge: %v", label, mode, said, all, modelled)
			for _, r := range v.Reasons {
				t.Logf("  judge: %s %s at %d", r.ID, r.Code, r.Depth)
			}
			for i, c := range q.Sent {
				t.Logf("  sent %d: %s <- %s", i, c.Subject(), c.Issuer())
			}
			for i, c := range q.Anchors {
				t.Logf("  anchor %d: %s <- %s", i, c.Subject(), c.Issuer())
			}
			continue
		}
		if i == 0 {
			first = said
		}
		// The program goes on after some errors: what it then says, the judge must have among its reasons.
		for _, o := range all {
			found := false
			for _, r := range v.Reasons {
				found = found || r.Code == strconv.Itoa(o.code) && r.Depth == o.depth
			}
			if !found {
				t.Errorf("%s (%+v): openssl also says %v, which is not among the judge's reasons", label, mode, o)
			}
		}
	}
	return first
}
