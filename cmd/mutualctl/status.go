package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// The exit statuses. Scripts depend on them.
const (
	statusDone        = 0 // done, and no finding of severity error
	statusFound       = 1 // done, with at least one
	statusUsage       = 2 // wrong usage, or an operand that cannot be read
	statusInterrupted = 3 // by the user, or by the deadline for the whole command
)

// ended is how a command ends that has said all there is to say.
type ended int

func (e ended) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usageError is exit status 2: one line that says what and where, and a hint where there is something to do.
type usageError struct{ message, hint string }

func (e *usageError) Error() string { return e.message }

func usage(hint, format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...), hint: hint}
}

// stopped is exit status 3. sentence says what was being waited for.
type stopped struct{ sentence, hint string }

func (e *stopped) Error() string { return e.sentence }

// errDeadline is the cause of a context that --deadline ended.
var errDeadline = errors.New("the deadline for the whole command passed")

// interruption tells the two ends of ctx apart. It is nil while ctx goes on.
func interruption(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	if errors.Is(context.Cause(ctx), errDeadline) {
		return &stopped{sentence: "the time given with --deadline was over", hint: "a longer --deadline"}
	}
	return &stopped{sentence: "interrupted"}
}

// finish says what err has left unsaid and turns it into the exit status.
func (t *terminal) finish(ctx context.Context, err error, asJSON bool) int {
	var (
		end  ended
		wait *stopped
		use  *usageError
	)
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &end):
		return int(end)
	case errors.As(err, &wait):
		t.complain(wait.sentence, wait.hint, asJSON)
		return statusInterrupted
	case ctx.Err() != nil:
		t.complain("interrupted", "", asJSON)
		return statusInterrupted
	case errors.As(err, &use):
		t.complain(err.Error(), use.hint, asJSON)
	default:
		t.complain(err.Error(), "", asJSON)
	}
	return statusUsage
}

// complain prints one line and a hint on standard error, or with --json an object on standard output.
func (t *terminal) complain(message, hint string, asJSON bool) {
	message = oneLine(message)
	if asJSON {
		t.object(struct {
			Schema int     `json:"schema"`
			Error  failure `json:"error"`
		}{schema, failure{message, hint}})
		return
	}
	if !strings.HasPrefix(message, "mutualctl ") {
		message = "mutualctl: " + message
	}
	fmt.Fprintln(t.err, message)
	if hint != "" {
		fmt.Fprintf(t.err, "hint: %s\n", hint)
	}
}

// failure is what --json has of an error.
type failure struct {
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// oneLine is a message without line ends.
func oneLine(message string) string { return strings.Join(strings.Fields(message), " ") }

// wantsJSON looks for --json before the flags are parsed, because parsing them may be what goes wrong.
func wantsJSON(args []string) bool {
	for _, a := range args {
		switch a {
		case "--":
			return false
		case "--json", "--json=true":
			return true
		}
	}
	return false
}

// notYet are flags of the command-line contract that this version does not have.
var notYet = []string{
	"no-local", "retain-handling",
	"retain-as-published", "will-topic",
}

// flagError words pflag's complaints, and says so when a flag belongs to a later version.
func flagError(cmd *cobra.Command, err error) error {
	hint := cmd.CommandPath() + " --help"
	if operands := cmd.Flags().Args(); cmd.HasSubCommands() && len(operands) > 0 { // what it belongs to is what is wrong
		return unknownCommand(cmd, operands[0])
	}
	if name, ok := strings.CutPrefix(err.Error(), "unknown flag: --"); ok {
		for _, later := range notYet {
			if name == later {
				return usage("", "--%s is not in this version", name)
			}
		}
	}
	return usage(hint, "%s: %s", cmd.CommandPath(), err)
}

func unknownCommand(cmd *cobra.Command, name string) error {
	return usage(cmd.CommandPath()+" --help", "%s has no command %q", cmd.CommandPath(), name)
}

// operands checks the number of operands; what names them, for the sentence.
func operands(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		hint := cmd.CommandPath() + " --help"
		if len(args) < least {
			return usage(hint, "%s needs %s", cmd.CommandPath(), what)
		}
		if most >= 0 && len(args) > most {
			if most == 0 {
				return usage(hint, "%s takes no operand, and got %q", cmd.CommandPath(), args[0])
			}
			return usage(hint, "%s takes only %s, and got %q as well", cmd.CommandPath(), what, args[most])
		}
		return nil
	}
}
