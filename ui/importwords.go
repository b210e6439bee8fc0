package ui

import (
	"errors"
	"fmt"
	"strings"

	"mutual/core/exchange"
)

// formatName is the program that writes a format.
func formatName(f exchange.Format) string {
	return map[exchange.Format]string{exchange.Mutual: "Mutual", exchange.MQTTX: "MQTTX", exchange.MQTTExplorer: "MQTT Explorer"}[f]
}

// comingWords are for somebody who has connections in another program.
const comingWords = "Coming from MQTTX or MQTT Explorer? Import your connections, or drop the exported file here."

// counted is "1 connection" or "3 connections".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// summary says what was found.
func (g gathered) summary() string {
	refused := 0
	for _, x := range g.list {
		if x.Problem != "" {
			refused++
		}
	}
	text := counted(len(g.list), "connection") + " of " + formatName(g.format)
	switch {
	case refused == len(g.list):
		return text + ", of which none can be used."
	case refused > 0:
		return text + fmt.Sprintf(", of which %d cannot be used.", refused)
	}
	return text + "."
}

// todo says what is still to be done about a connection, or why it cannot be used: a sentence each.
func (x importable) todo() (list []string) {
	if x.Problem != "" {
		return []string{"It cannot be used, and is left out: " + x.Problem}
	}
	if x.Profile.Trust.DoNotVerify {
		list = append(list, "It does not verify the broker: whoever stands in between can read everything. Choose in Settings what it trusts.")
	}
	switch len(x.absent) {
	case 0:
	case 1:
		list = append(list, "The file "+x.absent[0]+" is not on this computer: choose it in Settings afterwards.")
	default:
		list = append(list, "These files are not on this computer: "+strings.Join(x.absent, ", ")+". Choose them in Settings afterwards.")
	}
	return list
}

// notes say what becomes of it that is not as it was, a sentence each.
func (x importable) notes() (list []string) {
	p := x.Profile
	if x.Problem != "" {
		return nil
	}
	if x.same != "" {
		list = append(list, "You have it already: “"+x.same+"” has the same settings.")
	}
	if x.was != "" {
		list = append(list, "It becomes “"+p.Name+"”: the name “"+x.was+"” is taken, and that connection stays as it is.")
	}
	list = append(list, x.Left...)
	switch {
	case x.holdsKey():
		list = append(list, "Its certificates and its private key are in the file.")
	case len(x.Files) > 0:
		list = append(list, "Its certificates are in the file.")
	}
	switch {
	case x.Password != "":
		list = append(list, "Its password is in the file.")
	case p.MQTT.UserName != "":
		list = append(list, "The password of “"+p.MQTT.UserName+"” is not in the file: enter it in Settings.")
	}
	return list
}

func (x importable) holdsKey() bool {
	for _, f := range x.Files {
		if f.Part == exchange.Key {
			return true
		}
	}
	return false
}

// notKeptWords says whose passwords were not kept, and why.
func notKeptWords(names []string, err error) string {
	if cause := errors.Unwrap(err); cause != nil { // what was being done is said here
		err = cause
	}
	text := "The password of " + listed(names) + " is used until the program ends, and is not kept: "
	if len(names) > 1 {
		text = "The passwords of " + listed(names) + " are used until the program ends, and are not kept: "
	}
	return text + sentenceOf(err.Error()) + " Enter what is to be kept in Settings."
}

// changedSinceWords says what stays where an import is taken back.
func changedSinceWords(names []string) string {
	if len(names) == 1 {
		return listed(names) + " was changed since, and stays."
	}
	return listed(names) + " were changed since, and stay."
}

// listed names at most three, and counts the rest.
func listed(names []string) string {
	const most = 3
	var quoted []string
	for _, n := range names[:min(len(names), most)] {
		quoted = append(quoted, "“"+n+"”")
	}
	if more := len(names) - most; more > 0 {
		return strings.Join(quoted, ", ") + fmt.Sprintf(" and %d more", more)
	}
	if n := len(quoted); n > 1 {
		return strings.Join(quoted[:n-1], ", ") + " and " + quoted[n-1]
	}
	return strings.Join(quoted, "")
}
