package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"calbell/api/types"
	"calbell/webhook/webhooktest"
)

// What was given up can be sent again: by its ID, or all of a webhook since a time.
func TestResend(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	w.sync()
	w.chat.Always(webhooktest.Status(413, "too large"))
	for _, uid := range []string{"a@example.org", "b@example.org", "c@example.org"} {
		w.put(t, uid+".ics", ahead(uid, "Dead "+uid, time.Second).ics())
	}
	w.sync()
	eventually(t, "all are given up", func() bool { return len(w.deliveries("--status", "dead")) == 3 })
	dead := w.deliveries("--status", "dead")
	w.run("delivery", "show", string(dead[0].ID)).want(t, 0, "dead", "message refused in", "413 too large")

	w.chat.Always(webhooktest.OK())
	w.run("delivery", "resend", string(dead[0].ID)).want(t, 0, "1 delivery queued to be sent again")
	if _, err := w.chat.Wait(patient(t), 4); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is sent", func() bool { return len(w.deliveries("--status", "sent")) == 1 })
	w.run("delivery", "show", string(dead[0].ID)).want(t, 0, "413 too large", "accepted in")

	w.run("delivery", "resend", "--webhook", "team", "--since", "1h").want(t, 2, "--yes")
	w.run("delivery", "resend", "--webhook", "team", "--since", "1h", "-y").want(t, 0, "2 deliveries queued to be sent again")
	eventually(t, "all are sent", func() bool { return len(w.deliveries("--status", "sent")) == 3 })
	w.run("delivery", "resend", "--webhook", "team", "--since", "1h", "-y").want(t, 0, "nothing to send again")
	if n := len(w.chat.Requests()); n != 6 {
		t.Errorf("%d requests, want three that were refused and three that were not", n)
	}
	w.stop()
}

// What may not be sent again is refused with the reason, and then nothing is.
func TestResendRefused(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	w.sync()
	gone := ahead("gone@example.org", "Gone", time.Hour)
	w.add(gone)
	w.add(ahead("planned@example.org", "Planned", time.Hour))
	w.remove(t, gone.uid+".ics")
	w.sync()
	cancelled := w.deliveries("--status", "cancelled")
	planned := w.deliveries("--status", "planned")
	if len(cancelled) != 1 || len(planned) != 1 {
		t.Fatalf("cancelled %+v, planned %+v", cancelled, planned)
	}
	w.run("delivery", "resend", string(cancelled[0].ID)).want(t, 2, "was cancelled", "add it in the calendar again")
	w.run("delivery", "resend", string(planned[0].ID)).want(t, 2, "has not ended: it is planned")
	w.run("delivery", "resend", "-y", string(planned[0].ID), "nothing").want(t, 2)
	w.run("delivery", "resend", "nothing").want(t, 6)
	w.run("delivery", "resend").want(t, 2, "--webhook and --since")
	w.run("delivery", "resend", "--webhook", "team").want(t, 2, "--since")
	w.run("delivery", "resend", "--webhook", "team", "--since", "1h", "--status", "cancelled", "-y").want(t, 2, "cancelled")
	w.run("delivery", "resend", "--webhook", "none", "--since", "1h", "-y").want(t, 6)
	w.stop()
	if n := len(w.chat.Requests()); n != 0 {
		t.Errorf("%d messages were posted", n)
	}
}

// A backup made while the daemon runs can be put back when it is stopped; what was sent
// since is not sent again.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	w.sync()
	w.run("check", "--store").want(t, 0, "the database is sound")
	later := ahead("later@example.org", "Later", 4*time.Second)
	w.add(later)
	w.run("backup", filepath.Join(w.dir, "b.db")).want(t, 0, "b.db: ", "of no use without the key")
	info, err := os.Stat(filepath.Join(w.dir, "b.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup: %v, %v", info, err)
	}
	w.run("backup", filepath.Join(w.dir, "b.db")).want(t, 2, "exists", "--force")
	w.run("backup", "--force", filepath.Join(w.dir, "b.db")).want(t, 0)
	w.run("backup", filepath.Join(w.dir, "missing", "b.db")).want(t, 1, "missing")
	w.run("restore", "b.db", "-y").want(t, 10)
	w.arrives(1, later)
	eventually(t, "it is recorded", func() bool { return len(w.deliveries("--status", "sent")) == 1 })
	w.stop()

	w.run("check", "--store").want(t, 0, "the database is sound")
	w.run("restore", "nothing.db", "-y").want(t, 6)
	w.run("restore", "b.db").want(t, 2, "backup:", "b.db", "--yes")
	w.run("restore", "b.db", "-y").want(t, 0, "restored", "1 reminder ended since", "the database of before is")
	w.run("check", "--store").want(t, 0, "the database is sound")
	w.serve()
	w.sync()
	if d := w.deliveries("--status", "planned"); len(d) != 0 {
		t.Errorf("planned again: %+v", d)
	}
	w.stop()
	w.only(1)
	left, err := filepath.Glob(filepath.Join(w.dir, ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// A backup that is copied into place by hand is as good as a restored one while the list of what
// was sent is there; without it, what may have been sent says so.
func TestBackupCopiedIntoPlace(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	w.sync()
	later := ahead("later@example.org", "Later", 4*time.Second)
	w.add(later)
	w.run("backup", filepath.Join(w.dir, "b.db")).want(t, 0)
	w.arrives(1, later)
	eventually(t, "it is recorded", func() bool { return len(w.deliveries("--status", "sent")) == 1 })
	w.stop()

	w.write("calbell.db", w.read("b.db"))
	w.serve()
	w.sync()
	w.run("status").want(t, 0, "the database is an older copy", "not sent again: 1")
	if d := w.deliveries("--status", "planned,waiting,in_flight"); len(d) != 0 {
		t.Errorf("under way again: %+v", d)
	}
	w.stop()
	w.only(1)

	w.write("calbell.db", w.read("b.db"))
	if err := os.Remove(filepath.Join(w.dir, "calbell.db.sent")); err != nil {
		t.Fatal(err)
	}
	w.serve()
	got, err := w.chat.Wait(patient(t), 2)
	if err != nil {
		t.Fatal(err)
	}
	if got[1].ID != got[0].ID || !strings.Contains(got[1].Text, "(possible repeat)") {
		t.Errorf("posted %q again", got[1].Text)
	}
	w.run("status").want(t, 0, "the list of what was sent", "possible repeat")
	w.stop()
}

// A damaged database is told of line by line, with exit code 1.
func TestCheckStoreFindsDamage(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	w.sync()
	for i := range 40 {
		uid := fmt.Sprintf("e%d@example.org", i)
		w.put(t, uid+".ics", ahead(uid, strings.Repeat("Title ", 40), time.Hour).ics())
	}
	w.sync()
	w.stop()
	path := filepath.Join(w.dir, "calbell.db")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096 // bbolt's
	for at := 0; at+page <= len(data); at += page {
		// The pages by which the file is known to be a database, and Calbell's: bbolt's two, and those
		// with the names of buckets and of the rows in meta, of which bbolt may have kept older copies.
		if at < 2*page || bytes.Contains(data[at:at+page], []byte("deliveries")) || bytes.Contains(data[at:at+page], []byte("lineage")) {
			continue
		}
		for off := 1000; off < page; off += 300 { // a page is half empty after a split
			data[at+off] ^= 0xff
		}
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	a := w.run("check", "--store")
	if a.code != 1 || !strings.Contains(a.err, "damaged") {
		t.Fatalf("exit code %d:\n%s%s", a.code, a.out, a.err)
	}
}

// A database that is gone, or was emptied, is said loudly: nothing else would show it.
func TestLostDatabase(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	if strings.Contains(w.daemon.errOut.String(), "trouble") {
		t.Errorf("a first start is in trouble:\n%s", w.daemon.errOut)
	}
	w.stop()
	path := filepath.Join(w.dir, "calbell.db")
	for _, lose := range []func() error{
		func() error { return os.Truncate(path, 0) },
		func() error { return os.Remove(path) },
	} {
		if err := lose(); err != nil {
			t.Fatal(err)
		}
		w.serve()
		w.daemon.waitFor(t, 1, `level=ERROR msg=trouble about="the database is new"`)
		w.run("status").want(t, 0, "trouble: the database is new")
		w.stop()
	}
}

// A storm of SIGHUPs is answered by some reloads, the last of which sees the last file.
func TestReloadStorm(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	w.sync()
	for i := range 100 {
		w.configure(map[bool]string{true: "**%subject%**", false: "New: %subject%"}[i%2 == 0], map[bool]string{true: "New: %subject%", false: "**%subject%**"}[i%2 == 0])
		w.daemon.signal(t, syscall.SIGHUP)
	}
	w.configure("**%subject%**", "Last: %subject%")
	w.daemon.signal(t, syscall.SIGHUP)
	e := ahead("storm@example.org", "Storm", 3*time.Second)
	w.add(e)
	got, err := w.chat.Wait(patient(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got[0].Text, "Last: Storm, ") {
		t.Errorf("got %q: the last file is not in force", got[0].Text)
	}
	w.stop()
	n := strings.Count(w.daemon.errOut.String(), "configuration reloaded")
	if n < 1 || n > 101 {
		t.Errorf("%d reloads", n)
	}
	t.Logf("101 signals, %d reloads", n)
}

// A daemon that is told to end does so in order, whatever it is doing: while it starts, while
// it reloads, and told twice.
func TestStopAtAnyTime(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	for i := range 8 {
		w.daemon = start(t, w.dir, "serve", "-c", "config.yaml")
		if i%2 == 0 {
			w.daemon.waitFor(t, 1, "msg=ready")
			w.daemon.signal(t, syscall.SIGHUP)
		} else {
			until(t, time.Now().Add(time.Duration(20*i)*time.Millisecond))
		}
		w.daemon.signal(t, syscall.SIGTERM)
		if i%4 < 2 {
			_ = w.daemon.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		}
		select {
		case <-w.daemon.ended:
		case <-time.After(patience):
			t.Fatal("the daemon does not end")
		}
		ready := strings.Contains(w.daemon.errOut.String(), "msg=ready")
		// Before the program looks at signals, SIGTERM ends it at once; nothing has begun then.
		if w.daemon.err != nil && (ready || w.daemon.errOut.String() != "") {
			t.Errorf("round %d, ready %v: %v\n%s", i, ready, w.daemon.err, w.daemon.errOut)
		}
	}
	w.run("check", "--store").want(t, 0, "the database is sound")
}

// Told to end again and again while a post is under way, a daemon waits for its answer and
// records it; Ctrl-C again is somebody's who does not want to wait.
func TestToldToEndAgain(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	twice := func(s os.Signal, uid string, n int) error {
		w.serve()
		w.sync()
		release := make(chan struct{})
		w.chat.Script(webhooktest.Held(release, webhooktest.OK()))
		w.add(ahead(uid, uid, 2*time.Second))
		if _, err := w.chat.Wait(patient(t), n); err != nil {
			t.Fatal(err)
		}
		w.daemon.signal(t, s)
		w.daemon.waitFor(t, 1, "msg=stopping")
		for again := range 10 {
			until(t, time.Now().Add(100*time.Millisecond)) // as fast as people press
			_ = w.daemon.cmd.Process.Signal(s)             // it may have ended
			if again == 2 && s == syscall.SIGTERM {
				close(release)
			}
		}
		select {
		case <-w.daemon.ended:
		case <-time.After(patience):
			t.Fatal("the daemon does not end")
		}
		return w.daemon.err
	}
	if err := twice(syscall.SIGTERM, "term@example.org", 1); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, w.daemon.errOut)
	}
	if err := twice(os.Interrupt, "int@example.org", 2); err == nil {
		t.Errorf("Ctrl-C: it waited\n%s", w.daemon.errOut)
	}
	w.serve()
	recorded := func(d types.DeliveryRow) bool { return d.Subject == "term@example.org" && d.Attempts == 1 }
	if d := w.deliveries("--status", "sent"); !slices.ContainsFunc(d, recorded) {
		t.Errorf("sent: %+v", d)
	}
}

// A start that cannot listen says where and what to do, and leaves nothing behind that
// hinders the next one.
func TestCannotListen(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	good := w.read("config.yaml")
	taken := strings.TrimPrefix(w.chat.Addr(), "http://")
	w.write("config.yaml", strings.Replace(good, "127.0.0.1:0", taken, 1))
	w.run("serve").want(t, 1, "listen on "+taken, "address already in use", "server.listen")
	w.write("config.yaml", strings.Replace(good, "socket: calbell.sock", "socket: nowhere/calbell.sock", 1))
	w.run("serve").want(t, 1, "nowhere/calbell.sock", "make the folder")
	w.write("config.yaml", good)
	w.serve()
	w.stop()
}
