package daemon_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/caldav/caldavtest"
)

// listening is somebody who hears what happens.
type listening struct {
	*visitor
	lines chan string // closed when the stream ends
	stop  func()
}

// listen opens the stream; lines that say nothing are left out.
func (v *visitor) listen() *listening {
	v.h.Helper()
	ctx, stop := context.WithCancel(v.h.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", "http://"+v.h.cfg.Server.Listen+"/api/v1/stream", nil)
	v.h.ok(err)
	if v.token != "" {
		req.Header.Set("Authorization", "Bearer "+v.token)
	}
	resp, err := v.http.Do(req)
	v.h.ok(err)
	l := &listening{v, make(chan string, 1000), stop}
	v.h.Cleanup(stop)
	go func() {
		defer close(l.lines)
		defer resp.Body.Close()
		for in := bufio.NewScanner(resp.Body); in.Scan(); {
			if line := in.Text(); line != "" && !strings.HasPrefix(line, ":") && !strings.HasPrefix(line, "retry:") {
				l.lines <- line
			}
		}
	}()
	return l
}

// until waits for a line that holds a text, and returns all lines up to it.
func (l *listening) until(text string) (before []string) {
	l.h.Helper()
	end := time.After(time.Minute)
	for {
		select {
		case line, open := <-l.lines:
			if before = append(before, line); strings.Contains(line, text) {
				return before
			}
			if !open {
				l.h.Fatalf("the stream ended before %q: %q", text, before)
			}
		case <-end:
			l.h.Fatalf("not within a minute: %q, but %q", text, before)
		}
	}
}

// ended waits for the end.
func (l *listening) ended() {
	l.h.Helper()
	end := time.After(time.Minute)
	for {
		select {
		case _, open := <-l.lines:
			if !open {
				return
			}
		case <-end:
			l.h.Fatal("the stream goes on")
		}
	}
}

// TestStream: each hears of their own, until they are signed out.
func TestStream(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t)
	token := n.bearer("Bob", calbell.ScopeRead)
	bob, byToken, anna := n.bob.listen(), token.listen(), n.anna.listen()
	n.made(n.bob, "POST", "/webhooks", fmt.Sprintf(`{"name":"own","url":%q,"success":"2xx"}`, n.chat.URL("/hooks/bobs")), http.StatusCreated, nil)
	n.made(n.bob, "POST", "/webhooks/own/test", "", http.StatusOK, nil)
	for _, l := range []*listening{bob, byToken} {
		if lines := l.until(`"webhook":"bob.own"`); lines[0] != "event: delivery" || !strings.Contains(lines[1], `"status":"sent"`) {
			t.Errorf("told %q", lines)
		}
	}
	n.made(n.anna, "POST", "/webhooks/ops/test", "", http.StatusOK, nil)
	for _, line := range anna.until(`"webhook":"anna.ops"`) {
		if strings.Contains(line, "bob") {
			t.Errorf("Anna hears of Bob: %s", line)
		}
	}
	// A reminder of a calendar that came since.
	n.made(n.bob, "POST", "/accounts", fmt.Sprintf(`{"name":"bobs","url":%q,"username":"bob","password":"bobs-password","webhook":"own"}`, n.calendars.URL()), http.StatusCreated, nil)
	n.made(n.bob, "POST", "/sync?wait=true", "", http.StatusOK, nil)
	// Its alarm is past, but not its start: it is sent at once.
	n.calendars.Put("bob", "own", "a.ics", []byte(event("a@example.org", "Bob's", time.Now().Add(-10*time.Second))))
	n.made(n.bob, "POST", "/sync?wait=true", "", http.StatusOK, nil)
	bob.until(`"uid":"a@example.org"`)

	tokens, err := n.client.Tokens(t.Context())
	n.ok(err)
	n.ok(n.client.RemoveToken(t.Context(), string(tokens[0].ID)))
	byToken.ended()
	n.ok(n.client.SetPassword(t.Context(), "bob", "another battery staple"))
	bob.ended()
	n.made(n.anna, "POST", "/webhooks/ops/test", "", http.StatusOK, nil)
	for _, line := range anna.until(`"webhook":"anna.ops"`) {
		if strings.Contains(line, "bob") || strings.Contains(line, "Bob") {
			t.Errorf("Anna hears of Bob: %s", line)
		}
	}
	begun := time.Now()
	n.ok(n.stop())
	anna.ended()
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("the program took %s to end", took)
	}
}

// TestStreamOfSyncs: who waits for a sync hears how far it is, and nobody else does.
func TestStreamOfSyncs(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t)
	slow := caldavtest.NewFaultServer(caldavtest.Options{})
	server := httptest.NewServer(slow)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	slow.AddUser("bob", "bobs-password")
	slow.Behave(caldavtest.Hang())
	bob, anna := n.bob.listen(), n.anna.listen()
	n.made(n.bob, "POST", "/accounts", fmt.Sprintf(`{"name":"bobs","url":%q,"username":"bob","password":"bobs-password"}`, server.URL+"/"), http.StatusCreated, nil)
	if lines := bob.until(`"account":"bob.bobs"`); lines[len(lines)-2] != "event: sync" {
		t.Errorf("told %q", lines)
	}
	n.made(n.bob, "DELETE", "/accounts/bobs", "", http.StatusNoContent, nil)
	bob.until("data: []")
	n.made(n.anna, "POST", "/webhooks/ops/test", "", http.StatusOK, nil)
	for _, line := range anna.until(`"webhook":"anna.ops"`) {
		if strings.Contains(line, "bob.bobs") || line == "event: sync" {
			t.Errorf("Anna hears of Bob's syncs: %s", line)
		}
	}
}
