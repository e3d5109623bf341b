package caldav_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/icholy/digest"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
)

// guard asks for Digest sign-in, and lets what is signed rightly through to the server.
type guard struct {
	challenge digest.Challenge
	wears     int // requests that a nonce serves; 0 = any number
	served    int
	stale     bool // it says so when a nonce is worn out
	counts    map[string]bool
}

func (g *guard) serve(w http.ResponseWriter, r *http.Request) bool {
	offer := g.challenge
	if cred, err := digest.ParseCredentials(r.Header.Get("Authorization")); err == nil {
		want, err := digest.Digest(&g.challenge, digest.Options{
			Method: r.Method, URI: r.URL.RequestURI(), GetBody: nil, Count: cred.Nc, Cnonce: cred.Cnonce, Username: user, Password: password,
		})
		fresh := g.wears == 0 || g.served < g.wears
		once := fmt.Sprint(cred.Nonce, cred.Nc)
		if err == nil && fresh && want.Response == cred.Response && cred.Nonce == g.challenge.Nonce && !g.counts[once] {
			g.counts[once] = true
			g.served++
			r.SetBasicAuth(user, password)
			return false
		}
		if !fresh {
			g.served = 0
			g.challenge.Nonce += "x"
			offer = g.challenge
			offer.Stale = g.stale
		}
	}
	w.Header().Set("WWW-Authenticate", offer.String())
	w.WriteHeader(http.StatusUnauthorized)
	return true
}

// TestDigest: a server that takes Digest alone is signed in to, nonce after nonce.
func TestDigest(t *testing.T) {
	tests := []struct {
		name  string
		guard guard
	}{
		{"MD5, as in RFC 2069", guard{challenge: digest.Challenge{Realm: "dav", Nonce: "abc"}}},
		{"MD5 with qop", guard{challenge: digest.Challenge{Realm: "dav", Nonce: "abc", QOP: []string{"auth"}, Algorithm: "MD5", Opaque: "o"}}},
		{"SHA-256", guard{challenge: digest.Challenge{Realm: "dav", Nonce: "abc", QOP: []string{"auth"}, Algorithm: "SHA-256"}}},
		{"nonce worn out, told", guard{challenge: digest.Challenge{Realm: "dav", Nonce: "abc", QOP: []string{"auth"}}, wears: 2, stale: true}},
		{"nonce worn out, not told", guard{challenge: digest.Challenge{Realm: "dav", Nonce: "abc", QOP: []string{"auth"}}, wears: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, caldavtest.Options{})
			b.fill(9)
			tt.guard.counts = map[string]bool{}
			if len(tt.guard.challenge.QOP) == 0 {
				tt.guard.counts = nil // without a count nothing tells two requests apart
			}
			b.play(tt.guard.play)
			b.sync()
			b.same()
			if d, err := b.client.Discover(t.Context()); err != nil || len(d.Calendars) != 1 {
				t.Errorf("%+v, %v", d, err)
			}
		})
	}
}

// play serves one request after the other: the client sends them so.
func (g *guard) play(w http.ResponseWriter, r *http.Request) bool {
	if g.counts == nil {
		g.counts = map[string]bool{}
		defer func() { g.counts = nil }()
	}
	return g.serve(w, r)
}

// TestDigestRefused: a wrong password is tried once, and one more time where Basic was not
// asked for.
func TestDigestRefused(t *testing.T) {
	g := guard{challenge: digest.Challenge{Realm: "dav", Nonce: "abc", QOP: []string{"auth"}}, counts: map[string]bool{}}
	b := newBench(t, caldavtest.Options{})
	b.play(g.play)
	client, err := caldav.New(calbell.Account{Name: "home", URL: b.web.URL, Username: user, Password: "wrong"}, caldav.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)
	_, err = client.Discover(t.Context())
	if got := b.asked(); len(got) != 2 || calbell.KindOf(err) != calbell.KindRefused {
		t.Errorf("asked %v: %v", got, err)
	}
	_, err = client.Discover(t.Context())
	if got := b.asked(); len(got) != 1 || calbell.KindOf(err) != calbell.KindRefused {
		t.Errorf("asked again %v: %v", got, err)
	}
}

// TestDigestUnknown: a way of signing in that nobody here knows is a refusal, not a loop.
func TestDigestUnknown(t *testing.T) {
	for _, offer := range []string{"Negotiate", `Digest realm="x", nonce="y", algorithm=MD5-FUTURE`, "Digest", `Digest realm="x`, "", `Basic realm="x"`} {
		s := newStranger(t, false, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", offer)
			w.WriteHeader(http.StatusUnauthorized)
		})
		_, err := newClient(t, s.URL, caldav.Options{}).Discover(t.Context())
		if calbell.KindOf(err) != calbell.KindRefused || s.requests.Load() != 1 {
			t.Errorf("%q: %d requests, %v", offer, s.requests.Load(), err)
		}
	}
}

// TestDigestElsewhere: a challenge of another server is not answered.
func TestDigestElsewhere(t *testing.T) {
	other := newStranger(t, true, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Digest realm="x", nonce="y", qop="auth"`)
		w.WriteHeader(http.StatusUnauthorized)
	})
	first := newStranger(t, true, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/x/", http.StatusFound)
	})
	_, err := newClient(t, first.URL, caldav.Options{Transport: anyCertificate()}).Discover(t.Context())
	if other.credentials.Load() != 0 || other.requests.Load() != 1 || calbell.KindOf(err) != calbell.KindRefused {
		t.Errorf("%d requests, %d credentials, %v", other.requests.Load(), other.credentials.Load(), err)
	}
}
