package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/explain"
)

func newExplain(t *terminal) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain TEXT",
		Short: "Say what an error text or log line of another program means",
		Long: `explain takes an error text or log lines of another client or of a broker (MQTT X, Node, OpenSSL, mosquitto,
Java, EMQX, mbedTLS, Python, Go, curl and others), and says which findings they can stand for, likeliest first, and
what to look at. It reads standard input when TEXT is "-". It connects to nothing.`,
		Example: `  mutualctl explain 'Error: unable to get issuer certificate'
  mutualctl explain -- -0x2700
  tail -n 50 mosquitto.log | mutualctl explain - --json`,
		Args: operands(1, -1, `a text, or "-" for standard input`),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		text := strings.Join(args, " ")
		if text == "-" {
			var err error
			if text, err = t.pasted(cmd.Context()); err != nil {
				return err
			}
		}
		if strings.TrimSpace(text) == "" {
			return usage(cmd.CommandPath()+" --help", "there is no text to explain")
		}
		e := explanation{Schema: schema, Matches: explain.Explain(text)}
		if asJSON {
			t.object(e)
		} else {
			e.print(newPage(t.out))
		}
		return nil
	}
	return cmd
}

// maxPasted is what explain looks at; what comes after it is not read.
const maxPasted = 64 << 10

// pasted reads the text from standard input. Whoever waits there can be interrupted.
func (t *terminal) pasted(ctx context.Context) (string, error) {
	type input struct {
		data []byte
		err  error
	}
	read := make(chan input, 1)
	go func() {
		data, err := io.ReadAll(io.LimitReader(t.in, maxPasted))
		read <- input{data, err}
	}()
	select {
	case <-ctx.Done():
		return "", interruption(ctx)
	case in := <-read:
		if in.err != nil {
			return "", usage("", "reading standard input: %s", reason(in.err))
		}
		return string(in.data), nil
	}
}

// explanation is what explain --json prints.
type explanation struct {
	Schema  int             `json:"schema"`
	Matches []explain.Match `json:"matches"`
}

func (e explanation) print(p *page) {
	switch len(e.Matches) {
	case 0:
		p.wrapped("", "This text names no fault that is known here.")
		p.wrapped("", "Paste the whole line with the error and the lines around it, from the client and from the broker's log;"+
			" or let the connection itself be looked at: mutualctl diagnose mqtts://HOST:PORT")
		return
	case 1:
		p.wrapped("", "This text can mean one thing.")
	default:
		p.wrapped("", fmt.Sprintf("This text can mean %d things, the likeliest first.", len(e.Matches)))
	}
	for _, m := range e.Matches {
		p.line("")
		p.match(m)
	}
}

func (p *page) match(m explain.Match) {
	colour := map[string]string{explain.Certain: red, explain.Likely: amber, explain.Possible: dimmed}[m.Confidence]
	source := m.Client
	if m.Code != "" {
		source += ", code " + m.Code
	}
	p.line("%s: %s", p.paint(colour, strings.ToUpper(m.Confidence[:1])+m.Confidence[1:]), p.paint(bold, m.Title))
	p.line("  %s", p.paint(dimmed, m.ID+" ("+source+")"))
	p.wrapped("  ", m.Why)
	p.wrapped("  ", "To check: "+m.Check)
}
