package profile

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChanges(t *testing.T) {
	before := New("Mine")
	before.Server.Host = "broker.example"
	before.Trust.Files = []string{"root.pem"}
	after := before.Clone()
	if got := Changes(before, after); len(got) != 0 {
		t.Errorf("nothing changed, got %v", got)
	}
	after.ID = "another"
	after.Server.Name = "localhost"
	after.Trust.Files = []string{"root.pem", "root-2.pem"}
	after.Trust.System = true
	after.MQTT.KeepAlive = 0
	after.MQTT.SessionExpiry = 0xFFFFFFFF
	want := []Change{
		{"Name expected of the broker", "same as the host", "localhost"},
		{"CA files", "root.pem", "root.pem, root-2.pem"},
		{"Trusted authorities", "own CA files", "own CA files, system roots"},
		{"Keep-alive", "60 seconds", "off"},
		{"Session expiry", "when the connection ends", "never"},
	}
	if diff := cmp.Diff(want, Changes(before, after)); diff != "" {
		t.Error(diff)
	}
}

// TestChangesSeeEveryField changes one field after the other.
func TestChangesSeeEveryField(t *testing.T) {
	var walk func(v reflect.Value, path string, root *Profile)
	walk = func(v reflect.Value, path string, root *Profile) {
		if v.Kind() == reflect.Struct {
			for i := range v.NumField() {
				walk(v.Field(i), path+"."+v.Type().Field(i).Name, root)
			}
			return
		}
		if path == ".ID" {
			return
		}
		before := root.Clone()
		old := reflect.ValueOf(v.Interface())
		v.SetZero()
		if got := Changes(before, *root); len(got) == 0 {
			t.Errorf("clearing %s shows no change", path)
		}
		v.Set(old)
	}
	p := full(t)
	walk(reflect.ValueOf(&p).Elem(), "", &p)
}
