package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"calbell/web"
)

// caller is somebody outside, who speaks to the page of a daemon.
type caller struct {
	t    testing.TB
	page string
	head map[string]string
}

// ask sends a form, or looks at a page when there is none, and returns the answer's status.
func (c caller) ask(method, path string, form url.Values) int {
	c.t.Helper()
	status, _ := c.answer(method, path, form)
	return status
}

func (c caller) answer(method, path string, form url.Values) (status int, text string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(patient(c.t), method, "http://"+c.page+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range c.head {
		req.Header.Set(name, value)
	}
	req.Host = req.Header.Get("Host")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestDoors: what the built program refuses to callers outside, and to whom it goes on answering.
func TestDoors(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.configure("server:", "server:\n  trusted_proxies: [127.0.0.0/8]")
	w.write("new.password", password)
	w.serve()
	w.run("user", "add", "anna", "--password-file", "new.password").want(t, 0)
	made := decode[struct{ Text string }](t, w.run("token", "create", "ci", "--user", "anna", "--scope", "read", "-o", "json"))
	by := func(head ...string) caller {
		c := caller{t, w.page(), map[string]string{}}
		for i := 0; i < len(head); i += 2 {
			c.head[head[i]] = head[i+1]
		}
		return c
	}

	reader := by("Authorization", "Bearer "+made.Text)
	if got := reader.ask("GET", "/api/v1/webhooks", nil); got != http.StatusOK {
		t.Errorf("a token of scope read reads: %d", got)
	}
	forms := 0
	for _, pattern := range web.Routes() {
		path, isForm := strings.CutPrefix(pattern, "POST ")
		if !isForm {
			continue
		}
		forms++
		path = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "team")
		if got := reader.ask("POST", path, url.Values{"name": {"mine"}, "kind": {"kchat"}, "url": {w.chat.URL("/hooks/mine")}, "locale": {"fr"}}); got < 400 && !strings.HasPrefix(path, "/sign-in") {
			t.Errorf("a token of scope read sends a form to %s: %d", path, got)
		}
	}
	if forms < 20 {
		t.Errorf("the page has %d forms", forms)
	}
	if n := len(w.chat.Texts()); n > 0 {
		t.Errorf("%d messages were posted by a token of scope read", n)
	}

	if got := by("Host", "rebound.example.org").ask("GET", "/metrics", nil); got != http.StatusMisdirectedRequest {
		t.Errorf("the metrics answer to another name: %d", got)
	}
	if got := by("Host", "rebound.example.org").ask("GET", "/healthz", nil); got != http.StatusOK {
		t.Errorf("/healthz under another name: %d", got)
	}

	signsIn := func(from, secret string) int {
		return by("X-Forwarded-For", from).ask("POST", "/sign-in", url.Values{"name": {"anna"}, "password": {secret}})
	}
	limited := 0
	for i := range 15 {
		if signsIn("198.51.100.66", fmt.Sprint("guess ", i)) == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited < 3 {
		t.Errorf("%d of 15 guesses were refused unheard", limited)
	}
	if got := signsIn("203.0.113.5", password); got != http.StatusSeeOther {
		t.Errorf("the right password, from elsewhere: %d", got)
	}
}

// TestNeverLetIn: an account that the server never let in is named as such by the built program.
func TestNeverLetIn(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.write("alice.password", "of another server\n")
	w.serve()
	w.run("sync", "--wait")
	for _, args := range [][]string{{"status"}, {"account", "list"}} {
		w.run(args...).want(t, 0, "401")
	}
	w.run("status", "--check").want(t, 1)
	eventually(t, "the metrics name it", func() bool {
		_, text := caller{t: t, page: w.page()}.answer("GET", "/metrics", nil)
		return strings.Contains(text, "calbell_account_failing_since_timestamp_seconds{")
	})
}
