package transport

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestCredentialsMayGo(t *testing.T) {
	tests := []struct {
		first, at string
		want      bool
	}{
		{"https://a.example.org/", "https://a.example.org/x", true},
		{"https://a.example.org/", "https://A.EXAMPLE.org:443/x", true},
		{"http://a.example.org/", "https://a.example.org/x", true},
		{"http://a.example.org:80/", "https://a.example.org:443/x", true},
		{"https://a.example.org/", "http://a.example.org/x", false},
		{"https://a.example.org/", "https://a.example.org:8443/x", false},
		{"http://a.example.org:8080/", "https://a.example.org/x", false},
		{"http://a.example.org/", "https://a.example.org:8443/x", false},
		{"https://a.example.org/", "https://b.example.org/x", false},
		{"https://a.example.org/", "https://a.example.org.evil.example.com/", false},
		{"http://a.example.org/", "https://b.example.org/", false},
	}
	for _, tt := range tests {
		if got := CredentialsMayGo(mustParse(t, tt.first), mustParse(t, tt.at)); got != tt.want {
			t.Errorf("%s → %s: %v", tt.first, tt.at, got)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		value, date string
		want        time.Duration
	}{
		{"", "", 0},
		{"120", "", 2 * time.Minute},
		{" 0 ", "", 0},
		{"-5", "", 0},
		{"soon", "", 0},
		{"1.5", "", 0},
		{"99999999", "", maxRetryAfter},
		{"99999999999999999999", "", 0},
		{"Sun, 22 Nov 2026 12:01:00 GMT", "", time.Minute},
		{"Sun, 22 Nov 2026 11:59:00 GMT", "", 0},
		{"Sun, 22 Nov 2026 12:01:00 GMT", "Sun, 22 Nov 2026 12:00:30 GMT", 30 * time.Second},
		{"Mon, 22 Nov 2027 12:00:00 GMT", "", maxRetryAfter},
	}
	for _, tt := range tests {
		h := http.Header{"Retry-After": {tt.value}}
		if tt.date != "" {
			h.Set("Date", tt.date)
		}
		if got := retryAfter(h, now); got != tt.want {
			t.Errorf("%q at %q: got %v, want %v", tt.value, tt.date, got, tt.want)
		}
	}
}

func TestLimitedBody(t *testing.T) {
	tests := []struct {
		limit int64
		text  string
		ok    bool
	}{{5, "12345", true}, {5, "1234", true}, {5, "123456", false}, {0, "", true}, {0, "1", false}}
	for _, tt := range tests {
		b := &limitedBody{ctx: t.Context(), r: strings.NewReader(tt.text), left: tt.limit, limit: tt.limit}
		got, err := io.ReadAll(b)
		if (err == nil) != tt.ok || int64(len(got)) > tt.limit {
			t.Errorf("limit %d, %q: %q, %v", tt.limit, tt.text, got, err)
		}
		if err != nil && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%v", err)
		}
	}
	torn := &limitedBody{ctx: t.Context(), r: iotest.ErrReader(io.ErrUnexpectedEOF), left: 5, limit: 5}
	var lost *LostError
	if _, err := io.ReadAll(torn); !errors.As(err, &lost) {
		t.Errorf("%v", err)
	}
}

func TestReadChallenge(t *testing.T) {
	tests := []struct {
		offer string
		qop   string // one that must be supported; "-": the offer cannot be answered
	}{
		{`Digest realm="x", nonce="n", qop="auth-int, auth"`, "auth"},
		{`  digest realm="x",nonce="n",qop="auth",stale=TRUE`, "auth"},
		{`Digest realm="x", nonce="n", qop=auth, algorithm=SHA-256`, "auth"},
		{`Digest realm="x", nonce="n"`, ""},
		{`Digest realm="x", nonce="n", qop="later"`, "-"},
		{`Digest realm="x", nonce="n", algorithm=SHA-1`, "-"},
		{`Basic realm="x"`, "-"},
		{``, "-"},
		{`Digest`, "-"},
	}
	for _, tt := range tests {
		ch := readChallenge(tt.offer)
		switch {
		case (ch == nil) != (tt.qop == "-"):
			t.Errorf("%s: %+v", tt.offer, ch)
		case ch != nil && tt.qop != "" && !ch.SupportsQOP(tt.qop):
			t.Errorf("%s: %q", tt.offer, ch.QOP)
		}
	}
}

// mustParse reads a URL.
func mustParse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
