package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/caldav/caldavtest"
)

// The main job, on real servers: an event is made, edited, moved, deleted, and the daemon
// stopped meanwhile.
func TestMainJob(t *testing.T) {
	long(t)
	t.Parallel()
	servers := map[string]func(caldavtest.TB) *caldavtest.Real{
		"radicale": caldavtest.StartRadicale, "xandikos": caldavtest.StartXandikos,
	}
	for name, begin := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := realWorld(t, begin(t))
			if name == "xandikos" { // it has one user, and asks for no password
				w.configure("username: alice", "username: user")
			}
			w.serve()
			mainJob(t, w)
		})
	}
}

// The main job on servers that are run when asked for alone, and what is attached there.
func TestMainJobOnServers(t *testing.T) {
	if os.Getenv("CALBELL_TEST_SERVERS") == "" {
		t.Skip("run it by: make test-servers")
	}
	servers := map[string]func(caldavtest.TB) *caldavtest.Real{
		"davical": caldavtest.StartDAViCal, "sabre": caldavtest.StartSabreDAV, "sogo": caldavtest.StartSOGo,
	}
	for name, begin := range servers {
		t.Run(name, func(t *testing.T) {
			w := realWorld(t, begin(t))
			w.serve()
			mainJob(t, w)
		})
		t.Run(name+", attached", func(t *testing.T) {
			w := realWorld(t, begin(t))
			writesBack(w)
			w.serve()
			attaching(t, w)
		})
	}
}

func mainJob(t *testing.T, w *world) {
	w.sync()
	review := ahead("review@example.org", "Review", 6*time.Second)
	w.add(review)
	dropped := ahead("dropped@example.org", "Dropped", 12*time.Second)
	w.add(dropped)
	w.remove(t, dropped.uid+".ics")
	w.sync()
	w.arrives(1, review)

	edited := review
	edited.title = "Review of the release"
	w.add(edited)
	w.sync()
	moved := ahead(review.uid, edited.title, 2*time.Second)
	w.add(moved)
	w.arrives(2, moved) // not the edited one at its old time, and not what was deleted

	w.stop()
	w.serve()
	last := ahead("last@example.org", "Last", 2*time.Second)
	w.add(last)
	w.arrives(3, last)
	w.only(3)

	down := ahead("down@example.org", "Due while down", 5*time.Second)
	w.add(down)
	w.stop()
	until(t, down.due.Add(time.Second))
	w.only(3)
	w.serve()
	w.arrives(4, down)
	until(t, dropped.due.Add(time.Second))
	w.stop()
	w.only(4)
}

// What is new in a calendar that was synced before fires late when it was due a moment
// ago, and says so; what a first sync finds does not.
func TestLateAndQuiet(t *testing.T) {
	long(t)
	t.Parallel()
	w := radicaleWorld(t)
	past := func(uid, title string) entry {
		e := ahead(uid, title, -12*time.Minute-30*time.Second) // half a minute for a slow machine
		e.start = e.due.Add(20 * time.Minute)
		return e
	}
	old := past("old@example.org", "Old")
	w.put(t, "old.ics", old.ics())
	w.serve()
	w.sync()
	late := past("late@example.org", "Late")
	w.add(late)
	got, err := w.chat.Wait(patient(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if want := late.text() + "\n(12 min late)"; got[0].Text != want {
		t.Errorf("got %q, want %q", got[0].Text, want)
	}
	begun := past("begun@example.org", "Has begun")
	begun.start = begun.due.Add(10 * time.Minute)
	w.add(begun)
	next := ahead("next@example.org", "Next", time.Second)
	w.add(next)
	w.arrives(2, next)
	w.only(2)
}

// The only event of a calendar is deleted: what is left is an empty calendar, which is as
// believable as any other, and silent from the next sync on.
func TestOnlyEventDeleted(t *testing.T) {
	long(t)
	t.Parallel()
	w := radicaleWorld(t)
	w.serve()
	w.sync()
	e := ahead("only@example.org", "Only", 5*time.Second)
	w.add(e)
	w.remove(t, e.uid+".ics")
	w.sync()
	until(t, e.due.Add(time.Second))
	w.run("status").want(t, 0, "home/team: synced")
	w.stop()
	w.only(0)
}

// Reminders go on from the store when the calendar server is gone.
func TestServerGone(t *testing.T) {
	long(t)
	t.Parallel()
	server := caldavtest.StartRadicale(t)
	w := realWorld(t, server)
	w.serve()
	w.sync()
	e := ahead("stored@example.org", "Stored", 5*time.Second)
	w.add(e)
	server.Stop()
	a := w.run("sync", "--wait").want(t, int(calbell.KindUnreachable), `account "home": cannot reach 127.0.0.1:`, "connection refused")
	if !strings.Contains(a.err, "\n  ") {
		t.Errorf("no hint: %s", a.err)
	}
	w.run("status").want(t, 0, "home/team: failing since", "cannot reach")
	w.arrives(1, e)

	if err := server.Start(patient(t)); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.run("status").want(t, 0, "home/team: synced")
	w.daemon.waitFor(t, 1, "account works again")
	w.only(1)
}

// A refused sign-in is told with the next step, and the other account goes on.
func TestSignInRefused(t *testing.T) {
	long(t)
	t.Parallel()
	server := caldavtest.StartRadicale(t)
	w := memoryWorld(t)
	w.configure("accounts:\n", "accounts:\n  - name: away\n    url: "+server.URL+"\n    username: alice\n    password: wrong-password\n")
	w.serve()
	w.daemon.waitFor(t, 1, `sign-in refused (401) by `)
	w.daemon.waitFor(t, 1, "hint=")
	a := w.run("sync", "--wait").want(t, int(calbell.KindPartly), `account "away": sign-in refused (401)`, `as "alice"`)
	if !strings.Contains(a.err, "\n  ") {
		t.Errorf("no hint: %s", a.err)
	}
	e := ahead("on@example.org", "On", 2*time.Second)
	w.put(t, "on.ics", e.ics())
	w.run("sync", "--wait").want(t, int(calbell.KindPartly))
	w.arrives(1, e)
	if text := w.daemon.errOut.String(); strings.Contains(text, "wrong-password") {
		t.Error("the password is in the log")
	}
}
