package diagnose_test

import (
	"context"
	"testing"
	"time"

	"mutual/core/diagnose"
	"mutual/core/lab"
	"mutual/core/pki"
	"mutual/core/session"
)

// BenchmarkDiagnose judges recorded evidence of the case that the program exists for. The aim is under 5 ms and 2 MB.
func BenchmarkDiagnose(b *testing.B) {
	for _, fault := range []string{"", "anchor-not-root", "intermediate-missing", "name-mismatch"} {
		name := fault
		if name == "" {
			name = "sound"
		}
		b.Run(name, func(b *testing.B) {
			l, err := lab.Start(context.Background(), lab.Options{Fault: fault})
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			p := l.Profile()
			m := pki.Load(context.Background(), p, pki.LoadOptions{Roots: l.Roots()})
			a := session.Try(context.Background(), p, m, "", session.Options{Timeout: 5 * time.Second})
			b.ReportAllocs()
			for b.Loop() {
				diagnose.Diagnose(a, []string{"openssl"})
			}
		})
	}
}
