package caldav

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"calbell"
)

// However much one owner holds, something is left for the next: of a budget of 120, one gets
// 60, the second 30 of the rest, and so on.
func TestBudgetIsShared(t *testing.T) {
	b := NewBudget(120)
	for i, want := range []int64{60, 30, 15, 7, 4} {
		owner := fmt.Sprint(i)
		got := int64(0)
		for b.take(owner, 1) {
			got++
		}
		if got != want {
			t.Errorf("owner %d got %d, want %d", i, got, want)
		}
	}
	b.give("0", 60)
	if !b.take("5", 20) || b.take("5", 1000) {
		t.Error("what was given back is not there, or more than that")
	}
	for owner, n := range b.byOwner {
		b.give(owner, n)
	}
	if b.used != 0 || len(b.byOwner) != 0 {
		t.Errorf("%d are in use by %v", b.used, b.byOwner)
	}
}

// Small answers are not refused, whatever is in use; and a hold gives back what it took.
func TestHold(t *testing.T) {
	b := NewBudget(4 << 20)
	small, large, other := &hold{budget: b, owner: "a"}, &hold{budget: b, owner: "a"}, &hold{budget: b, owner: "b"}
	if err := large.add(2<<20 + freeBytes); err != nil {
		t.Fatal(err)
	}
	var busy *busyError
	if err := large.add(1 << 20); !errors.As(err, &busy) || !strings.Contains(err.Error(), "may take 4 MiB") {
		t.Errorf("more than half: %v", err)
	}
	if err := small.add(freeBytes); err != nil {
		t.Errorf("a small answer: %v", err)
	}
	if err := other.add(freeBytes + 1<<20); err != nil {
		t.Errorf("of another owner: %v", err)
	}
	if err := errors.Join(large.reach(1), large.reach(2<<20)); err != nil || large.need != 2<<20+freeBytes {
		t.Errorf("what is counted already: %v, %d", err, large.need)
	}
	for _, h := range []*hold{small, large, other, nil} {
		if h != nil {
			h.release()
		}
	}
	if b.used != 0 || len(b.byOwner) != 0 {
		t.Errorf("%d are in use by %v", b.used, b.byOwner)
	}
	if (&hold{}).add(1<<40) != nil || (*hold)(nil).add(1) != nil {
		t.Error("without a budget, or a hold, there is a bound")
	}
}

// budgetClient returns a client of a server that answers by serve, and its budget.
func budgetClient(t *testing.T, size int64, serve http.HandlerFunc) (*Client, *Budget) {
	t.Helper()
	s := httptest.NewServer(serve)
	t.Cleanup(s.Close)
	b := NewBudget(size)
	c, err := New(calbell.Account{Name: "x", URL: s.URL + "/cal/"}, Options{Budget: b, Batch: 64})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdle)
	return c, b
}

func multistatusOf(w http.ResponseWriter, inside string) {
	w.WriteHeader(http.StatusMultiStatus)
	_, _ = w.Write([]byte(`<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">` + inside + "<d:sync-token>t</d:sync-token></d:multistatus>"))
}

// Half a list of calendars is none: those that are not in it would look as if they were gone.
func TestHalfAListOfCalendars(t *testing.T) {
	c, _ := budgetClient(t, 8<<20, func(w http.ResponseWriter, r *http.Request) {
		entry := `<d:response><d:href>/cal/%d/</d:href><d:propstat><d:prop><d:resourcetype><d:collection/><c:calendar/></d:resourcetype></d:prop></d:propstat></d:response>`
		if r.Header.Get("Depth") == "0" {
			multistatusOf(w, `<d:response><d:href>/cal/</d:href><d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop></d:propstat></d:response>`)
			return
		}
		multistatusOf(w, fmt.Sprintf(entry, 1)+fmt.Sprintf(entry, 2)+"<d:response>"+strings.Repeat("<d:x/>", 20_000))
	})
	d, err := c.Discover(t.Context())
	if err == nil || len(d.Calendars) > 0 {
		t.Errorf("found %d, %v", len(d.Calendars), err)
	}
}
