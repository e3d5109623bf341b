package transport

import (
	"encoding/base64"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"calbell"
)

// refusedWith returns what a client makes of a refusal.
func refusedWith(t *testing.T, a calbell.Account, o Options, kind, body string) *StatusError {
	t.Helper()
	at := &url.URL{Scheme: "https", Host: "cal.example.org", Path: "/"}
	c := New(a, o)
	resp := &http.Response{StatusCode: 503, Header: http.Header{"Content-Type": {kind}}}
	e, ok := c.statusError(Request{Method: "PROPFIND", URL: at}, resp, at, strings.NewReader(body)).(*StatusError) //nolint:errorlint // it is not wrapped
	if !ok {
		t.Fatal("no StatusError")
	}
	return e
}

// TestServersWords: what a server says is repeated as far as it is meant for people, short, in one
// line, and without what signs in.
func TestServersWords(t *testing.T) {
	const password = "canary p/w"
	account := calbell.Account{Name: "home", URL: "https://cal.example.org/", Username: "anna", Password: password}
	sabre := func(message string) string {
		return `<?xml version="1.0"?><d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:exception>E</s:exception><s:message>` + message + `</s:message></d:error>`
	}
	basic := base64.StdEncoding.EncodeToString([]byte("anna:" + password))
	for _, tt := range []struct{ name, kind, body, want string }{
		{"sabre's", "application/xml", sabre("System in maintenance mode."), "System in maintenance mode."},
		{"sabre's of another type", "text/html", sabre("Upgrade needed"), "Upgrade needed"},
		{"several lines, and controls", "text/xml", sabre("One\n\ttwo&#x202e;\u0085three "), "One two three"},
		{"long", "text/xml", sabre(strings.Repeat("é", 500)), strings.Repeat("é", 98) + "…"},
		{"plain", "text/plain; charset=utf-8", "Too many connections\n", "Too many connections"},
		{"plain, with escapes", "text/plain", "\x1b[31mred\x00", "[31mred"},
		{"the name of the status", "text/plain", "Service Unavailable\n", ""},
		{"with its number", "text/plain", "503 service unavailable", ""},
		{"a page", "text/html", "<html><body>Bad gateway</body></html>", ""},
		{"a page as text", "text/plain", "<html><body>Bad gateway</body></html>", ""},
		{"JSON", "text/plain", `{"error":"x"}`, ""},
		{"no type", "", "words", ""},
		{"the password", "text/plain", "wrong password: " + password, ""},
		{"the password in other letters", "text/plain", strings.ToUpper(password), ""},
		{"the password in a query", "text/xml", sabre("?p=canary+p%2Fw"), ""},
		{"the password in a path", "text/xml", sabre("/canary%20p%2Fw"), ""},
		{"the header", "text/plain", "Authorization: Basic " + basic, ""},
		{"a Digest", "text/plain", `Digest username="anna", nonce="1", response="2"`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := refusedWith(t, account, Options{}, tt.kind, tt.body)
			if e.Message != tt.want || e.Condition != "" {
				t.Errorf("got %q, and the condition %q", e.Message, e.Condition)
			}
			if tt.want != "" && !strings.HasSuffix(e.Error(), `503 Service Unavailable: "`+tt.want+`"`) {
				t.Error(e)
			}
		})
	}
}

// TestWordsKeptBack: page users do not read what an inner service says, the publisher of a file does
// not name its secret address, and another server's words are not the account's.
func TestWordsKeptBack(t *testing.T) {
	account := calbell.Account{Name: "home", URL: "https://cal.example.org/", Token: "canary-token"}
	guarded := Options{Guard: func(netip.AddrPort, bool) error { return nil }}
	const sabre = `<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:message>words</s:message></d:error>`
	if e := refusedWith(t, account, guarded, "text/plain", "words"); e.Message != "" {
		t.Errorf("guarded: %q", e.Message)
	}
	if e := refusedWith(t, account, guarded, "text/xml", sabre); e.Message != "words" {
		t.Errorf("of DAV, guarded: %q", e.Message)
	}
	if e := refusedWith(t, account, Options{}, "text/plain", "token canary-token expired"); e.Message != "" {
		t.Errorf("the token: %q", e.Message)
	}
	if e := refusedWith(t, account, Options{Secret: true}, "text/xml", sabre); e.Message != "" {
		t.Errorf("of a file: %q", e.Message)
	}
	own := &url.URL{Scheme: "https", Host: "cal.example.org", Path: "/"}
	elsewhere := &url.URL{Scheme: "https", Host: "other.example.org", Path: "/"}
	resp := &http.Response{StatusCode: 403, Header: http.Header{}}
	if err := New(account, Options{}).statusError(Request{URL: own}, resp, elsewhere, strings.NewReader(sabre)); strings.Contains(err.Error(), "words") {
		t.Errorf("elsewhere: %v", err)
	}
}

// TestChallenges: several ways to sign in stand in one header or in several.
func TestChallenges(t *testing.T) {
	for _, tt := range []struct {
		lines []string
		want  []string
	}{
		{nil, nil},
		{[]string{`Basic realm="a, b"`}, []string{`Basic realm="a, b"`}},
		{[]string{`Negotiate, Digest realm="a", nonce="b=,c", qop="auth,auth-int", Basic realm="x"`}, []string{`Negotiate`, `Digest realm="a", nonce="b=,c", qop="auth,auth-int"`, `Basic realm="x"`}},
		{[]string{`Negotiate abc==`, ` Basic realm="\"q\", r" `}, []string{`Negotiate abc==`, `Basic realm="\"q\", r"`}},
		{[]string{`Digest realm="open, nonce=x`}, []string{`Digest realm="open, nonce=x`}},
		{[]string{`,, `, `nonce="x"`}, []string{`nonce="x"`}},
	} {
		if got := challenges(http.Header{"Www-Authenticate": tt.lines}); !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q", tt.lines, got)
		}
	}
	many := http.Header{"Www-Authenticate": {strings.Repeat("A"+strings.Repeat("x", 100)+",", 3) + "B,C,D,E,F,G,H,I,\x01\u202e"}}
	if got := schemes(many); len(got) != maxSchemes || len(got[0]) > maxScheme {
		t.Errorf("got %q", got)
	}
}

// TestAdvised: a hint names the address that was meant, and nothing that may be secret.
func TestAdvised(t *testing.T) {
	for _, tt := range []struct{ from, to, want string }{
		{"https://cloud.example.org/.well-known/caldav", "http://cloud.example.org/remote.php/dav/", "https://cloud.example.org/remote.php/dav/"},
		{"https://cloud.example.org:8443/", "http://cloud.example.org/dav/", "https://cloud.example.org:8443/dav/"},
		{"https://cloud.example.org/", "http://dav.example.org/a%2Fb?token=x", "https://dav.example.org/a%2Fb"},
		{"https://cloud.example.org/", "http://dav.example.org:80/", "https://dav.example.org/"},
		{"https://cloud.example.org/", "http://dav.example.org:5232/", "http://dav.example.org:5232/"},
		{"http://a.example.org/", "http://b.example.org/" + strings.Repeat("x", 300), "https://b.example.org/"},
	} {
		if got := advised(mustParse(t, tt.from), mustParse(t, tt.to)); got != tt.want {
			t.Errorf("%s to %s: got %s", tt.from, tt.to, got)
		}
	}
}
