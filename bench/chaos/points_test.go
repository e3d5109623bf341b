package chaos

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"calbell/internal/failpoint"
)

// Failures and ends at the places that matter most, while the calendar is edited and reminders fall
// due: nothing lost, nothing early, no repeat without its mark, nothing that nobody planned. It has
// the same seed each time.
func TestFailPoints(t *testing.T) {
	t.Parallel()
	w := newPointWorld(t, 1)
	w.launchWith("snapshot:before=error(EIO)")
	w.ready()
	if !w.sync() { // of an empty calendar: the first sync is quiet
		t.Fatalf("the first sync failed:\n%s", w.daemon.log)
	}
	w.kill()
	// Each line is the rules of one run, which it does not survive. One that acts at the start finds
	// what the run before it left.
	for _, rules := range []string{
		"snapshot:before=exit",
		"snapshot:after=exit",
		"post-written=exit@5",
		"finish:before=exit",
		"finish:after=exit@2",
		"claim:after=exit@2",
		"apply:before=exit@2",
		"write-journal:after=exit@2",
		"apply:after=exit",
		"post:after=exit",
		"recover:after=exit",
		"claim:before=exit",
	} {
		w.launchWith(rules)
		if !w.untilActed() {
			t.Fatalf("the daemon goes on after %q:\n%s", rules, w.daemon.log)
		}
	}
	// What fails in the last run is put right in it: nothing comes to the rescue.
	const failures = "claim:before=error(EIO)@2;claim:after=error(EIO)@2;finish:before=error(EIO);finish:after=error(EIO)@3;" +
		"post:before=error(ECONNREFUSED)*3;post:after=error(ECONNRESET)*2;post-written=sleep(50ms)*20;" +
		"write-journal:before=error(ENOSPC);write-journal:after=error(EIO);apply:before=error(EIO);apply:after=error(EIO)"
	w.launchWith("")
	w.ready()
	if err := w.switchOn(failures); err != nil || w.untilActed() {
		t.Fatalf("failures ended the daemon:\n%s", w.daemon.log)
	}
	w.finish()
}

// The program that people build has no fail points: no function of theirs, no name of a place, no
// variable that switches one on. The one that is built with them has all of it, else nothing was
// looked for.
func TestShippedHasNoFailPoints(t *testing.T) {
	t.Parallel()
	with, without := traces(t, programWithPoints(t)), traces(t, program(t))
	if len(without) > 0 {
		t.Errorf("the program that people build has %q", without)
	}
	if want := len(pointTraces()); len(with) != want {
		t.Errorf("the program with fail points has %d of %d traces of them: %q", len(with), want, with)
	}
}

// pointTraces are texts that only a program with fail points has: its functions' names begin so,
// its variables, and those names of places that are no words of the program.
func pointTraces() []string {
	all := []string{"calbell/internal/failpoint", "CALBELL_FAILPOINTS"}
	for _, p := range failpoint.Points() {
		if strings.Contains(failpoint.Name(p), "-") {
			all = append(all, failpoint.Name(p))
		}
	}
	return all
}

// traces returns which of them a program has.
func traces(t *testing.T, path string) (found []string) {
	t.Helper()
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range pointTraces() {
		if bytes.Contains(image, []byte(text)) {
			found = append(found, text)
		}
	}
	return found
}
