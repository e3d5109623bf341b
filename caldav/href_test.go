package caldav

import (
	"net/url"
	"strings"
	"testing"

	"calbell"
)

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestHrefOf(t *testing.T) {
	base := mustURL(t, "https://cloud.example.org/dav/alice/te%20am/")
	tests := []struct{ written, want string }{
		{"/dav/alice/team/a.ics", "/dav/alice/team/a.ics"},
		{"/dav/al%69ce/%2F.ics", "/dav/al%69ce/%2F.ics"},
		{"https://cloud.example.org/dav/a%40b.ics", "/dav/a%40b.ics"},
		{"http://internal:8080/dav/a.ics", "/dav/a.ics"},
		{"https://cloud.example.org", "/"},
		{"a.ics", "/dav/alice/te%20am/a.ics"},
		{"./a.ics", "/dav/alice/te%20am/a.ics"},
		{"//dav/a.ics", "//dav/a.ics"},
		{"/a.ics?x=http://y/z", "/a.ics?x=http://y/z"},
		{"/odd name é.ics", "/odd name é.ics"},
	}
	for _, tt := range tests {
		if got := hrefOf(tt.written, base); string(got) != tt.want {
			t.Errorf("%s: got %s, want %s", tt.written, got, tt.want)
		}
	}
}

// TestURLOf: what goes out in the request line is what the server wrote.
func TestURLOf(t *testing.T) {
	base := mustURL(t, "https://cloud.example.org:8443/dav/")
	tests := []struct{ href, want string }{
		{"/dav/a.ics", "/dav/a.ics"},
		{"/dav/a%2Fb.ics", "/dav/a%2Fb.ics"},
		{"/dav/a%40b@c.ics", "/dav/a%40b@c.ics"},
		{"/dav/%c3%a9.ics", "/dav/%c3%a9.ics"},
		{"/dav/é a.ics", "/dav/%C3%A9%20a.ics"},
		{"/dav/100%.ics", "/dav/100%25.ics"},
		{"/dav/a;b,c=d+e~f!.ics", "/dav/a;b,c=d+e~f!.ics"},
		{"/dav/a.ics?b=%20c", "/dav/a.ics?b=%20c"},
		{"/dav/a%3Fb.ics", "/dav/a%3Fb.ics"},
		{"//dav/a.ics", "//dav/a.ics"},
	}
	for _, tt := range tests {
		u := urlOf(base, calbell.Href(tt.href))
		if got := u.RequestURI(); got != tt.want || u.Host != base.Host || u.Scheme != "https" {
			t.Errorf("%s: got %s at %s", tt.href, got, u.Host)
		}
	}
}

func TestCanonical(t *testing.T) {
	same := [][2]string{
		{"/a%40b.ics", "/a@b.ics"},
		{"/%7Ea/", "/~a"},
		{"/%c3%a9", "/%C3%A9"},
		{"/é", "/%C3%A9"},
		{"/a b", "/a%20b"},
		{"/team/", "/team"},
		{"/a%", "/a%25"},
	}
	for _, p := range same {
		if a, b := canonical(calbell.Href(p[0])), canonical(calbell.Href(p[1])); a != b {
			t.Errorf("%s and %s: %s and %s", p[0], p[1], a, b)
		}
	}
	different := [][2]string{
		{"/a%2Fb", "/a/b"}, {"/a", "/A"}, {"/a%25", "/a%2525"}, {"/a?b", "/a%3Fb"}, {"/a+b", "/a%20b"},
	}
	for _, p := range different {
		if a, b := canonical(calbell.Href(p[0])), canonical(calbell.Href(p[1])); a == b {
			t.Errorf("%s and %s: both %s", p[0], p[1], a)
		}
	}
}

func FuzzHref(f *testing.F) {
	f.Add("/a%40b/%2F é?x=1")
	f.Add("http://example.org/a")
	f.Add("100%")
	base := &url.URL{Scheme: "https", Host: "cloud.example.org", Path: "/dav/"}
	f.Fuzz(func(t *testing.T, written string) {
		h := hrefOf(written, base)
		u := urlOf(base, h)
		if u.Host != base.Host || u.Scheme != base.Scheme || u.User != nil {
			t.Errorf("%q leads to %s", written, u)
		}
		if strings.Contains(u.RequestURI(), " ") {
			t.Errorf("%q breaks the request line: %q", written, u.RequestURI())
		}
		if c := canonical(h); canonical(calbell.Href(c)) != c {
			t.Errorf("%q: canonical form %q is not stable", written, c)
		}
	})
}

func TestResolve(t *testing.T) {
	base := mustURL(t, "https://cloud.example.org/dav/")
	tests := []struct{ written, want string }{
		{"/a%2Fb/", "https://cloud.example.org/a%2Fb/"},
		{"home/", "https://cloud.example.org/dav/home/"},
		{"https://p12-caldav.example.com:443/1/", "https://p12-caldav.example.com:443/1/"},
		{"https://anna:pw@other.example.com/", "https://other.example.com/"},
		{"http://cloud.example.org/dav/x/", "https://cloud.example.org/dav/x/"},
		{"http://internal:8080/dav/x/", "https://cloud.example.org/dav/x/"},
		{"urn:uuid:1", ""},
		{"mailto:a@example.org", ""},
		{"ftp://example.org/", ""},
		{"https://[bad/", ""},
	}
	for _, tt := range tests {
		got := ""
		if u := resolve(tt.written, base); u != nil {
			got = u.String()
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.written, got, tt.want)
		}
	}
}

func TestSameETag(t *testing.T) {
	tests := []struct {
		a, b calbell.ETag
		want bool
	}{
		{`"1"`, `"1"`, true},
		{`W/"1"`, `"1"`, true},
		{`1`, `"1"`, true},
		{`W/"1"`, `W/"1"`, true},
		{`"1"`, `"2"`, false},
		{``, ``, false},
		{``, `"1"`, false},
		{`"w/1"`, `"1"`, false},
	}
	for _, tt := range tests {
		if got := sameETag(tt.a, tt.b); got != tt.want {
			t.Errorf("%s and %s: %v", tt.a, tt.b, got)
		}
	}
}
