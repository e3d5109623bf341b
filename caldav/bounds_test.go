//go:build !race

package caldav

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"calbell"
)

// A listing for which there is no memory ends the run with words for people, as a fault of one
// calendar and not of its account; nothing is deleted for it, and the budget is whole again.
func TestBusyListing(t *testing.T) {
	var listing strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&listing, `<d:response><d:href>/cal/%d.ics</d:href><d:propstat><d:prop><d:getetag>"1"</d:getetag></d:prop></d:propstat></d:response>`, i)
	}
	c, b := budgetClient(t, 8<<20, func(w http.ResponseWriter, _ *http.Request) { multistatusOf(w, listing.String()) })
	known := func() (map[calbell.Href]calbell.ETag, error) {
		return map[calbell.Href]calbell.ETag{"/cal/old.ics": "1"}, nil
	}
	err := c.Changes(t.Context(), calbell.Calendar{Name: "Team", URL: c.start.String()}, known, func(batch Batch) error {
		t.Errorf("a batch with %d objects, %d deleted", len(batch.Objects), len(batch.Deleted))
		return nil
	})
	var told *calbell.Error
	if !errors.As(err, &told) || told.Account || told.Hint.IsZero() || !strings.Contains(err.Error(), `calendar "Team": there is no memory`) {
		t.Errorf("got %#v", err)
	}
	if b.used != 0 {
		t.Errorf("%d bytes stay in use", b.used)
	}
}

// Large objects come in batches that end early, so that a calendar of any size needs the memory
// of a few of them.
func TestBatchesEndByTheirSize(t *testing.T) {
	const n, size = 12, 1 << 20
	text := "BEGIN:VCALENDAR\n" + strings.Repeat("x", size) + "\nEND:VCALENDAR\n"
	for _, multiget := range []bool{true, false} {
		c, b := budgetClient(t, 64<<20, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodGet:
				_, _ = w.Write([]byte(text))
			case r.ContentLength > 500 && !multiget: // only a multiget has a long body
				w.WriteHeader(http.StatusForbidden)
			default:
				var all strings.Builder
				for i := range n {
					fmt.Fprintf(&all, `<d:response><d:href>/cal/%d.ics</d:href><d:propstat><d:prop><d:getetag>"1"</d:getetag>`, i)
					if r.ContentLength > 500 {
						all.WriteString("<c:calendar-data>" + text + "</c:calendar-data>")
					}
					all.WriteString(`</d:prop></d:propstat></d:response>`)
				}
				multistatusOf(w, all.String())
			}
		})
		got, most := 0, 0
		err := c.Changes(t.Context(), calbell.Calendar{Name: "Team", URL: c.start.String()}, func() (map[calbell.Href]calbell.ETag, error) { return nil, nil }, func(batch Batch) error {
			bytes := 0
			for _, o := range batch.Objects {
				bytes += len(o.Raw)
				if !o.Problem.IsZero() {
					t.Errorf("%s: %s", o.Href, o.Problem)
				}
			}
			got, most = got+len(batch.Objects), max(most, bytes)
			return nil
		})
		if err != nil || got != n || most > maxBatchBytes+size+100 {
			t.Errorf("multiget %v: %d objects, %d MB at most in a batch, %v", multiget, got, most>>20, err)
		}
		if b.used != 0 {
			t.Errorf("multiget %v: %d bytes stay in use", multiget, b.used)
		}
	}
}
