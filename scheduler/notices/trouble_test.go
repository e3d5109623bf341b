package notices

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"calbell"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// What is told of accounts and calendars, look by look, two hours apart.
func TestTroubles(t *testing.T) {
	cal := func(name, reason string, since time.Duration) calbell.Calendar {
		c := calbell.Calendar{Account: "home", Name: name, LastError: calbell.Plain(reason)}
		if reason != "" {
			c.FailingSince = noon.Add(since)
		}
		return c
	}
	type look struct {
		calendars []calbell.Calendar
		account   bool // says that it fails
		want      []string
	}
	a, b := cal("A", "", 0), cal("B", "", 0)
	badA, badB := cal("A", "403", 0), cal("B", "down", 0)
	for name, looks := range map[string][]look{
		"one calendar":           {{[]calbell.Calendar{badA, b}, false, []string{"failing home/A"}}, {[]calbell.Calendar{badA, b}, false, nil}, {[]calbell.Calendar{a, b}, false, []string{"recovered home/A"}}},
		"a removed calendar":     {{[]calbell.Calendar{badA, b}, false, []string{"failing home/A"}}, {[]calbell.Calendar{b}, false, nil}},
		"a removed account":      {{[]calbell.Calendar{badA, badA}, true, []string{"failing home"}}, {nil, false, nil}},
		"then its account":       {{[]calbell.Calendar{badA, b}, false, []string{"failing home/A"}}, {[]calbell.Calendar{badA, badB}, true, []string{"failing home"}}, {[]calbell.Calendar{badA, b}, false, []string{"recovered home"}}, {[]calbell.Calendar{a, b}, false, []string{"recovered home/A"}}},
		"one after the other":    {{[]calbell.Calendar{cal("A", "down", 0), badB}, true, []string{"failing home"}}, {[]calbell.Calendar{cal("A", "down", 0), b}, false, nil}, {[]calbell.Calendar{a, b}, false, []string{"recovered home"}}},
		"all for one reason":     {{[]calbell.Calendar{cal("A", `calendar "A": down`, 0), cal("B", `calendar "B": down`, 0)}, false, []string{"failing home"}}},
		"all, each for its own":  {{[]calbell.Calendar{badA, badB}, false, []string{"failing home/A", "failing home/B"}}},
		"not yet for long":       {{[]calbell.Calendar{cal("A", "down", 90*time.Minute), b}, false, nil}},
		"long for one, not both": {{[]calbell.Calendar{cal("A", "down", 0), cal("B", "down", 90*time.Minute)}, false, nil}},
	} {
		tr := &troubles{begun: map[trouble]time.Time{}}
		for i, l := range looks {
			now := noon.Add(time.Duration(i+1) * 2 * time.Hour)
			var failing []calbell.AccountFailure
			if l.account {
				failing = []calbell.AccountFailure{{Account: "home", Since: noon.Add(time.Hour), Err: fmt.Errorf("down")}}
			}
			tr.news = nil
			tr.failing(accountsOf(l.calendars, failing), now)
			var got []string
			for _, n := range tr.news {
				got = append(got, string(n.Kind)+" "+n.Subject)
			}
			if slices.Sort(got); !slices.Equal(got, l.want) {
				t.Errorf("%s, look %d: told %q, want %q", name, i+1, got, l.want)
			}
		}
	}
}
