package caldav_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"calbell/caldav/caldavtest"
)

// discovered does what a discovery does before a sync: it brings the token that the server states.
func (b *bench) discovered() {
	b.Helper()
	d, err := b.client.Discover(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.cal.StatedToken = ""
	for _, c := range d.Calendars {
		if c.Name == b.cal.Name {
			b.cal.StatedToken = c.StatedToken
		}
	}
	b.asked()
}

// quietly syncs after a discovery, and returns the number of requests.
func (b *bench) quietly() int {
	b.Helper()
	b.discovered()
	b.sync()
	if b.cal.StatedToken != "" {
		b.Error("what was stated once is believed for ever")
	}
	return len(b.asked())
}

// TestRestoredServerIsNoticed: a server that went back to a backup states a token other than the one
// that it answers by. What is there now is found with the next discovery, by one comparison.
func TestRestoredServerIsNoticed(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(5)
	b.sync()
	if n := b.quietly(); n != 1 {
		t.Errorf("%d requests without changes", n)
	}
	b.put("event-0.ics", "Changed before")
	if n := b.quietly(); n != 2 {
		t.Errorf("%d requests for a change", n)
	}
	b.server.Rewind(user, "team", 6)
	b.put("event-1.ics", "Changed after the restore")
	b.server.Delete(user, "team", "event-2.ics")
	if n := b.quietly(); n != 4 { // the token, the comparison, a multiget, a GET for what is absent
		t.Errorf("%d requests after the restore", n)
	}
	b.same()
	for range 3 {
		if n := b.quietly(); n != 1 {
			t.Errorf("%d requests after that", n)
		}
	}
	b.put("event-3.ics", "And on")
	if n := b.quietly(); n != 2 {
		t.Errorf("%d requests for the next change", n)
	}
	b.same()
}

// TestStatedTokenOfItsOwnKind: where the token that is stated has nothing to do with those that are
// answered, nothing is compared for it, or once.
func TestStatedTokenOfItsOwnKind(t *testing.T) {
	token := regexp.MustCompile(`(<sync-token[^>]*>)[^<]*(</sync-token>)`)
	for _, tt := range []struct {
		name   string
		state  func(n int) string
		agreed bool // it once stated the stored one
		most   int  // requests of five syncs without changes
	}{
		{"another form", func(int) string { return "data:,other" }, false, 5},
		{"another one each time", func(n int) string { return fmt.Sprintf("data:,%d", n) }, false, 5},
		{"another one each time, since today", func(n int) string { return fmt.Sprintf("data:,%d", n) }, true, 6},
		{"none", func(int) string { return "" }, true, 5},
		{"a long one", func(int) string { return strings.Repeat("x", 10_000) }, true, 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, caldavtest.Options{})
			b.fill(5)
			b.sync()
			if tt.agreed {
				b.quietly()
			}
			n, all := 0, 0
			b.play(b.rewrite("PROPFIND", "sync-token", func(s string) string {
				n++
				return token.ReplaceAllString(s, "${1}"+tt.state(n)+"${2}")
			}))
			b.asked()
			for range 5 {
				all += b.quietly()
			}
			if all != tt.most {
				t.Errorf("%d requests, want %d", all, tt.most)
			}
		})
	}
}
