package caldavtest

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// Manner is a way in which a server departs from the standards, or fails. It answers a
// request in the server's place and returns true, or leaves the request to the server. It
// may be called at any time and by several requests at once.
type Manner func(s *FaultServer, w http.ResponseWriter, r *http.Request) bool

// FaultServer is the server in memory behind a front that behaves as real servers were
// seen to ([Sabre], [DAViCal], [ICloud], [Google], [Infomaniak], [GMX]), or fails in one of
// the ways that networks, proxies and bad days have. It is an [http.Handler]; whoever makes
// one serves it, by TLS if the test is about that.
type FaultServer struct {
	*Server

	mu       sync.Mutex
	manner   Manner
	requests []string
}

// NewFaultServer returns one that behaves well, without users.
func NewFaultServer(o Options) *FaultServer { return &FaultServer{Server: New(o)} }

// Behave makes it answer in a manner from the next request on; nil makes it behave well.
func (s *FaultServer) Behave(m Manner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manner = m
}

// Asked returns "METHOD path" of each request since the last call, and forgets them,
// whether the manner or the server answered. It keeps the first [MaxRequests].
func (s *FaultServer) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.requests
	s.requests = nil
	return out
}

// ServeHTTP reads the whole request (only then does net/http notice that a client has
// gone), and has the manner or the server answer it.
func (s *FaultServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	if len(s.requests) < MaxRequests {
		s.requests = append(s.requests, r.Method+" "+r.URL.EscapedPath())
	}
	manner := s.manner
	s.mu.Unlock()
	if manner == nil || !manner(s, w, r) {
		s.Server.ServeHTTP(w, r)
	}
}

// Both is a manner made of several: the first that answers a request does.
func Both(manners ...Manner) Manner {
	return func(s *FaultServer, w http.ResponseWriter, r *http.Request) bool {
		for _, m := range manners {
			if m(s, w, r) {
				return true
			}
		}
		return false
	}
}

// bodyOf returns a request's body and leaves it to be read again.
func bodyOf(r *http.Request) string {
	body, _ := io.ReadAll(r.Body) // from memory, it cannot fail
	r.Body = io.NopCloser(bytes.NewReader(body))
	return string(body)
}

// withBody gives the request another body.
func withBody(r *http.Request, body string) *http.Request {
	r.Body = io.NopCloser(strings.NewReader(body))
	return r
}

// The questions that clients ask, as far as manners tell them apart.
func isSync(r *http.Request) bool {
	return r.Method == "REPORT" && strings.Contains(bodyOf(r), "sync-collection")
}

func isMultiget(r *http.Request) bool {
	return r.Method == "REPORT" && strings.Contains(bodyOf(r), "calendar-multiget")
}

// isListing: it asks what there is, or what changed.
func isListing(r *http.Request) bool {
	return isSync(r) || r.Method == "PROPFIND" && r.Header.Get("Depth") == "1"
}

// rewrite has the server answer, and changes status and text of the answer.
func (s *FaultServer) rewrite(w http.ResponseWriter, r *http.Request, change func(status int, text string) (int, string)) {
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	s.Server.ServeHTTP(rec, r)
	status, text := change(rec.status, rec.body.String())
	rec.status = status
	rec.header.Del("Content-Length")
	rec.body.Reset()
	rec.body.WriteString(text)
	rec.copyTo(w)
}

// multistatus writes a 207 with what is inside its root element; the prefixes d and c are
// declared.
func multistatus(w http.ResponseWriter, inside string) {
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.WriteHeader(http.StatusMultiStatus)
	_, _ = io.WriteString(w, `<?xml version="1.0" encoding="utf-8"?>`+
		`<d:multistatus xmlns:d="DAV:" xmlns:c="`+nsCalDAV+`">`+inside+`</d:multistatus>`)
}

// Stranger is a server to which nobody's credentials should go: it answers 401 to all, and
// counts what reaches it. It is an [http.Handler].
type Stranger struct {
	secrets            []string
	requests, betrayed atomic.Int64
}

// NewStranger returns one that knows the secrets it must never see.
func NewStranger(secrets ...string) *Stranger { return &Stranger{secrets: secrets} }

// Requests returns how many requests reached it.
func (s *Stranger) Requests() int { return int(s.requests.Load()) }

// Betrayed returns how many bytes of credentials reached it: Authorization, cookies, and
// the secrets in whatever place.
func (s *Stranger) Betrayed() int { return int(s.betrayed.Load()) }

// ServeHTTP counts, and asks for a sign-in.
func (s *Stranger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	var seen strings.Builder
	seen.WriteString(r.URL.String())
	_, _ = io.Copy(&seen, http.MaxBytesReader(w, r.Body, maxBody))
	for name, values := range r.Header {
		all := strings.Join(values, "\n")
		seen.WriteString("\n" + all)
		if name == "Authorization" || name == "Proxy-Authorization" || name == "Cookie" {
			s.betrayed.Add(int64(len(all)))
		}
	}
	for _, secret := range s.secrets {
		s.betrayed.Add(int64(strings.Count(seen.String(), secret) * len(secret)))
	}
	w.Header().Set("WWW-Authenticate", `Basic realm="strangers"`)
	w.WriteHeader(http.StatusUnauthorized)
}
