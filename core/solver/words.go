package solver

import "mutual/core/nameserver"

// Words are how a solver's way to prove a name is told: a record of the DNS, or an answer at port 80.
type Words struct {
	What              string // what is there while the authority looks
	Creating, Created string // sentences
	Removing, Removed string // sentences
}

// WordsFor are those of s about c.
func WordsFor(s Solver, c Challenge) Words {
	if s.Type() == HTTP01 {
		what := "the answer at http://" + hostInURL(c.Name) + httpPath(c)
		return Words{What: what, Creating: "Listening for the authority.", Created: "The port answers.",
			Removing: "Closing the port.", Removed: "The port is free."}
	}
	name := nameserver.Shown(c.Record().Name)
	w := Words{What: "the record " + name, Creating: "Creating the record " + name + ".", Created: "The record is created.",
		Removing: "Removing the record " + name + ".", Removed: "The record is removed."}
	switch s.Name() {
	case Manual:
		w.Creating, w.Created = "The record "+name+" has to be created by hand.", "It is waited for."
		w.Removing, w.Removed = "Done with the record "+name+".", "The record can be removed by whoever created it."
	case "acme-dns":
		w.Creating, w.Created = "Handing the value to acme-dns.", "acme-dns has the value."
		w.Removing, w.Removed = "Done with the value at acme-dns.", "acme-dns keeps the value, which proves nothing any more."
	}
	return w
}
