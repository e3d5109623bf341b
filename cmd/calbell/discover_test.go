package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"calbell"
	"calbell/api/types"

	"calbell/caldav/caldavtest"
)

func TestCalendarDiscover(t *testing.T) {
	s := caldavtest.New(caldavtest.Options{})
	s.AddUser("anna", "canary-password")
	s.AddCalendar("anna", caldavtest.Calendar{Path: "team", Name: "Team \x1b[31m\u202e"})
	if err := s.Start(""); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, tt := range []struct {
		name, stdin string
		args        []string
		code        int
		want        []string
	}{
		{"found", "canary-password\n", []string{s.URL(), "--username", "anna", "--password-file", "-"}, 0, []string{"✓ PROPFIND", "Team", "/anna/calendars/team/"}},
		{"wrong password", "canary-wrong\n", []string{s.URL(), "--username", "anna", "--password-file", "-"}, 9, []string{"✗ PROPFIND", "401", "app password"}},
		{"nobody there", "", []string{"http://127.0.0.1:1/"}, 8, []string{"✗ PROPFIND", "cannot reach"}},
		{"no URL", "", nil, 2, []string{"missing"}},
		{"not a URL", "", []string{"http://[::1"}, 4, []string{"url"}},
		{"missing password file", "", []string{s.URL(), "--password-file", "/nowhere/at/all"}, 1, []string{"/nowhere/at/all"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			code := run(append([]string{"calendar", "discover"}, tt.args...), strings.NewReader(tt.stdin), &out, &out)
			if code != tt.code {
				t.Errorf("exit code %d, want %d:\n%s", code, tt.code, &out)
			}
			for _, want := range tt.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is not said:\n%s", want, &out)
				}
			}
			if strings.Contains(out.String(), "canary") || strings.ContainsAny(out.String(), "\x1b\u202e") {
				t.Errorf("a secret or a control character is shown:\n%q", out.String())
			}
		})
	}
	var out bytes.Buffer
	run([]string{"calendar", "discover", s.URL(), "--username", "anna", "--password-file", "-", "-o", "json"}, strings.NewReader("canary-password\n"), &out, &bytes.Buffer{})
	var d types.Discovered
	if err := json.Unmarshal(out.Bytes(), &d); err != nil || len(d.Calendars) != 1 || len(d.Probes) < 2 || !d.Probes[0].OK {
		t.Errorf("%v: %s", err, &out)
	}
}

// TestSubscriptionsAreShown: each comes with a command that can be pasted, whatever others called it.
func TestSubscriptionsAreShown(t *testing.T) {
	var out bytes.Buffer
	printDiscovered(&out, types.Discovered{Subscriptions: []calbell.Subscription{
		{Name: "Holidays", URL: "webcal://example.org/h.ics"},
		{Name: "--socket=/x $(reboot) it's\x1b", URL: "https://example.org/?a=1&b='; reboot"},
	}})
	want := `2 subscriptions at the server, whose events it does not have:
  calbell calendar add Holidays --url webcal://example.org/h.ics
  calbell calendar add 'socket= x $(reboot) it'\''s' --url 'https://example.org/?a=1&b='\''; reboot'
`
	if out.String() != want {
		t.Errorf("got %s", &out)
	}
}
