// Command systems vets the core and the command line as they are built for other systems, which it is given by their
// GOOS. It reads the sources of all that they import; go vet would compile it first, which takes ten times as long.
package main

import (
	"fmt"
	"os"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/analysis/suite/vet"
	"golang.org/x/tools/go/packages"
)

func main() {
	status := 0
	for _, system := range os.Args[1:] {
		if err := check(system); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", system, err)
			status = 1
		}
	}
	os.Exit(status)
}

func check(system string) error {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax, Tests: true, Env: append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system),
	}, "./core/...", "./cmd/mutualctl")
	if err != nil {
		return err
	}
	if n := packages.PrintErrors(loaded); n > 0 {
		return fmt.Errorf("%d errors", n)
	}
	graph, err := checker.Analyze(vet.Suite, loaded, nil)
	if err != nil {
		return err
	}
	found := 0
	for action := range graph.All() {
		if action.Err != nil {
			return action.Err
		}
		if action.IsRoot {
			found += len(action.Diagnostics)
		}
	}
	if found > 0 {
		graph.PrintText(os.Stderr, -1)
		return fmt.Errorf("%d things found", found)
	}
	return nil
}
