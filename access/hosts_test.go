package access_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calbell/access"
)

func TestHosts(t *testing.T) {
	h := access.NewHosts([]string{"Calbell.Example.ORG", "nas", "bücher.example.org", "dotted.example.org."}, nil)
	for host, want := range map[string]bool{
		"localhost": true, "localhost:8470": true, "LOCALHOST.:8470": true, "calbell.localhost:1": true, "ip6-localhost:8470": true,
		"127.0.0.1": true, "127.0.0.1:8470": true, "[::1]:8470": true, "[::1]": true, "[fe80::1%eth0]:80": true,
		"192.168.1.7:8470": true, "203.0.113.5": true, "[2001:db8::1]:443": true, "[::ffff:127.0.0.1]": true,
		"calbell.example.org": true, "CALBELL.example.org.": true, "calbell.example.org:65535": true, "nas:8470": true,
		"xn--bcher-kva.example.org": true, "dotted.example.org": true,
		"": true,

		"evil.example.net": false, "evil.example.net:8470": false, "example.org": false, "www.calbell.example.org": false,
		"calbell.example.org.evil.example.net": false, "evilcalbell.example.org": false, "calbell.example.org..": false,
		"localhost.evil.example.net": false, "notlocalhost": false, "127.0.0.1.evil.example.net": false, "127.0.0.1.nip.example.net": false,
		"localhost:80@evil.example.net": false, "localhost:x": false, "localhost:99999": false, "localhost:80:80": false, ":8470": false, ".": false,
		"2130706433": false, "0x7f.1": false, "127.1": false, "localhost, evil.example.net": false, "127.0.0.1@evil.example.net": false,
		"localhost/": false, "nas.": true, ".localhost": true, "evil.example.net\x00localhost": false,
	} {
		if got := h.Know(host); got != want {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
}

// The refusal says what to set, to programs and in browsers, and is no page of the site that was
// led here.
func TestUnknownHosts(t *testing.T) {
	var told []string
	reached := 0
	h := access.NewHosts([]string{"calbell.example.org"}, func(host string) { told = append(told, host) }).
		Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	synctest.Test(t, func(t *testing.T) {
		get := func(host, accept, forwarded string) *httptest.ResponseRecorder {
			r := httptest.NewRequest("GET", "/metrics", nil)
			r.Host = host
			r.Header.Set("Accept", accept)
			r.Header.Set("X-Forwarded-Host", forwarded)
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			return rec
		}
		for accept, kind := range map[string]string{"text/html,*/*;q=0.8": "text/plain; charset=utf-8", "application/json": "application/problem+json", "": "application/problem+json"} {
			rec := get(`evil.example.net"><script>`, accept, "calbell.example.org")
			body := rec.Body.String()
			if rec.Code != http.StatusMisdirectedRequest || rec.Header().Get("Content-Type") != kind || rec.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%q: %d %v", accept, rec.Code, rec.Header())
			}
			for _, want := range []string{"evil.example.net", "server.hosts", "server.base_url"} {
				if !strings.Contains(body, want) {
					t.Errorf("%q: no %s in %s", accept, want, body)
				}
			}
		}
		if rec := get(strings.Repeat("x", 30_000), "", ""); rec.Body.Len() > 1000 {
			t.Errorf("the answer has %d bytes", rec.Body.Len())
		}
		if len(told) != 1 || reached != 0 {
			t.Errorf("told of %d at once, %d reached the page", len(told), reached)
		}
		time.Sleep(time.Minute)
		get("other.example.net", "", "")
		if len(told) != 2 || told[1] != "other.example.net" {
			t.Errorf("told %q", told)
		}
		if get("calbell.example.org:443", "", "evil.example.net"); reached != 1 {
			t.Error("its own name was refused")
		}
	})
}
