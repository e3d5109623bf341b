package caldavtest_test

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calbell/caldav/caldavtest"
)

// vdirsyncer is the program that people else sync calendars to files with, on storage of its
// own. It is no dependency of the tests: where it is not installed its rows are left out.
type vdirsyncer struct{ dir string }

// newVdirsyncer makes it ready for its first sync of alice's calendar "team".
func newVdirsyncer(b *testing.B, r *caldavtest.Real, through string) vdirsyncer {
	b.Helper()
	v := vdirsyncer{b.TempDir()}
	conf := fmt.Sprintf("[general]\nstatus_path = %q\n[pair cal]\na = \"there\"\nb = \"here\"\ncollections = [\"team\"]\n"+
		"[storage there]\ntype = \"caldav\"\nurl = %q\nusername = %q\npassword = %q\n"+
		"[storage here]\ntype = \"filesystem\"\npath = %q\nfileext = \".ics\"\n",
		filepath.Join(v.dir, "status"), through, r.User, r.Password, filepath.Join(v.dir, "files"))
	if err := os.WriteFile(filepath.Join(v.dir, "conf"), []byte(conf), 0o600); err != nil {
		b.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(v.dir, "files", "team"), 0o700); err != nil {
		b.Fatal(err)
	}
	v.run(b, "discover")
	return v
}

func (v vdirsyncer) run(b *testing.B, verb string) time.Duration {
	b.Helper()
	began := time.Now()
	cmd := exec.CommandContext(b.Context(), "vdirsyncer", "--verbosity", "ERROR", "-c", filepath.Join(v.dir, "conf"), verb)
	cmd.Stdin = strings.NewReader(strings.Repeat("y\n", 10))
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("vdirsyncer %s: %v\n%s", verb, err, out)
	}
	return time.Since(began)
}

func (v vdirsyncer) files(b *testing.B) int {
	b.Helper()
	names, err := filepath.Glob(filepath.Join(v.dir, "files", "team", "*.ics"))
	if err != nil {
		b.Fatal(err)
	}
	return len(names)
}

// BenchmarkVdirsyncer10000 is P5's comparison: the same three syncs of 10,000 events, by us and by
// vdirsyncer in turns, through the same counting proxy. ours/theirs are the times of all
// rounds so far.
func BenchmarkVdirsyncer10000(b *testing.B) {
	if _, err := exec.LookPath("vdirsyncer"); err != nil {
		b.Skip("apt-get install -y vdirsyncer")
	}
	r, p, through := tenThousand(b)
	fresh := func() *account { return newAccount(b, aliceOf(r, through), through+"alice/team/") }
	fresh().sync(b) // Radicale reads every event once, and then keeps what it learnt
	var own, theirs [3]time.Duration
	names := [3]string{"first", "unchanged", "changed"}
	for round := 0; b.Loop(); round++ {
		a, v := fresh(), newVdirsyncer(b, r, through)
		for i, what := range names {
			if what == "changed" {
				a.changeOne(b, r, round)
			}
			_, _, took := a.sync(b)
			own[i] += took
			p.reset()
			took = v.run(b, "sync")
			theirs[i] += took
			b.ReportMetric(float64(p.requests.Load()), what+"-requests")
			b.ReportMetric(float64(p.bytes.Load()), what+"-bytes")
			b.ReportMetric(float64(took.Milliseconds()), what+"-ms")
			b.ReportMetric(own[i].Seconds()/theirs[i].Seconds(), what+"-ours/theirs")
		}
		if n := v.files(b); n != 10_000 || len(a.stored) != 10_000 {
			b.Fatalf("vdirsyncer has %d, we have %d", n, len(a.stored))
		}
	}
}

// changeOne changes an event on the server, under the name that Radicale gave it.
func (a *account) changeOne(b *testing.B, r *caldavtest.Real, round int) {
	b.Helper()
	for h := range a.stored {
		name := string(h[strings.LastIndexByte(string(h), '/')+1:])
		uid, err := url.PathUnescape(strings.TrimSuffix(name, ".ics"))
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Put(b.Context(), r.URL+"alice/team/"+name, []byte(caldavtest.Event(uid, fmt.Sprint("Changed ", round), ""))); err != nil {
			b.Fatal(err)
		}
		return
	}
}
