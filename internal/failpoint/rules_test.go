package failpoint

import (
	"errors"
	"syscall"
	"testing"
	"time"
)

// A rule names a place, an action, and at which times it acts.
func TestParse(t *testing.T) {
	rules, err := Parse("finish:after=exit@3; write-journal:before=error(ENOSPC)*5 ;post-written=sleep(50ms)*;post:before=panic@2*2;")
	if err != nil || len(rules) != 4 {
		t.Fatalf("%d rules, %v", len(rules), err)
	}
	want := []Rule{
		{Place: Place{Finish, AfterIt}, Action: Exit, From: 3, Times: 1},
		{Place: Place{WriteJournal, BeforeIt}, Action: Error, Err: syscall.ENOSPC, From: 1, Times: 5},
		{Place: Place{PostWritten, AtIt}, Action: Sleep, For: 50 * time.Millisecond, From: 1},
		{Place: Place{Post, BeforeIt}, Action: Panic, From: 2, Times: 2},
	}
	for i, w := range want {
		if got := *rules[i]; got != w {
			t.Errorf("rule %d is %+v, want %+v", i, got, w)
		}
	}
}

// A rule that would never act, or not as written, is refused: its test would prove nothing.
func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"finish:after", "finish=exit", "nowhere:before=exit", "post-written:before=exit", "finish:after=", "finish:after=stop",
		"finish:after=exit(1)", "finish:after=sleep", "finish:after=sleep(x)", "finish:after=sleep(-1s)", "finish:after=sleep(1s",
		"finish:after=error", "finish:after=error(EWHAT)", "finish:after=error ENOSPC)", "post-written=error(EIO)",
		"finish:after=exit@0", "finish:after=exit@", "finish:after=exit@x", "finish:after=exit*0", "finish:after=exit*-1",
	} {
		if rules, err := Parse(text); err == nil {
			t.Errorf("%q gives %+v", text, *rules[0])
		}
	}
}

func TestRuleActs(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"beat:before=exit", "x----"},
		{"beat:before=exit@3", "--x--"},
		{"beat:before=exit@2*2", "-xx--"},
		{"beat:before=exit@4*", "---xx"},
	} {
		rules, err := Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for range len(c.want) {
			if rules[0].acts() {
				got += "x"
			} else {
				got += "-"
			}
		}
		if got != c.want {
			t.Errorf("%q acts %s, want %s", c.text, got, c.want)
		}
	}
}

// Each error that a rule can name is one that the program knows by errors.Is.
func TestErrorsOfRules(t *testing.T) {
	for name, want := range map[string]error{
		"ENOSPC": syscall.ENOSPC, "EIO": syscall.EIO, "EROFS": syscall.EROFS,
		"ECONNREFUSED": syscall.ECONNREFUSED, "ECONNRESET": syscall.ECONNRESET, "ETIMEDOUT": syscall.ETIMEDOUT,
	} {
		if got := errnoOf(name); !errors.Is(got, want) {
			t.Errorf("%s is %v", name, got)
		}
	}
}

// The shipped functions do nothing. What they cost, to be compared with an empty loop:
// go test ./internal/failpoint -bench .
func TestOff(t *testing.T) {
	if testing.AllocsPerRun(100, func() {
		At(PostWritten)
		if Before(Finish) != nil || After(Finish) != nil {
			t.Error("a place failed, and nobody switched it on")
		}
	}) != 0 {
		t.Error("a place allocates")
	}
}

// BenchmarkPlaces passes three places a turn; BenchmarkNothing none. Not by b.Loop, which may keep
// calls from being inlined.
func BenchmarkPlaces(b *testing.B) {
	for range b.N {
		At(PostWritten)
		if Before(Finish) != nil || After(Finish) != nil {
			b.Fatal("it failed")
		}
	}
}

func BenchmarkNothing(b *testing.B) {
	for range b.N {
	}
}
