package acme

import (
	"context"
	"errors"
	"strings"
	"testing"

	"mutual/core/progress"
	"mutual/core/solver"
)

// stuck is a solver that cannot remove what it made.
type stuck struct{ solver.Solver }

func (stuck) CleanUp(context.Context, solver.Challenge) error { return errors.New("out of reach") }

// TestLeftover: what could not be removed is called what it is: a record, or an answer at port 80.
func TestLeftover(t *testing.T) {
	for _, c := range []struct {
		solver solver.Solver
		name   string
		want   string
	}{
		{solver.Route53{}, "mqtt.example.org", "removing the record _acme-challenge.mqtt.example.org: out of reach"},
		{solverNamed(t, solver.HTTP01), "mqtt.example.org", "removing the answer at http://mqtt.example.org/.well-known/acme-challenge/t: out of reach"},
		{solverNamed(t, solver.HTTP01), "2001:db8::1", "removing the answer at http://[2001:db8::1]/.well-known/acme-challenge/t: out of reach"},
	} {
		var told []string
		w := &run{folder: Folder{Path: t.TempDir()}, order: order{Request: Request{Names: []string{c.name}}, Challenges: []solver.Challenge{{Name: c.name, Token: "t"}}}}
		w.options = Options{Solver: stuck{c.solver}, Report: func(p progress.Event) { told = append(told, p.Detail) }}
		unlock, err := w.folder.lock(c.name) // makes the folder
		if err != nil {
			t.Fatal(err)
		}
		unlock()
		var left *LeftoverError
		if err := w.cleanUpAll(t.Context()); !errors.As(err, &left) || err.Error() != c.want {
			t.Errorf("got %v, want %q", err, c.want)
		}
		if said := Sentence(errors.Join(errors.New("preparing the proof: out of reach"), left)); !strings.HasPrefix(said, "preparing the proof: out of reach. The next try begins with removing the ") {
			t.Errorf("said %q", said)
		}
		if said := Sentence(errors.Join(errors.New("proving it"), left)); !strings.Contains(said, "proving it. Removing the ") || !strings.Contains(said, "out of reach. The next try") {
			t.Errorf("said %q", said)
		}
		if http := c.solver.Type() == solver.HTTP01; http == strings.Contains(strings.Join(told, " "), "record") {
			t.Errorf("%s says %q", c.solver.Name(), told)
		}
		if len(w.order.Challenges) != 1 {
			t.Error("what is left is not written down for the next try")
		}
	}
}
