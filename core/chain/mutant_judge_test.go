package chain

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Each judge is held against the real thing on its own sample of mutants; see sampler.

func TestMutantsAgreeWithOpenSSL(t *testing.T) { compareMutantsOpenSSL(t, "openssl", fullChains) }
func TestMutantsAgreeWithPartialOpenSSL(t *testing.T) {
	compareMutantsOpenSSL(t, "openssl-partial", partialChains)
}
func TestMutantsAgreeWithStrictOpenSSL(t *testing.T) {
	compareMutantsOpenSSL(t, "python313", strictChains)
}

// compareMutantsOpenSSL demands the same verdict, first error and depth.
func compareMutantsOpenSSL(t *testing.T, judge string, mode flags) {
	program := opensslProgram(t)
	var y tally
	const shards = 2
	var work sync.WaitGroup
	mutants := sample(t, judge)
	for shard := range shards {
		dir := t.TempDir()
		work.Go(func() {
			for i := shard; i < len(mutants); i += shards {
				o := compare(t, program, dir, mutants[i].label(), mutants[i].q, mode)
				said := "accepted"
				if !o.accepted {
					said = fmt.Sprint(o.code, " ", o.text)
				}
				y.add(mutants[i], said)
			}
		})
	}
	work.Wait()
	y.check(t)
}

func TestMutantsAgreeWithJava(t *testing.T) {
	javaProgram(t)
	var questions []Question
	mutants := sample(t, "java")
	for _, m := range mutants {
		questions = append(questions, m.q)
	}
	var y tally
	for i, said := range askJava(t, questions) {
		compareJava(t, mutants[i].label(), questions[i], said)
		if said == "ok" {
			said = "accepted"
		}
		y.add(mutants[i], javaKind(said))
	}
	y.check(t)
}

func TestMutantsAgreeWithMbedTLS(t *testing.T) {
	compareMutants(t, "mbedtls", compareMbedTLS(mbedtlsOracle(t)), func(said string) []string {
		code, text, _ := strings.Cut(strings.TrimPrefix(said, "code "), "; ")
		switch code {
		case "-0x0000":
			return []string{"accepted"}
		case mbedtlsRefused:
			return flagsOf(text, "; ")
		}
		return []string{code}
	})
}

func TestMutantsAgreeWithGnuTLS(t *testing.T) {
	compareMutants(t, "gnutls", compareGnuTLS(gnutlsOracle(t)), func(said string) []string {
		code, text, _ := strings.Cut(said, "; ")
		switch {
		case code == "0":
			return []string{"accepted"}
		case code == gnutlsVerification:
			return flagsOf(text, ". ")
		case code == gnutlsKeyUsage:
			return []string{code}
		}
		return []string{gnutlsUnreadable} // it tells a dozen ways of being malformed apart
	})
}

// compareMutants holds a judge's sample against a library; kinds reads its answer as outcomes does the judge's.
func compareMutants(t *testing.T, judge string, compare agrees, kinds func(said string) []string) {
	var y tally
	for _, m := range sample(t, judge) {
		y.add(m, kinds(compare(t, m.label(), m.q))...)
	}
	y.check(t)
}

// TestMutantsAgreeWithGo demands of crypto/tls's handshake the same verdict and words.
func TestMutantsAgreeWithGo(t *testing.T) {
	var y tally
	for _, m := range sample(t, "go") {
		err := askGo(t, m)
		v := goJudge{}.Judge(m.q)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if v.Accepted != (err == nil) || v.Text != said {
			t.Errorf("%s: go: %q; judge: %q", m.label(), said, v.Text)
			describe(t, v, m.q)
		}
		y.add(m, outcomes(Verdict{Client: "go", Accepted: err == nil, Text: said})...)
	}
	y.check(t)
}
