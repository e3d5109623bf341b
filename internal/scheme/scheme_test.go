package scheme

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// answers serves each connection with a text, whatever is asked.
func answers(t *testing.T, text string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 4096))
			_, _ = io.WriteString(c, text)
			c.Close()
		}
	}()
	return l.Addr().String()
}

func TestOfError(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for name, tt := range map[string]struct{ url, want string }{
		"https to a Go server of http":   {"https://" + plain.Listener.Addr().String(), HTTP},
		"https to one that sends a page": {"https://" + answers(t, "<!DOCTYPE HTML>\n<html>Bad request version"), HTTP},
		"https to a mail server":         {"https://" + answers(t, "220 mail.example.org ESMTP\r\n"), ""},
		"https to one that closes":       {"https://" + answers(t, ""), ""},
		"http to one that sends an alert": {
			"http://" + answers(t, "\x15\x03\x01\x00\x02\x02\x46"), HTTPS,
		},
		"http to one that is no server of http": {"http://" + answers(t, "nonsense\r\n"), ""},
	} {
		for _, how := range []string{"client", "transport"} {
			transport := &http.Transport{DisableKeepAlives: true}
			req, err := http.NewRequestWithContext(t.Context(), "GET", tt.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			do := (&http.Client{Transport: transport}).Do
			if how == "transport" {
				do = transport.RoundTrip
			}
			resp, err := do(req)
			if err == nil {
				resp.Body.Close()
				t.Errorf("%s: answered %d", name, resp.StatusCode)
			}
			if got := OfError(err); got != tt.want {
				t.Errorf("%s, by the %s: %q, want %q (%v)", name, how, got, tt.want, err)
			}
		}
	}
}

func TestOfAnswer(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	resp, err := http.Get("http://" + secure.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if got := OfAnswer(resp.StatusCode, body); got != HTTPS {
		t.Errorf("Go's own server of https: %d %q gives %q", resp.StatusCode, body, got)
	}
	for _, tt := range []struct {
		status int
		body   string
		want   string
	}{
		{400, "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head>", HTTPS},
		{400, "<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />", HTTPS},
		{400, "Bad Request\nThis combination of host and port requires TLS.\n", HTTPS},
		{400, "invalid payload", ""},
		{404, "the plain http request was sent to https port", ""},
		{400, strings.Repeat(" ", maxRead) + "plain http request was sent to https port", ""},
	} {
		if got := OfAnswer(tt.status, []byte(tt.body)); got != tt.want {
			t.Errorf("%d %.40q: %q, want %q", tt.status, tt.body, got, tt.want)
		}
	}
}
