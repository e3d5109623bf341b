package access

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"calbell"
)

const (
	// maxBody limits the body of a request with credentials: the largest is a webhook with its
	// template.
	maxBody = 1 << 20
	// lifetime is the maximum duration of a session.
	lifetime = 14 * 24 * time.Hour
	// cookieName and browserCookie are the names of cookies over plain http, where browsers
	// reject the prefix __Host-.
	cookieName, browserCookie = "calbell", "calbell-browser"
)

// People looks up users by session and by token.
type People interface {
	// Caller returns the caller of a user's session; ok is false when the session is no longer
	// valid.
	Caller(ctx context.Context, name string, epoch int64) (who calbell.Caller, ok bool, err error)
	// Bearer returns the caller of a token; ok is false when the token is invalid.
	Bearer(ctx context.Context, text string, now time.Time) (who calbell.Caller, ok bool, err error)
}

// Options configures a Gate.
type Options struct {
	People   People
	Sessions Sessions
	// Secure is set when people use TLS, possibly through a proxy. Cookies are then restricted
	// to TLS, and browsers are told to stay with https.
	Secure bool
	// TrustedProxies are the proxies whose X-Forwarded-For is trusted.
	TrustedProxies []netip.Prefix
	// BrowserKey signs the cookies of known browsers; it must survive restarts. Empty: no
	// browser is recognized.
	BrowserKey []byte
	// Failed receives the internal errors that clients see only as status 500; it may be nil.
	Failed func(error)
}

// Gate authenticates every request at the page's address. Create one with New; it is safe for
// concurrent use.
type Gate struct {
	o        Options
	sessions *scs.SessionManager
	browsers browsers
	cross    *http.CrossOriginProtection
}

// New returns a gate.
func New(o Options) *Gate {
	s := scs.New()
	s.Store = sessionStore{o.Sessions}
	s.HashTokenInStore = true
	s.Lifetime = lifetime
	prefix := ""
	if o.Secure {
		prefix = "__Host-"
	}
	s.Cookie.Name = prefix + cookieName
	s.Cookie.Secure = o.Secure
	s.Cookie.SameSite = http.SameSiteStrictMode
	known := browsers{key: o.BrowserKey, cookie: prefix + browserCookie, secure: o.Secure}
	g := &Gate{o: o, sessions: s, browsers: known, cross: http.NewCrossOriginProtection()}
	g.cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, "this request comes from another site", "open the page itself and try again")
	}))
	s.ErrorFunc = func(w http.ResponseWriter, _ *http.Request, err error) { g.fail(w, err) }
	return g
}

// fail reports an internal error and responds with status 500.
func (g *Gate) fail(w http.ResponseWriter, err error) {
	if g.o.Failed != nil {
		g.o.Failed(err)
	}
	refuse(w, http.StatusInternalServerError, "the request failed", "")
}

// API returns a handler that passes requests to h with their caller; see [Caller]. The caller
// is the bearer of a token, whose scopes h has to ask for, or the user of a session. A token
// comes first: a request that has both may do no more than its token.
func (g *Gate) API(h http.Handler) http.Handler {
	return g.headers(g.cross.Handler(g.withCaller(h)))
}

// Page returns a handler that passes requests to h with their caller; see [Caller]. It accepts
// sessions only and rejects requests with a bearer token, so that forms need not check scopes.
func (g *Gate) Page(h http.Handler) http.Handler {
	h = g.withCaller(h)
	return g.headers(g.cross.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := bearer(r); ok {
			refuse(w, http.StatusForbidden, "the page accepts no tokens", "tokens are for the API, below /api/v1/")
			return
		}
		h.ServeHTTP(w, r)
	})))
}

// withCaller stores the caller of each request in its context.
func (g *Gate) withCaller(h http.Handler) http.Handler {
	return g.readBody(g.sessions.LoadAndSave(g.identified(h)))
}

// headers sets the security headers of responses.
func (g *Gate) headers(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set := w.Header().Set
		set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "+
			"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		set("X-Content-Type-Options", "nosniff")
		set("Cross-Origin-Opener-Policy", "same-origin")
		set("Cross-Origin-Resource-Policy", "same-origin")
		set("Cache-Control", "no-store") // handlers override it for cacheable responses
		// Over plain http, browsers send the origin of a form in Origin only, and leave it
		// empty under no-referrer: nobody could sign in.
		set("Referrer-Policy", "same-origin")
		if g.o.Secure {
			set("Referrer-Policy", "no-referrer")
			set("Strict-Transport-Security", "max-age=31536000")
		}
		h.ServeHTTP(w, r)
	})
}

// identified stores the caller and the client address in the context.
func (g *Gate) identified(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asker := asker{from: g.client(r), w: w, r: r}
		var ok bool
		var err error
		if text, is := bearer(r); is {
			asker.who, ok, err = g.o.People.Bearer(r.Context(), text, time.Now())
			if err == nil && !ok {
				w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
				refuse(w, http.StatusUnauthorized, "this token is not known, was revoked, or its time is over", "make a new one: calbell token create")
				return
			}
		} else {
			asker.who, err = g.signedIn(r.Context())
		}
		if err != nil {
			g.fail(w, err)
			return
		}
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), askerKey{}, asker)))
	})
}

type askerKey struct{}

// asker is the caller and the client address of a request.
type asker struct {
	who  calbell.Caller
	from netip.Addr
	// w and r are needed for cookies at sign-in.
	w http.ResponseWriter
	r *http.Request
}

// Caller returns the caller of a request that passed a Gate; the zero Caller is anonymous.
func Caller(r *http.Request) calbell.Caller {
	a, _ := r.Context().Value(askerKey{}).(asker)
	return a.who
}

// client returns the client address. Trusted proxies append theirs to the end of
// X-Forwarded-For; anybody may have written what precedes it.
func (g *Gate) client(r *http.Request) netip.Addr {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	at := port.Addr().Unmap()
	local := err != nil // a unix socket: its client is a proxy on this machine
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && (local || g.trusts(at)); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return at
		}
		at, local = next.Unmap(), false
	}
	return at
}

func (g *Gate) trusts(a netip.Addr) bool {
	for _, p := range g.o.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// refuse responds with a problem (RFC 9457).
func refuse(w http.ResponseWriter, status int, detail, hint string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	// An error here means that the client has gone.
	_ = json.NewEncoder(w).Encode(struct {
		Title  string            `json:"title"`
		Status int               `json:"status"`
		Detail string            `json:"detail"`
		Kind   calbell.ErrorKind `json:"kind"`
		Hint   string            `json:"hint,omitempty"`
	}{http.StatusText(status), status, detail, calbell.KindNotAllowed, hint})
}
