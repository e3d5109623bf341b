package access

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"time"

	"calbell"
)

// maxStrange limits the body of a request without credentials, such as a sign-in form: a name
// and a password.
const maxStrange = 16 << 10

// readBody reads the body before it authenticates: a request that was begun before a password
// change or sign-out, and ends after it, must not count. Requests without credentials may only
// send a small body.
func (g *Gate) readBody(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			h.ServeHTTP(w, r)
			return
		}
		who, err := g.asks(r)
		if err != nil {
			g.fail(w, err)
			return
		}
		if who.Name == "" {
			r.Body = http.MaxBytesReader(w, r.Body, maxStrange)
			h.ServeHTTP(w, r)
			return
		}
		var body bytes.Buffer
		_, err = io.Copy(&body, http.MaxBytesReader(w, r.Body, maxBody))
		r.Body = io.NopCloser(io.MultiReader(&body, broken{err})) // the reader gets the error
		h.ServeHTTP(w, r)
	})
}

// asks returns the caller as far as the request shows it before the session is opened; the
// anonymous Caller when it does not.
func (g *Gate) asks(r *http.Request) (calbell.Caller, error) {
	if text, ok := bearer(r); ok {
		who, _, err := g.o.People.Bearer(r.Context(), text, time.Now())
		return who, err
	}
	cookie, err := r.Cookie(g.sessions.Cookie.Name)
	if err != nil {
		return calbell.Caller{}, nil
	}
	ctx, err := g.sessions.Load(r.Context(), cookie.Value)
	if err != nil {
		return calbell.Caller{}, err
	}
	return g.signedIn(ctx)
}

// bearer returns the bearer token of a request. The scheme is case-insensitive (RFC 9110
// §11.1).
func bearer(r *http.Request) (text string, ok bool) {
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(text), strings.EqualFold(scheme, "Bearer")
}

// broken is a reader for the end of a body: it returns the error that cut the body off, or
// io.EOF.
type broken struct{ err error }

// Read implements io.Reader.
func (b broken) Read([]byte) (int, error) {
	if b.err == nil {
		return 0, io.EOF
	}
	return 0, b.err
}
