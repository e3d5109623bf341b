package daemon_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"calbell/config"
	"calbell/daemon"
)

// Page, API and metrics answer at names of this server alone, the probes at every name.
func TestHostNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.cfg.Server.BaseURL, h.cfg.Server.Hosts = "https://calbell.example.org", []string{"nas.local"}
	h.start()
	_, port, err := net.SplitHostPort(h.cfg.Server.Listen)
	h.ok(err)
	probes := []string{"/healthz", "/readyz"}
	guarded := []string{"/", "/sign-in", "/metrics", "/static/app.css", "/no-such-page", "/api/v1/status", "/api/v1/openapi.json", "/setup/x"}
	for host, known := range map[string]bool{
		"calbell.example.org": true, "NAS.local:" + port: true, "localhost:" + port: true, "127.0.0.1": true, "192.168.1.7:" + port: true, "[::1]:" + port: true,
		"evil.example.net": false, "evil.example.net:" + port: false, "calbell.example.org.evil.example.net": false,
	} {
		for _, path := range append(probes, guarded...) {
			status, body := h.raw("GET "+path+" HTTP/1.1", "Host: "+host, "X-Forwarded-Host: calbell.example.org")
			want := known || slices.Contains(probes, path)
			if got := status != http.StatusMisdirectedRequest; got != want || !want && !strings.Contains(body, "server.hosts") {
				t.Errorf("%s at %s: %d\n%.300s", path, host, status, body)
			}
		}
	}
	for request, want := range map[string]int{
		"GET /metrics HTTP/1.0\r\n":                                               http.StatusOK, // without a host
		"GET /metrics HTTP/1.0\r\nHost: evil.example.net\r\n":                     http.StatusMisdirectedRequest,
		"GET http://evil.example.net/metrics HTTP/1.1\r\nHost: localhost\r\n":     http.StatusMisdirectedRequest, // RFC 9112 §3.2.2
		"GET http://localhost/metrics HTTP/1.1\r\nHost: localhost\r\n":            http.StatusOK,
		"POST /api/v1/session HTTP/1.1\r\nHost: evil.example.net\r\n":             http.StatusMisdirectedRequest,
		"OPTIONS /api/v1/session HTTP/1.1\r\nHost: evil.example.net\r\n":          http.StatusMisdirectedRequest,
		"GET //metrics HTTP/1.1\r\nHost: localhost\r\nHost: evil.example.net\r\n": http.StatusBadRequest,
	} {
		lines := strings.Split(strings.TrimSuffix(request, "\r\n"), "\r\n")
		if status, body := h.raw(lines[0], lines[1:]...); status != want {
			t.Errorf("%q: %d, want %d\n%.300s", request, status, want, body)
		}
	}
	if log := h.log.String(); strings.Count(log, "unknown host name was rejected") != 1 || !strings.Contains(log, "server.hosts") {
		t.Errorf("the log tells no admin, or too often:\n%s", log)
	}
}

// raw sends lines of a request as they are, and returns status and body of the answer.
func (h *house) raw(request string, headers ...string) (status int, body string) {
	h.Helper()
	c, err := net.Dial("tcp", h.cfg.Server.Listen)
	h.ok(err)
	defer c.Close()
	_, err = fmt.Fprintf(c, "%s\r\nConnection: close\r\n%s\r\n\r\n", request, strings.Join(headers, "\r\n"))
	h.ok(err)
	method, _, _ := strings.Cut(request, " ")
	resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	h.ok(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	h.ok(err)
	return resp.StatusCode, string(text)
}

// TestPageHosts: a name that the configuration gives the page anywhere is one of its names.
func TestPageHosts(t *testing.T) {
	for _, tt := range []struct {
		server config.Server
		want   []string
	}{
		{config.Server{Listen: "127.0.0.1:8470"}, nil},
		{config.Server{Listen: ":8470"}, nil},
		{config.Server{Listen: "[::1]:8470"}, nil},
		{config.Server{Listen: "unix:/run/calbell/page.sock"}, nil},
		{config.Server{Listen: "Calbell.lan:8470"}, []string{"calbell.lan"}},
		{config.Server{Listen: ":443", BaseURL: "https://calbell.example.org:8443", Hosts: []string{"nas", "calbell.example.org"}}, []string{"calbell.example.org", "nas"}},
	} {
		if got := daemon.PageHosts(tt.server); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %q, want %q", tt.server, got, tt.want)
		}
	}
}
