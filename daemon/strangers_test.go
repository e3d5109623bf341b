package daemon_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
)

// TestStrangersAreBounded: ten thousand wrong sign-ins, headers that never end and a gigabyte
// of body cost little, and a reminder comes meanwhile.
func TestStrangersAreBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("takes its time: left out of make quick")
	}
	t.Parallel()
	h := newHouse(t)
	h.dear = true
	h.cfg.Server.Listen = freeAddress(t)
	h.start()
	_, err := h.client.AddUser(t.Context(), types.NewUser{Name: "Anna", Role: calbell.RoleAdmin, Password: password})
	h.ok(err)
	h.sync()
	h.put("a@example.org", "Stand-up", 2*time.Second)
	h.sync()
	slow := h.slowHeaders(50)
	h.wrongSignIns(10_000)
	h.hugePost()
	got, err := h.chat.Wait(t.Context(), 1)
	h.ok(err)
	if got[0].Text != "Stand-up (Room 1)" {
		t.Errorf("posted %q", got[0].Text)
	}
	for _, c := range slow { // whoever does not finish a request is sent away
		h.ok(c.SetReadDeadline(time.Now().Add(time.Minute)))
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Errorf("a slow client was not sent away: %v", err)
		}
	}
}

// wrongSignIns guesses the password of a user and of many others.
func (h *house) wrongSignIns(n int) {
	h.Helper()
	counts := map[int]int{}
	v := h.visitor()
	for i := range n {
		name := "Anna"
		if i%3 == 0 {
			name = fmt.Sprint("guess", i)
		}
		resp, text := v.ask("POST", "/api/v1/session", fmt.Sprintf(`{"name":%q,"password":"wrong password"}`, name))
		counts[resp.StatusCode]++
		if resp.StatusCode == http.StatusTooManyRequests && resp.Header.Get("Retry-After") == "" {
			h.Fatal("nobody says how long to wait")
		}
		if strings.Contains(string(text), "no user") {
			h.Fatalf("the answer says who exists: %s", text)
		}
	}
	// The first ones were looked at, and some more as time went by.
	if counts[http.StatusForbidden] < 1 || counts[http.StatusForbidden] > n/10 || counts[http.StatusForbidden]+counts[http.StatusTooManyRequests] != n {
		h.Errorf("answers %v", counts)
	}
}

// slowHeaders opens connections that send a line of a request now and never the end.
func (h *house) slowHeaders(n int) (open []net.Conn) {
	h.Helper()
	for range n {
		c, err := net.Dial("tcp", h.cfg.Server.Listen)
		h.ok(err)
		h.Cleanup(func() { c.Close() })
		_, err = io.WriteString(c, "POST /api/v1/session HTTP/1.1\r\nHost: example.org\r\nX-Slow: ")
		h.ok(err)
		open = append(open, c)
	}
	return open
}

// endless is a body that counts what is taken of it.
type endless struct{ taken atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.taken.Add(int64(len(p)))
	return len(p), nil
}

// hugePost sends a gigabyte, with and without saying so.
func (h *house) hugePost() {
	h.Helper()
	for _, length := range []int64{1 << 30, -1} {
		body := &endless{}
		ctx, cancel := context.WithTimeout(h.Context(), time.Minute)
		req, err := http.NewRequestWithContext(ctx, "POST", "http://"+h.cfg.Server.Listen+"/api/v1/session", io.LimitReader(body, 1<<30))
		h.ok(err)
		req.ContentLength = length
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err == nil { // else the connection was closed on what was still being sent
			if resp.StatusCode != http.StatusRequestEntityTooLarge {
				h.Errorf("a gigabyte was answered %d", resp.StatusCode)
			}
			resp.Body.Close()
		}
		cancel()
		if n := body.taken.Load(); n > 64<<20 {
			h.Errorf("%d bytes were taken", n)
		}
	}
}

// TestPasswordChangeOutrunsSlowRequests: a request that was begun by a thief before the change,
// and is ended after it, gets no token.
func TestPasswordChangeOutrunsSlowRequests(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.dear = true
	h.cfg.Server.Listen = freeAddress(t)
	h.start()
	_, err := h.client.AddUser(t.Context(), types.NewUser{Name: "Anna", Role: calbell.RoleAdmin, Password: password})
	h.ok(err)
	v := h.signIn("anna")
	var cookie *http.Cookie
	for _, c := range v.http.Jar.Cookies(&url.URL{Scheme: "http", Host: h.cfg.Server.Listen}) {
		if c.Name == "calbell" { // the session's; another one tells the browser apart
			cookie = c
		}
	}
	var open []net.Conn
	for _, r := range []struct{ path, body string }{
		{"tokens", `{"name":"thief","scopes":["admin"]}`},
		{"users", `{"name":"thief","role":"admin","password":"a password of the thief"}`},
	} {
		c, err := net.Dial("tcp", h.cfg.Server.Listen)
		h.ok(err)
		t.Cleanup(func() { c.Close() })
		_, err = fmt.Fprintf(c, "POST /api/v1/%s HTTP/1.1\r\nHost: %s\r\nCookie: %s=%s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
			r.path, h.cfg.Server.Listen, cookie.Name, cookie.Value, len(r.body), r.body[:len(r.body)-1])
		h.ok(err)
		open = append(open, c)
	}
	if resp, text := v.ask("GET", "/api/v1/status", ""); resp.StatusCode != http.StatusOK { // the others have been read by now
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
	h.ok(h.client.SetPassword(t.Context(), "anna", "another battery staple"))
	for _, c := range open {
		_, err = io.WriteString(c, "}")
		h.ok(err)
		answer, err := io.ReadAll(c)
		if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 401") {
			t.Errorf("%v: %.300s", err, answer)
		}
	}
	tokens, err1 := h.client.Tokens(t.Context())
	users, err2 := h.client.Users(t.Context())
	if err1 != nil || err2 != nil || len(tokens) != 0 || len(users) != 1 {
		t.Errorf("tokens %v, users %v", tokens, users)
	}
}
