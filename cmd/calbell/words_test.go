package main

import (
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// noTrailingBlanks fails for lines that end with a blank.
func noTrailingBlanks(t *testing.T, what, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); strings.TrimRight(line, " \t") != line {
			t.Errorf("%s ends a line with a blank: %q", what, line)
		}
	}
}

// No line of a command's help ends with a blank.
func TestHelpHasNoTrailingBlanks(t *testing.T) {
	var each func(*cobra.Command)
	each = func(c *cobra.Command) {
		noTrailingBlanks(t, c.CommandPath()+" --help", c.Long+"\n"+c.Example+"\n"+c.UsageString())
		for _, sub := range c.Commands() {
			each(sub)
		}
	}
	each((&app{}).root())
}

// What commands print has no line that ends with a blank, whatever an event's fields end with; and what
// they say of names and words that nobody knows names the near ones.
func TestWordsOfCommands(t *testing.T) {
	long(t)
	t.Parallel()
	w := memoryWorld(t)
	start := time.Now().Add(24 * time.Hour).UTC().Format("20060102T150405Z")
	w.put(t, "a.ics", []byte(strings.ReplaceAll("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//example.org//test//EN\nBEGIN:VEVENT\nUID:a@example.org\n"+
		"DTSTAMP:20260101T000000Z\nDTSTART:"+start+"\nSUMMARY:Planning \nLOCATION:Room 4\\n\nBEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\nTRIGGER:-PT5M\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n", "\n", "\r\n")))
	w.serve()
	w.run("sync", "--wait").want(t, 0)
	for _, tt := range []struct {
		args string
		code int
		says []string
	}{
		{"status", 0, nil},
		{"account list", 0, nil},
		{"calendar list", 0, nil},
		{"calendar show team", 0, nil},
		{"webhook list", 0, nil},
		{"event list", 0, []string{"Planning"}},
		{"event show a@example.org", 0, []string{"rings: "}},
		{"explain a@example.org", 0, []string{"rings: "}},
		{"reminder list", 0, nil},
		{"reminder add a@example.org --before 10m --webhook team", 0, []string{"will be sent "}},
		{"reminder mute a@example.org", 0, []string{"will not be sent ", "nowhere: the event is muted"}},
		{"explain a@example.org", 0, []string{"silent alarm: "}},
		{"delivery list", 0, nil},
		{"rule test a@example.org", 0, []string{"no rule holds for the calendar of this event"}},
		{"rule add lunch --calendar taem --mode off", 0, []string{`no calendar is called "taem" now, did you mean "team"?`}},
		{"rule edit lunch --calendar team", 0, []string{`rule "lunch" changed`}},
		{"rule list", 0, nil},
		{"config show", 0, nil},
		{"sync taem", 6, []string{`did you mean "team"?`}},
		{"event list --calendar taem", 6, []string{`did you mean "team"?`}},
		{"pause --for 1h --webhook taem", 6, []string{`did you mean "team"?`}},
		{"calendar edit taem --webhook team", 6, []string{`did you mean "team"?`}},
		{"calendar remove -y team", 6, []string{"it is a calendar of the account ", "calbell calendar remove "}},
		{"rule add x --webhooks taem", 2, []string{`did you mean "team"?`}},
		{"rule add x --mode of", 2, []string{`mode: unknown value, did you mean "off"?`, "one of fallback, add, replace, off"}},
		{"rule add x --owner nobody --mode off", 6, []string{"see calbell user list"}},
		{"resume", 6, []string{"nothing is paused\n"}},
		{"delivery show 1f", 6, []string{"see calbell delivery list"}},
		{"token revoke -y 1f", 6, []string{"see calbell token list"}},
		{"explain 1f", 6, []string{"see calbell event list"}},
	} {
		a := w.run(strings.Fields(tt.args)...).want(t, tt.code, tt.says...)
		noTrailingBlanks(t, tt.args, a.out+a.err)
	}
	// A server of plain http, with https before it and with nothing.
	for _, scheme := range []string{"https://", ""} {
		url := scheme + strings.TrimPrefix(w.chat.URL("/"), "http://")
		w.run("calendar", "discover", url).want(t, 8, "speaks plain http here, and no https", "Begin the account's url with http://")
		w.run("calendar", "add", "home2", "--url", url).want(t, 8, "speaks plain http here, and no https")
	}
}
