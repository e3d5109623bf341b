//go:build !race

package caldav_test

import (
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
)

// TestRunTimeout: a server that always answers just in time does not hold a run for ever;
// what was handed over before is kept, and the next run goes on from there.
func TestRunTimeout(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(40)
	b.play(func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-r.Context().Done():
		}
		return false
	})
	b.client = b.newClient(caldav.Options{Batch: 1, RunTimeout: 1500 * time.Millisecond})
	began := time.Now()
	_, err := b.try()
	if calbell.KindOf(err) != calbell.KindUnreachable || !strings.Contains(err.Error(), "longer than 1.5s") || time.Since(began) > 20*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
	if len(b.stored) == 0 || len(b.stored) == 40 {
		t.Errorf("%d stored", len(b.stored))
	}
	b.client = b.newClient(caldav.Options{RunTimeout: time.Nanosecond})
	if _, err := b.client.Discover(t.Context()); err == nil {
		t.Error("discovery has no bound")
	}
	b.play(nil)
	b.client = b.newClient(caldav.Options{})
	b.sync()
	b.same()
}

// hostile answers every question with the same multistatus.
func hostile(t *testing.T, inside string) (calbell.Calendar, *caldav.Client) {
	t.Helper()
	s := newStranger(t, false, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = w.Write([]byte(`<multistatus xmlns="DAV:">` + inside + `<sync-token>t</sync-token></multistatus>`))
	})
	return calbell.Calendar{ID: "team", Name: "Team", URL: s.URL + "/team/"}, newClient(t, s.URL, caldav.Options{Timeout: time.Minute})
}

// TestEntries: the entries of an answer are bounded, whatever they are about.
func TestEntries(t *testing.T) {
	for name, href := range map[string]string{
		"about nothing":    `<href>/team/</href>`,
		"about one object": `<href>/team/a.ics</href>`,
	} {
		entry := `<response>` + strings.Repeat(href, 100) + `</response>` // parsed faster than a hundred
		cal, c := hostile(t, strings.Repeat(entry, 2_600))
		err := c.Changes(t.Context(), cal, func() (map[calbell.Href]calbell.ETag, error) { return nil, nil }, func(caldav.Batch) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "more than") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMemory: what a hostile answer costs does not grow with what it claims to be.
func TestMemory(t *testing.T) {
	for name, m := range map[string]caldavtest.Manner{
		"gzip bomb":   caldavtest.GzipBomb(256 << 20),
		"nested tags": caldavtest.Nested(3_000_000),
	} {
		s := caldavtest.NewFaultServer(caldavtest.Options{})
		s.Behave(m)
		web := newStranger(t, false, s.ServeHTTP)
		c := newClient(t, web.URL, caldav.Options{Timeout: time.Minute, MaxBytes: 16 << 20})
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		err := c.Changes(t.Context(), calbell.Calendar{Name: "Team", URL: web.URL + "/team/"}, func() (map[calbell.Href]calbell.ETag, error) { return nil, nil }, func(caldav.Batch) error { return nil })
		runtime.GC()
		runtime.ReadMemStats(&after)
		if calbell.KindOf(err) != calbell.KindFailed || after.HeapSys > before.HeapSys+64<<20 {
			t.Errorf("%s: %v, the heap grew by %d MiB", name, err, (int64(after.HeapSys)-int64(before.HeapSys))>>20)
		}
	}
}

// TestPagesHaveAnEnd: a server that gives a new token with each of its pages, and never a last
// one, is left at the limit of objects or of time.
func TestPagesHaveAnEnd(t *testing.T) {
	var n atomic.Int64
	s := newStranger(t, false, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = w.Write([]byte(`<multistatus xmlns="DAV:"><response><href>/team/</href><status>HTTP/1.1 507 x</status></response><sync-token>` + strings.Repeat("t", int(n.Add(1)%1000)+1) + `</sync-token></multistatus>`))
	})
	c := newClient(t, s.URL, caldav.Options{RunTimeout: 5 * time.Second})
	err := c.Changes(t.Context(), calbell.Calendar{Name: "Team", URL: s.URL + "/team/"}, func() (map[calbell.Href]calbell.ETag, error) { return nil, nil }, func(caldav.Batch) error {
		return errors.New("nothing was learnt")
	})
	if got := n.Load(); err == nil || got > calbell.MaxSyncPages+10 {
		t.Errorf("%d requests, %v", got, err)
	}
}
