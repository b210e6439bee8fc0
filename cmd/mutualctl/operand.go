package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"mutual/core/evidence"
)

// operandPath is the path of an operand; "-" is standard input, where the system has a name for it.
func operandPath(path string) (string, error) {
	if path != "-" {
		return path, nil
	}
	if runtime.GOOS == "windows" {
		return "", usage("write it into a file first", "standard input has no name on this system")
	}
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		return "", usage("mutualctl … - < FILE", "standard input is a terminal, and no file")
	}
	return "/dev/stdin", nil
}

// unreadable says in a sentence why an operand cannot be read, with a hint; empty: it can.
func unreadable(f evidence.File) (sentence, hint string) {
	detail := ""
	if f.Detail != "" {
		detail = ": " + strings.TrimPrefix(strings.TrimPrefix(f.Detail, "open "), "stat ")
	}
	look := "mutualctl inspect " + quoted(f.Path) + " says what the file is"
	switch f.Problem {
	case evidence.Missing:
		if f.Path == "" {
			return "a file's name is empty", ""
		}
		return fmt.Sprintf("there is no file %s", f.Path), "look for a typing mistake in the path"
	case evidence.Unreadable:
		hint := "look at the file's owner and permissions"
		if strings.HasSuffix(f.Detail, "is a folder") {
			hint = "name the files in it"
		} else if strings.HasSuffix(f.Detail, "is not a regular file") || strings.Contains(f.Detail, "symbolic links") {
			hint = ""
		}
		return fmt.Sprintf("%s cannot be opened%s", f.Path, detail), hint
	case evidence.Empty:
		return f.Path + " is empty", "look whether the program that writes it has finished"
	case evidence.TooLarge:
		return fmt.Sprintf("%s is too large for a file of certificates or keys%s", f.Path, detail), ""
	case evidence.PassphraseNone:
		return f.Path + " is encrypted, and its passphrase was not given", "--passphrase-file FILE"
	case evidence.PassphraseBad:
		return "the passphrase does not open " + f.Path, "--passphrase-file FILE"
	case evidence.BadEncoding:
		return "the text of " + f.Path + " is damaged, so that no block in it can be read", look
	case evidence.NotPEM:
		return fmt.Sprintf("%s has another format than the one that is wanted here", f.Path), look
	}
	return "", ""
}
