package caldavtest

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/xml"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// maxBody bounds a request: texts of tests go up to the client's own limit, and beyond.
const maxBody = 16 << 20

// ServeHTTP is the front: faults, sign-in, what go-webdav lacks, and then go-webdav.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := s.note(r)
	pause(r.Context(), f.Delay)
	switch {
	case f.Down:
		panic(http.ErrAbortHandler) // net/http closes the connection without an answer
	case f.Status != 0:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		http.Error(w, http.StatusText(f.Status), f.Status)
		return
	}
	name, ok := s.signIn(r)
	if !ok {
		w.Header().Set("WWW-Authenticate", `Basic realm="calendar", charset="UTF-8"`)
		http.Error(w, "sign in, please", http.StatusUnauthorized)
		return
	}
	if !mayVisit(name, r.URL.Path) {
		http.Error(w, "not yours", http.StatusForbidden)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	ctx := context.WithValue(context.WithValue(r.Context(), keyUser, name), keyBody, body)
	r = r.WithContext(ctx)
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.serve(w, r, body)
}

func (s *Server) signIn(r *http.Request) (string, bool) {
	name, password, ok := r.BasicAuth()
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[name]
	if !ok || u == nil {
		return "", false
	}
	return name, subtle.ConstantTimeCompare([]byte(password), []byte(u.password)) == 1
}

// mayVisit: everybody has their own tree, and the places where discovery begins.
func mayVisit(name, path string) bool {
	return path == "/" || path == "/.well-known/caldav" || strings.HasPrefix(path+"/", principalPath(name))
}

// serve answers what go-webdav cannot, and hands on the rest.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, body []byte) {
	switch {
	case s.o.Plain:
		s.guarded(w, r)
	case r.Method == http.MethodGet && s.serveText(w, r.URL.Path):
	case r.Method == "REPORT" && rootName(body) == (xml.Name{Space: nsDAV, Local: "sync-collection"}):
		s.serveSync(w, r, body)
	case r.Method == "PROPFIND" || r.Method == "REPORT":
		rec := &recorder{header: http.Header{}, status: http.StatusOK}
		s.guarded(rec, r)
		s.decorate(rec)
		rec.copyTo(w)
	default:
		s.guarded(w, r)
	}
}

// guarded runs go-webdav, whose parser panics on some malformed texts.
func (s *Server) guarded(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if recover() != nil {
			http.Error(w, "cannot read this", http.StatusBadRequest)
		}
	}()
	s.handler.ServeHTTP(w, r)
}

// serveText hands out an object byte for byte, and reports whether there is one.
func (s *Server) serveText(w http.ResponseWriter, path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, name := s.find(path)
	if c == nil {
		return false
	}
	o, ok := c.objects[name]
	if !ok {
		return false
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(o.raw)))
	w.Header().Set("ETag", strconv.Quote(o.etag))
	_, _ = w.Write(o.raw)
	return true
}

// rootName returns the name of the root element of an XML text.
func rootName(body []byte) xml.Name {
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		t, err := d.Token()
		if err != nil {
			return xml.Name{}
		}
		if start, ok := t.(xml.StartElement); ok {
			return start.Name
		}
	}
}

// recorder keeps an answer back so that it can be added to.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

func (r *recorder) copyTo(w http.ResponseWriter) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body.Bytes())
}
