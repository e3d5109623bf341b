package bolt

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"calbell"
	"calbell/store"
	"calbell/store/storetest"
)

const pageSize = 4096

// TestTornCommits plays a power cut in the middle of every commit of a random walk. bbolt
// writes its data pages, waits for the disk, then writes one meta page. So whatever part
// of the data pages arrived, without the meta page the file must show the state before;
// with all of it, the state after; and with half a meta page, one of the two.
func TestTornCommits(t *testing.T) {
	seed := rand.Uint64()
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	rnd := rand.New(rand.NewPCG(seed, 2))
	s := newStore(t)
	step := storetest.Walk(t, s, seed)
	image, shown := readFile(t, s.path), storetest.Snapshot(t, s)
	torn := 0
	for range 50 {
		commits := s.data.Commits.Load()
		what := step()
		if n := s.data.Commits.Load() - commits; n > 1 {
			t.Errorf("%s: %d transactions", what, n)
		} else if n == 0 {
			continue
		}
		torn++
		next, shownNext := readFile(t, s.path), storetest.Snapshot(t, s)
		pages, meta := changed(image, next)
		rnd.Shuffle(len(pages), func(i, j int) { pages[i], pages[j] = pages[j], pages[i] })
		some := apply(image, next, pages[:rnd.IntN(len(pages)+1)])
		shows(t, what+", some pages", some, shown)
		all := apply(image, next, pages)
		shows(t, what+", all but the meta page", all, shown)
		half := bytes.Clone(all)
		copy(half[meta*pageSize:meta*pageSize+1+rnd.IntN(100)], next[meta*pageSize:])
		shows(t, what+", half a meta page", half, shown, shownNext)
		shows(t, what+", everything", apply(all, next, []int{meta}), shownNext)
		image, shown = next, shownNext
		if t.Failed() {
			return
		}
	}
	if torn < 10 {
		t.Errorf("only %d commits in the walk", torn)
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// changed lists the data pages in which two images differ, and the meta page that does.
func changed(before, after []byte) (pages []int, meta int) {
	for p := range len(after) / pageSize {
		from, to := p*pageSize, (p+1)*pageSize
		same := to <= len(before) && bytes.Equal(before[from:to], after[from:to])
		switch {
		case same:
		case p < 2:
			meta = p
		default:
			pages = append(pages, p)
		}
	}
	return pages, meta
}

// apply returns an image in which some pages are those of another; it has that one's length.
func apply(image, next []byte, pages []int) []byte {
	out := make([]byte, len(next))
	copy(out, image)
	for _, p := range pages {
		copy(out[p*pageSize:(p+1)*pageSize], next[p*pageSize:])
	}
	return out
}

// shows opens an image and compares what it shows with the states that are allowed.
func shows(t *testing.T, what string, image []byte, allowed ...any) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image.db")
	write(t, path, image, 0o600)
	s, err := open(path, testKey(), Options{NoSync: true}, restoring) // the journal stays where the file came from
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	defer s.Close()
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	got := storetest.Snapshot(t, s)
	if !slices.ContainsFunc(allowed, func(want any) bool { return cmp.Equal(got, want, cmpopts.EquateEmpty()) }) {
		t.Errorf("%s: shows another state:\n%s", what, cmp.Diff(allowed[0], got, cmpopts.EquateEmpty()))
	}
}

const killEnv = "CALBELL_TEST_KILL_DB"

// TestKilled kills a process that claims and finishes, and looks at what it left: all that
// it said was recorded is, and nothing is that it did not post.
func TestKilled(t *testing.T) {
	if path := os.Getenv(killEnv); path != "" {
		claimAndFinish(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "calbell.db")
	s := openAt(t, path)
	const reminders = 3000
	fill(t, s, reminders, 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	posted, recorded := make(map[string]int), make(map[string]bool)
	for round := range 6 {
		runAndKill(t, path, time.Duration(5+rand.IntN(80))*time.Millisecond, posted, recorded)
		s := openAt(t, path)
		if err := s.Check(t.Context()); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for id := range recorded {
			if d, err := s.Delivery(t.Context(), calbell.ReminderID(id)); err != nil || d.Status != calbell.StatusSent {
				t.Errorf("round %d: %s was recorded and is %s, %v", round, id, d.Status, err)
			}
		}
		sent, err := s.History(t.Context(), store.HistoryQuery{Limit: reminders})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range sent {
			if posted[string(d.ID)] == 0 {
				t.Errorf("round %d: %s is sent and was never posted", round, d.ID)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	twice := 0
	for _, n := range posted {
		twice += n - 1
	}
	t.Logf("%d posted, %d of them again, %d recorded", len(posted), twice, len(recorded))
	if twice > 6*batch {
		t.Errorf("%d posted again in 6 kills, at most %d are in flight at a time", twice, batch)
	}
	if len(recorded) == 0 {
		t.Error("nothing was recorded: the kills prove nothing")
	}
}

// batch is how many the child has in flight.
const batch = 16

// runAndKill runs the child for a while and takes in what it said.
func runAndKill(t *testing.T, path string, after time.Duration, posted map[string]int, recorded map[string]bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), killEnv+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var timer *time.Timer
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if timer == nil { // from its first word on
			timer = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
		switch verb, id, _ := strings.Cut(lines.Text(), " "); verb {
		case "post":
			posted[id]++
		case "recorded":
			recorded[id] = true
		}
	}
	_ = cmd.Wait() // killed, as it should be
	if timer == nil {
		t.Fatal("the child said nothing")
	}
	timer.Stop()
}

// claimAndFinish is the child: it says what it does until it is killed.
func claimAndFinish(t *testing.T, path string) {
	s := openAt(t, path)
	now := t0.Add(24 * time.Hour)
	if _, err := s.Recover(t.Context(), "w", now); err != nil {
		t.Fatal(err)
	}
	for {
		claims, err := s.Claim(t.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: batch})
		if err != nil || len(claims) == 0 {
			fmt.Println("end", err)
			return
		}
		var os []calbell.Outcome
		for _, c := range claims {
			fmt.Println("post " + string(c.ID))
			os = append(os, calbell.Outcome{ID: c.ID, Status: calbell.StatusSent})
		}
		if err := s.Finish(t.Context(), "w", os, nil, now); err != nil {
			t.Fatal(err)
		}
		for _, c := range claims {
			fmt.Println("recorded " + string(c.ID))
		}
	}
}
