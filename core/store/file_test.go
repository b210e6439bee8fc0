package store

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzDecodeProfile reads what anybody may have left in the folder: it is refused, or comes back the same once saved.
func FuzzDecodeProfile(f *testing.F) {
	for _, s := range []string{
		``, `{}`, `null`, `[]`, `{"version":1}`, `{"version":2,"x":[]}`, `{"version":1,"mqtt":{"session_expiry_seconds":4294967296}}`,
		`{"version":1,"name":"N","server":{"transport":"mqtts","host":"h","port":8883,"alpn":["a"]},"trust":{"files":["f"],"system":true},
		"client_certificate":{"key_file":"k"},"mqtt":{"keep_alive_seconds":60,"clean_start":true},"subscriptions":[{"filter":"#","qos":1}]}`,
		`{"VERSION":1,"Name":"N","name":"M"}`, "{\"version\":1,\"name\":\"\xff\"}", `{"version":1}}`, `{"version":1e0}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := decodeProfile(data)
		if err != nil {
			if !errors.Is(err, ErrNewer) && !errors.Is(err, errMalformed) {
				t.Fatalf("%q: %v", data, err)
			}
			return
		}
		encoded, err := encodeProfile(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeProfile(encoded)
		if diff := cmp.Diff(p, again, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Fatalf("%q: %v\n%s", data, err, diff)
		}
	})
}
