package diagnose_test

import (
	"cmp"
	"context"
	"testing"
	"time"

	"mutual/core/diagnose"
	"mutual/core/lab"
	"mutual/core/pki"
	"mutual/core/session"
)

// BenchmarkDiagnose judges recorded evidence of a sound broker and of each fault that the practice broker knows, for a
// second client too, so that its repairs are judged. The aim is under 5 ms and 2 MB for each.
func BenchmarkDiagnose(b *testing.B) {
	faults := []string{""}
	for _, f := range lab.Faults() {
		faults = append(faults, f.ID)
	}
	for _, fault := range faults {
		b.Run(cmp.Or(fault, "sound"), func(b *testing.B) {
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
