//go:build unix

package chain

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"syscall"
	"testing"
	"time"
)

// mazeOf is a maze of authorities with keys of their own, all of one name: each may have signed each.
func mazeOf(b *testing.B, n int, key func() (crypto.Signer, error)) []*forged {
	var all []*forged
	for range n {
		k, err := key()
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, forge(spec{subject: dn("CN=Maze"), key: k, ext: [][]byte{ca(true, -1)}}))
	}
	return all
}

// BenchmarkHostile judges hostile chains by all judges and the analysis, parsing included. The aim is under a second of
// processor time and 64 MiB each; the time of the clock says more about what else the machine does.
func BenchmarkHostile(b *testing.B) {
	questions := hostile()
	other := root("CN=Other")
	for name, curve := range map[string]elliptic.Curve{"P-384": elliptic.P384(), "P-521": elliptic.P521()} {
		maze := mazeOf(b, 100, func() (crypto.Signer, error) { return ecdsa.GenerateKey(curve, rand.Reader) })
		questions["maze of keys on "+name] = question(under(maze), other)
	}
	for name, q := range questions {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before := processorTime(b)
			for b.Loop() {
				for _, list := range [][]Certificate{q.Sent, q.Anchors} {
					for i, c := range list {
						list[i] = Parse(c.Certificate)
					}
				}
				Analyse(q)
			}
			b.ReportMetric(float64((processorTime(b)-before).Milliseconds())/float64(b.N), "cpu-ms/op")
		})
	}
}

func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(fmt.Errorf("reading the processor time: %w", err))
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
