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
	// maxBody bounds the body of who is signed in: the largest is a webhook with its template.
	maxBody = 1 << 20
	// lifetime is how long somebody stays signed in at most.
	lifetime = 14 * 24 * time.Hour
	// cookieName and browserCookie are the names of cookies over plain http, where __Host- would
	// not be taken.
	cookieName, browserCookie = "calbell", "calbell-browser"
)

// People is what is asked of those who know who is who.
type People interface {
	// Caller is who a user's session stands for; ok is false when it is worth nothing any more.
	Caller(ctx context.Context, name string, epoch int64) (who calbell.Caller, ok bool, err error)
	// Bearer is who speaks by a token; ok is false when it is worth nothing.
	Bearer(ctx context.Context, text string, now time.Time) (who calbell.Caller, ok bool, err error)
}

// Options are what a Gate needs.
type Options struct {
	People   People
	Sessions Sessions
	// Secure: people come by TLS, be it that a proxy speaks it. Cookies are kept from plain
	// http then, and browsers are told to stay with https.
	Secure bool
	// TrustedProxies are believed when they name whose request they pass on.
	TrustedProxies []netip.Prefix
	// BrowserKey signs the cookie by which a browser is known to have signed in before; it is
	// the same over restarts. Empty: no browser is known.
	BrowserKey []byte
	// Failed is told of errors that people see only as such; nil: nobody is.
	Failed func(error)
}

// Gate stands before everything that answers at the page's address. Make one with New; it is
// safe for concurrent use.
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

// fail answers a request that could not be answered.
func (g *Gate) fail(w http.ResponseWriter, err error) {
	if g.o.Failed != nil {
		g.o.Failed(err)
	}
	refuse(w, http.StatusInternalServerError, "the request could not be answered", "")
}

// API returns a handler that passes requests to h with their caller; see [Caller]. The caller
// is the bearer of a token, whose scopes h has to ask for, or the user of a session. A token
// comes first: a request that has both may do no more than its token.
func (g *Gate) API(h http.Handler) http.Handler {
	return g.headers(g.cross.Handler(g.withCaller(h)))
}

// Page returns a handler that passes requests to h with their caller; see [Caller]. Only
// sessions count: a request with a bearer token is rejected, so that no form has to ask for
// scopes.
func (g *Gate) Page(h http.Handler) http.Handler {
	h = g.withCaller(h)
	return g.headers(g.cross.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := bearer(r); ok {
			refuse(w, http.StatusForbidden, "tokens do not count on the page", "tokens are for the API, below /api/v1/")
			return
		}
		h.ServeHTTP(w, r)
	})))
}

// withCaller notes the caller of each request.
func (g *Gate) withCaller(h http.Handler) http.Handler {
	return g.whole(g.sessions.LoadAndSave(g.identified(h)))
}

// headers tell browsers what the answers are not to be used for.
func (g *Gate) headers(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set := w.Header().Set
		set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "+
			"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		set("X-Content-Type-Options", "nosniff")
		set("Cross-Origin-Opener-Policy", "same-origin")
		set("Cross-Origin-Resource-Policy", "same-origin")
		set("Cache-Control", "no-store") // what may be kept says so itself
		// Over plain http, browsers say where a form comes from in Origin alone, and leave it
		// empty under no-referrer: nobody could sign in.
		set("Referrer-Policy", "same-origin")
		if g.o.Secure {
			set("Referrer-Policy", "no-referrer")
			set("Strict-Transport-Security", "max-age=31536000")
		}
		h.ServeHTTP(w, r)
	})
}

// identified notes in the context who asks, and from where.
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

// asker is who asks, and from where.
type asker struct {
	who  calbell.Caller
	from netip.Addr
	// w and r are for cookies of who signs in.
	w http.ResponseWriter
	r *http.Request
}

// Caller returns who asks, in a request that came through a Gate; the zero Caller is nobody.
func Caller(r *http.Request) calbell.Caller {
	a, _ := r.Context().Value(askerKey{}).(asker)
	return a.who
}

// client is the address of who asks. Trusted proxies name theirs at the end of
// X-Forwarded-For, and what stands before that anybody may have written.
func (g *Gate) client(r *http.Request) netip.Addr {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	at := port.Addr().Unmap()
	local := err != nil // by a unix socket: whoever may open it is a proxy of this machine
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

// refuse answers with a problem (RFC 9457).
func refuse(w http.ResponseWriter, status int, detail, hint string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	// Nobody can be told that the answer to a refusal got lost.
	_ = json.NewEncoder(w).Encode(struct {
		Title  string            `json:"title"`
		Status int               `json:"status"`
		Detail string            `json:"detail"`
		Kind   calbell.ErrorKind `json:"kind"`
		Hint   string            `json:"hint,omitempty"`
	}{http.StatusText(status), status, detail, calbell.KindNotAllowed, hint})
}
