package access

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"time"

	"calbell"
)

// maxStrange bounds a body of who is not signed in: a name and a password.
const maxStrange = 16 << 10

// whole reads the body of who is signed in before it is asked, for good, who asks: a request
// that was begun before a change of the password, or before somebody signed out, and ends after
// it is nobody's. Strangers send little.
func (g *Gate) whole(h http.Handler) http.Handler {
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
		r.Body = io.NopCloser(io.MultiReader(&body, broken{err})) // who reads it tells what is wrong with it
		h.ServeHTTP(w, r)
	})
}

// asks is who seems to ask, before the session is opened; nobody when that is not known.
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

// bearer is the token that a request bears; the scheme's letters are of any case (RFC 9110 §11.1).
func bearer(r *http.Request) (text string, ok bool) {
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(text), strings.EqualFold(scheme, "Bearer")
}

// broken is the end of a body: what kept the rest from being read, or nothing.
type broken struct{ err error }

// Read implements io.Reader.
func (b broken) Read([]byte) (int, error) {
	if b.err == nil {
		return 0, io.EOF
	}
	return 0, b.err
}
