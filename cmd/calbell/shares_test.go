package main

import (
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/caldav/caldavtest"
)

// sharedWorld is a world in which bob shares a calendar with alice, named as hers is.
func sharedWorld(t *testing.T, how caldavtest.Sharing, readOnly bool) *world {
	t.Helper()
	s := caldavtest.New(caldavtest.Options{Sharing: how})
	s.AddUser("alice", password)
	s.AddCalendar("alice", caldavtest.Calendar{Path: "team", Name: "team"})
	s.AddCalendar("alice", caldavtest.Calendar{Path: "bobs", Name: "team", SharedBy: "bob", ReadOnly: readOnly})
	if err := s.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return newWorld(t, s.URL(), memoryCalendar{s})
}

// share puts events into bob's calendar that choose a webhook in each way that there is.
func (w *world) share(prefix string, in time.Duration) (uids []string) {
	w.t.Helper()
	alarm := []string{"BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER:PT0S", "END:VALARM"}
	for name, lines := range map[string][]string{
		"line":     {`DESCRIPTION:#remind team -0m`},
		"category": append([]string{"CATEGORIES:webhook:team"}, alarm...),
		"event":    append([]string{"X-CALBELL-WEBHOOK:team"}, alarm...),
		"alarm":    {"BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:webhook:team", "TRIGGER:PT0S", "X-CALBELL-WEBHOOK:team", "END:VALARM"},
		"alias":    {"BEGIN:VALARM", "ACTION:EMAIL", "SUMMARY:x", "DESCRIPTION:x", "ATTENDEE:mailto:team@example.org", "TRIGGER:PT0S", "END:VALARM"},
		"mine":     append([]string{"ORGANIZER:mailto:alice@example.org"}, alarm...),
		"plain":    alarm,
	} {
		text, _ := silentEvent(prefix+"-"+name, in, lines...)
		w.calendarServer.(memoryCalendar).Put("alice", "bobs", prefix+"-"+name+".ics", []byte(text))
		uids = append(uids, prefix+"-"+name)
	}
	return uids
}

// posted waits for the post about alice's own event, and returns those about bob's.
func (w *world) posted(own string) (bobs []string) {
	w.t.Helper()
	for n := 1; ; n++ {
		got, err := w.chat.Wait(patient(w.t), n)
		if err != nil {
			w.t.Fatalf("%v\nhave: %q", err, w.chat.Texts())
		}
		if strings.Contains(got[n-1].Text, own) {
			return bobs
		}
		bobs = append(bobs, got[n-1].Text)
	}
}

// TestShares: whoever shares a calendar with a person does not post through that person's
// webhooks, until the person switches the calendar on.
func TestShares(t *testing.T) {
	long(t)
	t.Parallel()
	const noList = "    webhook: team\n    aliases: [{address: team@example.org, webhook: team}]\n"
	for _, tt := range []struct {
		name     string
		how      caldavtest.Sharing
		readOnly bool
		by       string
	}{
		{"sabre, to write in", caldavtest.SharingAccess, false, "somebody else"},
		{"Nextcloud, read-only", caldavtest.SharingPrincipal, true, "bob"},
		{"a server that tells privileges alone", caldavtest.SharingUntold, true, "somebody else"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := sharedWorld(t, tt.how, tt.readOnly)
			before, rest, _ := strings.Cut(w.read("config.yaml"), "    calendars:")
			_, after, _ := strings.Cut(rest, "\nwebhooks:")
			w.write("config.yaml", before+noList+"webhooks:"+after)
			w.serve()
			w.sync()
			var bobs types.CalendarRow
			for _, c := range decode[[]types.CalendarRow](t, w.run("calendar", "list", "-o", "json")) {
				if strings.HasSuffix(c.URL, "/bobs/") {
					bobs = c
				} else if c.SwitchedOff || c.Ownership != calbell.OwnershipOwn {
					t.Errorf("alice's own: %+v", c)
				}
			}
			if !bobs.SwitchedOff || len(bobs.Webhooks) > 0 {
				t.Errorf("bob's: %+v", bobs)
			}
			w.share("off", 5*time.Second)
			own, _ := silentEvent("own-1", 6*time.Second, "DESCRIPTION:#remind team -0m")
			w.put(t, "own-1.ics", []byte(own))
			w.sync()
			w.run("explain", "off-category").want(t, 0, "nowhere: its calendar belongs to somebody else and is not switched on")
			list := w.run("calendar", "list")
			list.want(t, 0, "shared by "+tt.by+", not switched on")
			if !strings.Contains(list.err, "switch it on: calbell calendar edit "+string(bobs.ID)+" --on") {
				t.Errorf("calendar list: %s", list.err)
			}
			w.run("status").want(t, 0, "shared by "+tt.by)
			w.run("calendar", "show", string(bobs.ID)).want(t, 0, "shared by "+tt.by)
			if got := w.posted("own-1"); len(got) > 0 {
				t.Errorf("bob posted %q", got)
			}

			w.run("calendar", "edit", string(bobs.ID), "--on").want(t, 0, "reminders go to: team")
			uids := w.share("on", 5*time.Second)
			w.sync()
			if got, err := w.chat.Wait(patient(t), 1+len(uids)); err != nil {
				t.Errorf("with bob's calendar switched on: %v, %+v", err, got)
			}
			w.run("calendar", "edit", string(bobs.ID), "--on=false").want(t, 0, "silent")
			w.stop()
		})
	}
}

// TestListedNameIsBound: what is listed by name is one's own calendar, and when that is gone nobody
// else's takes its place.
func TestListedNameIsBound(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t, caldavtest.SharingMark, false)
	w.serve()
	w.sync()
	server := w.calendarServer.(memoryCalendar)
	own := func(want string) {
		t.Helper()
		if got := w.run("calendar", "list", "-o", "json"); strings.Contains(got.out, "/bobs/") || !strings.Contains(got.out, want) {
			t.Errorf("calendars: %s", got.out)
		}
	}
	own("/team/")
	server.AddCalendar("alice", caldavtest.Calendar{Path: "team", Name: "Office"})
	w.sync()
	own("/team/")
	server.RemoveCalendar("alice", "team")
	w.run("sync", "--wait")
	w.run("calendar", "apply", "Office", "--yes").want(t, 0)
	w.stop()
	w.serve()
	w.run("sync", "--wait")
	own("[]")
	trouble := `listed calendar "home/team": the calendar that this name was for is gone`
	w.run("status").want(t, 0, trouble, "/alice/calendars/bobs/")
	if got := w.run("calendar", "list"); !strings.Contains(got.err, trouble) {
		t.Errorf("calendar list: %+v", got)
	}
	w.configure("- name: team   ", `- name: "/alice/calendars/bobs/"   `)
	w.run("reload").want(t, 0)
	w.sync()
	if got := w.run("calendar", "list", "-o", "json"); !strings.Contains(got.out, "/bobs/") || strings.Contains(got.out, "switched_off") {
		t.Errorf("calendars: %s", got.out)
	}
	w.stop()
}
