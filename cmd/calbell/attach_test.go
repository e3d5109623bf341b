package main

import (
	"strings"
	"testing"
	"time"

	"calbell/api/types"
	"calbell/caldav/caldavtest"
)

// Reminders find their webhook on real servers: attached by command, carried by the event, and
// written into it.
func TestAttachingOnRealServers(t *testing.T) {
	long(t)
	t.Parallel()
	servers := map[string]func(caldavtest.TB) *caldavtest.Real{
		"radicale": caldavtest.StartRadicale, "xandikos": caldavtest.StartXandikos,
	}
	for name, begin := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := realWorld(t, begin(t))
			if name == "xandikos" {
				w.configure("username: alice", "username: user")
			}
			writesBack(w)
			w.serve()
			attaching(t, w)
		})
	}
}

// writesBack configures a calendar into whose events reminders are written, and that posts nothing else.
func writesBack(w *world) {
	w.configure("    calendars:", "    write_back: true\n    calendars:", "        webhook: team", "        mode: fallback")
}

// silentEvent is an event that starts so soon, and rings by itself nowhere.
func silentEvent(uid string, in time.Duration, lines ...string) (string, time.Time) {
	start := time.Now().Add(in).UTC().Truncate(time.Second)
	text := "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//example.org//test//EN\nBEGIN:VEVENT\nUID:" + uid +
		"\nDTSTAMP:20260101T000000Z\nDTSTART:" + start.Format("20060102T150405Z") + "\nDURATION:PT1H\nSUMMARY:" + uid + "\n" +
		strings.Join(lines, "\n") + "\nEND:VEVENT\nEND:VCALENDAR\n"
	return strings.ReplaceAll(strings.ReplaceAll(text, "\n\n", "\n"), "\n", "\r\n"), start
}

func attaching(t *testing.T, w *world) {
	w.sync()
	text, start := silentEvent("attached", 30*time.Minute)
	w.put(t, "attached.ics", []byte(text))
	carried, _ := silentEvent("carried", 6*time.Second, "DESCRIPTION:Notes\\n#remind Team", "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER:PT0S", "END:VALARM")
	w.put(t, "carried.ics", []byte(carried))
	lost, _ := silentEvent("lost", time.Hour, "CATEGORIES:webhook:teem", "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER:PT0S", "END:VALARM")
	w.put(t, "lost.ics", []byte(lost))
	w.run("sync", "--wait").want(t, 0)

	w.run("reminder", "add", "attached", "--before", "10m", "--webhook", "team").want(t, 0, "attached ", "10m before → team", "will be sent ")
	w.run("reminder", "add", "attached", "--before", "40m", "--webhook", "TEAM").want(t, 0)
	w.run("reminder", "add", "attached", "--before", "10m", "--webhook", "teem").want(t, 6, `did you mean "team"?`)
	w.run("explain", "attached").want(t, 0, "attached:", "team (attached here)")
	w.run("explain", "carried").want(t, 0, "team (its #remind line)")
	w.run("explain", "lost").want(t, 0, `"teem"`, `did you mean "team"?`, "nowhere: nothing says which webhook")
	w.run("event", "list", "--unrouted").want(t, 0, "lost")
	w.run("webhook", "remove", "-y", "team").want(t, 2)

	// The one of 40 minutes before fires at once, the other one waits.
	got, err := w.chat.Wait(patient(t), 2)
	if err != nil {
		t.Fatal(err)
	}
	texts := got[0].Text + "\n" + got[1].Text
	if !strings.Contains(texts, "attached") || !strings.Contains(texts, "carried") || strings.Contains(texts, "#remind") {
		t.Errorf("posted %q", texts)
	}

	w.run("sync", "--wait").want(t, 0) // writes
	w.run("sync", "--wait").want(t, 0) // and reads what it wrote
	d := decode[types.EventDetail](t, w.run("explain", "attached", "-o", "json"))
	if len(d.Bindings) != 2 || d.Bindings[0].WrittenAt.IsZero() {
		t.Errorf("not written: %+v", d.Bindings)
	}
	// A VALARM by now, and one post all the same.
	if len(d.Next) != 1 || d.Next[0].Before != nil || !d.Next[0].Trigger.Equal(start.Add(-10*time.Minute)) || len(d.Next[0].Routes) != 1 {
		t.Errorf("it rings %+v", d.Next)
	}
	for _, b := range d.Bindings {
		w.run("reminder", "remove", "-y", string(b.ID)).want(t, 0)
	}
	w.run("sync", "--wait").want(t, 0)
	w.run("sync", "--wait").want(t, 0)
	d = decode[types.EventDetail](t, w.run("explain", "attached", "-o", "json"))
	if len(d.Bindings) != 0 || len(d.Next) != 0 {
		t.Errorf("not taken back: %+v, %+v", d.Bindings, d.Next)
	}
	w.run("reminder", "mute", "carried").want(t, 0, "muted")
	w.run("reminder", "unmute", "carried").want(t, 0, "it is not muted any more")
	w.only(2)
}
