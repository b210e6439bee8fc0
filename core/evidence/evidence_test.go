package evidence

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// full fills every field of v with something, so that a field that JSON forgets is noticed.
func full(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		full(v.Elem(), n)
	case reflect.Struct:
		if v.Type() == reflect.TypeOf(time.Time{}) {
			v.Set(reflect.ValueOf(time.Unix(1_700_000_000+int64(*n), 0).UTC()))
			return
		}
		for i := range v.NumField() {
			full(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		full(v.Index(0), n)
		full(v.Index(1), n)
	case reflect.String:
		v.SetString("text" + strings.Repeat("x", *n%7))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8, reflect.Uint16:
		v.SetUint(uint64(*n % 200))
	default:
		panic(v.Kind().String())
	}
}

func TestAttemptSurvivesJSON(t *testing.T) {
	var a, b Attempt
	n := 0
	full(reflect.ValueOf(&a).Elem(), &n)
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(a, b); d != "" {
		t.Error(d)
	}
}

// Evidence travels: there must be no place in it for a secret.
func TestNoFieldForSecrets(t *testing.T) {
	var walk func(reflect.Type, string)
	walk = func(ty reflect.Type, path string) {
		switch ty.Kind() {
		case reflect.Pointer, reflect.Slice:
			walk(ty.Elem(), path)
		case reflect.Struct:
			for i := range ty.NumField() {
				f := ty.Field(i)
				for _, word := range []string{"password", "passphrase", "secret", "payload", "privatekey", "username"} {
					if strings.Contains(strings.ToLower(f.Name), word) {
						t.Errorf("%s.%s", path, f.Name)
					}
				}
				if f.Type.PkgPath() == ty.PkgPath() || f.Type.Kind() == reflect.Pointer || f.Type.Kind() == reflect.Slice {
					walk(f.Type, path+"."+f.Name)
				}
			}
		}
	}
	walk(reflect.TypeOf(Attempt{}), "Attempt")
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{ReasonName(0x87), "Not authorized"}, {ReasonName(0x99), "Payload format invalid"}, {ReasonName(0xF0), "Reason code 0xF0"},
		{AlertName(116), "certificate_required"}, {AlertName(200), "alert 200"},
		{VersionName(0x0304), "1.3"}, {VersionName(0), ""}, {VersionName(0x7f1c), "0x7F1C"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
