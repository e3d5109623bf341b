package caldav_test

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
)

// stranger is a server that records what credentials reach it.
type stranger struct {
	*httptest.Server
	requests, credentials atomic.Int32
}

func newStranger(t *testing.T, secure bool, answer http.HandlerFunc) *stranger {
	t.Helper()
	s := &stranger{}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		if r.Header.Get("Authorization") != "" || strings.Contains(fmt.Sprint(r.Header, r.URL), password) {
			s.credentials.Add(1)
		}
		_, _ = io.Copy(io.Discard, r.Body) // only then does net/http notice that a client has gone
		answer(w, r)
	})
	if secure {
		s.Server = httptest.NewTLSServer(h)
	} else {
		s.Server = httptest.NewServer(h)
	}
	t.Cleanup(s.Close)
	return s
}

// anyCertificate is for servers of this test alone.
func anyCertificate() *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // loopback
}

// TestRedirects: the method and the body are kept; where it leads decides whether it is
// followed, and whether credentials go along.
func TestRedirects(t *testing.T) {
	refused := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }
	for _, code := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint("same server ", code), func(t *testing.T) {
			b := newBench(t, caldavtest.Options{})
			b.fill(5)
			b.play(func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasPrefix(r.URL.Path, "/old/") {
					return false
				}
				http.Redirect(w, r, strings.Replace(r.URL.Path, "/old/", "/alice/", 1), code)
				return true
			})
			b.cal.URL = b.web.URL + "/old/calendars/team/"
			b.sync()
			b.same()
		})
		t.Run(fmt.Sprint("another server without TLS ", code), func(t *testing.T) {
			other := newStranger(t, false, refused)
			first := newStranger(t, false, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL+"/x/", code) })
			_, err := newClient(t, first.URL, caldav.Options{}).Discover(t.Context())
			if err == nil || other.requests.Load() != 0 {
				t.Errorf("%d requests, %v", other.requests.Load(), err)
			}
		})
		t.Run(fmt.Sprint("another server with TLS ", code), func(t *testing.T) {
			other := newStranger(t, true, refused)
			first := newStranger(t, true, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL+"/x/", code) })
			_, err := newClient(t, first.URL, caldav.Options{Transport: anyCertificate()}).Discover(t.Context())
			if other.requests.Load() == 0 || other.credentials.Load() != 0 || first.credentials.Load() == 0 {
				t.Errorf("requests %d, credentials %d", other.requests.Load(), other.credentials.Load())
			}
			host := strings.TrimPrefix(other.URL, "https://")
			if calbell.KindOf(err) != calbell.KindRefused || !strings.Contains(calbell.HintOf(err).English, host) {
				t.Errorf("%v, %s", err, calbell.HintOf(err))
			}
		})
		t.Run(fmt.Sprint("down from TLS ", code), func(t *testing.T) {
			other := newStranger(t, false, refused)
			first := newStranger(t, true, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL+"/x/", code) })
			_, err := newClient(t, first.URL, caldav.Options{Transport: anyCertificate()}).Discover(t.Context())
			if err == nil || other.requests.Load() != 0 {
				t.Errorf("%d requests, %v", other.requests.Load(), err)
			}
		})
	}
}

func TestRedirectLoop(t *testing.T) {
	s := newStranger(t, false, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) })
	_, err := newClient(t, s.URL, caldav.Options{}).Discover(t.Context())
	if err == nil || !strings.Contains(err.Error(), "redirects") || s.requests.Load() > 20 {
		t.Errorf("%d requests, %v", s.requests.Load(), err)
	}
}

// TestForeignCalendar: what a server names on another server is only asked by TLS.
func TestForeignCalendar(t *testing.T) {
	other := newStranger(t, false, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(207) })
	c := newClient(t, "https://cloud.example.org/", caldav.Options{})
	err := c.Changes(t.Context(), calbell.Calendar{Name: "Team", URL: other.URL + "/team/"}, nil, nil)
	if err == nil || !strings.Contains(err.Error(), "without TLS") || other.requests.Load() != 0 {
		t.Errorf("%d requests, %v", other.requests.Load(), err)
	}
}

// TestPasswordInNoError: the canary is in no error, whatever way the server fails.
func TestPasswordInNoError(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"echo": func(w http.ResponseWriter, r *http.Request) { http.Error(w, r.Header.Get("Authorization"), 500) },
		"401":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) },
		"location": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "ht!tp://%zz")
			w.WriteHeader(302)
		},
		"with user": func(w http.ResponseWriter, _ *http.Request) {
			http.Redirect(w, &http.Request{}, "http://"+user+":"+password+"@other.example.org/", http.StatusFound)
		},
		"killed": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for name, answer := range answers {
		s := newStranger(t, false, answer)
		d, err := newClient(t, s.URL+"/dav/", caldav.Options{}).Discover(t.Context())
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v %#v %+v %s", err, err, err, d, calbell.HintOf(err)), password) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	secure := newStranger(t, true, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(207) })
	for name, url := range map[string]string{
		"nobody listens":      "http://" + address + "/",
		"unknown host":        "http://calendar.invalid/",
		"unknown certificate": secure.URL + "/",
		"TLS where none is":   strings.Replace(newStranger(t, false, http.NotFound).URL, "http:", "https:", 1),
	} {
		c := newClient(t, url, caldav.Options{})
		d, err := c.Discover(t.Context())
		if calbell.KindOf(err) != calbell.KindUnreachable || len(d.Probes) != 1 || d.Probes[0].OK || strings.Contains(err.Error(), "Propfind") {
			t.Errorf("%s: kind %d, %v, %+v", name, calbell.KindOf(err), err, d.Probes)
		}
		err = c.Changes(t.Context(), calbell.Calendar{Name: "Team", URL: url}, nil, nil)
		if calbell.KindOf(err) != calbell.KindUnreachable || !strings.Contains(err.Error(), `calendar "Team"`) {
			t.Errorf("%s: kind %d, %v", name, calbell.KindOf(err), err)
		}
	}
}

// TestSilentServer: neither a server that never answers nor one that never ends its answer
// holds a sync longer than the time-out.
func TestSilentServer(t *testing.T) {
	release := make(chan struct{})
	hang := func(http.ResponseWriter, *http.Request) { <-release }
	trickle := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(207)
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(" ")); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-release:
				return
			}
		}
	}
	for name, answer := range map[string]http.HandlerFunc{"hang": hang, "trickle": trickle} {
		s := newStranger(t, false, answer)
		c := newClient(t, s.URL, caldav.Options{Timeout: 100 * time.Millisecond})
		_, err := c.Discover(t.Context())
		if calbell.KindOf(err) != calbell.KindUnreachable || !strings.Contains(err.Error(), "100ms") {
			t.Errorf("%s: kind %d, %v", name, calbell.KindOf(err), err)
		}
	}
	t.Cleanup(func() { close(release) }) // before the servers' own, which wait for their handlers
}

// TestCancelled: the end of the caller's context ends the run, and is told from a failure.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := newStranger(t, false, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	err := newClient(t, s.URL, caldav.Options{}).Changes(ctx, calbell.Calendar{Name: "Team", URL: s.URL + "/team/"}, nil, nil)
	if !errors.Is(err, context.Canceled) || calbell.KindOf(err) == calbell.KindUnreachable {
		t.Errorf("kind %d, %v", calbell.KindOf(err), err)
	}
	if s.requests.Load() != 1 {
		t.Errorf("%d requests", s.requests.Load())
	}
}

// TestBomb: the limit is on what comes out of the compression.
func TestBomb(t *testing.T) {
	s := newStranger(t, false, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(207)
		z := gzip.NewWriter(w)
		space := []byte(strings.Repeat(" ", 1<<20))
		for range 64 {
			if _, err := z.Write(space); err != nil {
				return
			}
		}
		_ = z.Close()
	})
	_, err := newClient(t, s.URL, caldav.Options{MaxBytes: 1 << 20}).Discover(t.Context())
	if err == nil || !strings.Contains(err.Error(), "exceeds 1048576 bytes") {
		t.Errorf("%v", err)
	}
}

func TestMaxBytes(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(30)
	b.client = b.newClient(caldav.Options{MaxBytes: 1000})
	if _, err := b.try(); err == nil || !strings.Contains(err.Error(), "exceeds 1000 bytes") {
		t.Errorf("%v", err)
	}
}

// TestOneRequestAtATime holds however many syncs of an account run.
func TestOneRequestAtATime(t *testing.T) {
	var now, most atomic.Int32
	b := newBench(t, caldavtest.Options{})
	b.fill(3)
	b.play(func(w http.ResponseWriter, r *http.Request) bool {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		b.server.ServeHTTP(w, r)
		return true
	})
	done := make(chan error, 8)
	for range cap(done) {
		go func() {
			done <- b.client.Changes(t.Context(), b.cal, func() (map[calbell.Href]calbell.ETag, error) { return nil, nil }, func(caldav.Batch) error { return nil })
		}()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if most.Load() != 1 {
		t.Errorf("%d at once", most.Load())
	}
}

// TestRest: a server that asks to be left alone is asked once, and the wait can be read.
func TestRest(t *testing.T) {
	for _, code := range []int{429, 503} {
		b := newBench(t, caldavtest.Options{})
		b.fill(3)
		b.sync()
		b.server.SetFault(caldavtest.Fault{Status: code, RetryAfter: "90"})
		b.asked()
		_, err := b.try()
		var status *caldav.StatusError
		if !errors.As(err, &status) || status.Status != code || status.RetryAfter != 90*time.Second {
			t.Errorf("%d: %v", code, err)
		}
		var told *calbell.Error
		if !errors.As(err, &told) || told.RetryAfter != 90*time.Second {
			t.Errorf("%d: the wait is lost in %+v", code, told)
		}
		if got := b.asked(); len(got) != 1 {
			t.Errorf("%d: asked %v", code, got)
		}
	}
}

// TestRefusedOnce: a wrong password is tried once, because servers lock accounts.
func TestRefusedOnce(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.server.AddUser(user, "changed")
	_, err := b.try()
	if got := b.asked(); len(got) != 1 || calbell.KindOf(err) != calbell.KindRefused {
		t.Errorf("sync asked %v: %v", got, err)
	}
	d, err := b.client.Discover(t.Context())
	if got := b.asked(); len(got) != 1 || calbell.KindOf(err) != calbell.KindRefused || len(d.Probes) != 1 || d.Probes[0].Status != 401 {
		t.Errorf("discovery asked %v: %v, %+v", got, err, d.Probes)
	}
	want := fmt.Sprintf("account %q: sign-in refused (401) by %s as %q", "home", strings.TrimPrefix(b.web.URL, "http://"), user)
	if err != nil && !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestUserAgent(t *testing.T) {
	var got atomic.Value
	s := newStranger(t, false, func(w http.ResponseWriter, r *http.Request) {
		got.Store(r.UserAgent())
		w.WriteHeader(401)
	})
	_, _ = newClient(t, s.URL, caldav.Options{UserAgent: "Calbell/1.2"}).Discover(t.Context())
	if got.Load() != "Calbell/1.2" {
		t.Errorf("%v", got.Load())
	}
}
