package caldavtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	dav "github.com/emersion/go-webdav/caldav"
)

// Options say what kind of server it is. The zero value has all that good servers have.
type Options struct {
	// Plain leaves go-webdav's server as it is: no ctag, no sync-token, no sync-collection,
	// no colour, and text re-written by its encoder.
	Plain bool
	// NoReport refuses sync-collection (with 501), and leaves ctag and sync-token.
	NoReport bool
	// PageSize is how many members one sync-collection answer names before it breaks off
	// with a 507; 0 = all.
	PageSize int
	// Sharing is how it tells whose a calendar is.
	Sharing Sharing
}

// Sharing is how a server tells whose a calendar is.
type Sharing int

// The ways; the first says nothing.
const (
	SharingUntold    Sharing = iota
	SharingOwner             // DAV:owner, as SOGo, DAViCal and Radicale
	SharingAccess            // DAV:share-access, with the sharee as DAV:owner, as sabre/dav
	SharingPrincipal         // oc:owner-principal, as Nextcloud
	SharingMark              // cs:shared in resourcetype, as Apple's servers
)

// Server is a CalDAV server in memory. Users have the principal /NAME/, the home set
// /NAME/calendars/ and calendars /NAME/calendars/PATH/. It is safe for concurrent use.
type Server struct {
	o       Options
	handler *dav.Handler

	mu       sync.Mutex
	users    map[string]*user
	fault    Fault
	requests []string

	life     sync.Mutex // guards the fields below
	http     *http.Server
	listener net.Listener
	served   chan struct{}
}

// Fault is a way of failing. The zero value is none.
type Fault struct {
	// Down: connections are closed without an answer.
	Down bool
	// Status: each request is answered with this, and not acted on; 0: it is acted on.
	Status int
	// RetryAfter goes with Status, as the header of that name; "" = none.
	RetryAfter string
	// Delay passes before each answer.
	Delay time.Duration
}

// New returns a server without users. It serves as an [http.Handler] at once; Start gives
// it an address of its own.
func New(o Options) *Server {
	s := &Server{o: o, users: map[string]*user{}}
	s.handler = &dav.Handler{Backend: &backend{server: s}}
	return s
}

// Start serves on a TCP address; "" = a free port of 127.0.0.1. The data survives a Close
// and another Start.
func (s *Server) Start(listen string) error {
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("start calendar server: %w", err)
	}
	s.life.Lock()
	defer s.life.Unlock()
	if s.http != nil {
		_ = l.Close()
		return errors.New("start calendar server: it runs already")
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan struct{})
	s.http, s.listener, s.served = server, l, served
	go func() {
		defer close(served)
		_ = server.Serve(l) // ErrServerClosed after Close; nothing else can be done about the rest
	}()
	return nil
}

// URL returns the root of the running server, with a slash at the end; "" when it does
// not run.
func (s *Server) URL() string {
	s.life.Lock()
	defer s.life.Unlock()
	if s.listener == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String() + "/"
}

// CalendarURL returns the URL of a calendar of the running server.
func (s *Server) CalendarURL(user, calendar string) string {
	return s.URL() + calendarPath(user, calendar)[1:]
}

// Close ends the service and every connection, and waits until the port is free. A
// server that does not run is closed already.
func (s *Server) Close() error {
	s.life.Lock()
	defer s.life.Unlock()
	if s.http == nil {
		return nil
	}
	err := s.http.Close()
	<-s.served
	s.http, s.listener, s.served = nil, nil, nil
	return err
}

// SetFault makes the server fail from the next request on; Fault{} heals it.
func (s *Server) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Requests returns "METHOD path" of each request since the last call, and forgets them.
// It keeps the first [MaxRequests].
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.requests
	s.requests = nil
	return out
}

// MaxRequests is how many requests a server remembers: a demo may run for days.
const MaxRequests = 10_000

// note remembers a request and returns how it must fail.
func (s *Server) note(r *http.Request) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) < MaxRequests {
		s.requests = append(s.requests, r.Method+" "+r.URL.EscapedPath())
	}
	return s.fault
}

// pause waits, or ends with the request.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
