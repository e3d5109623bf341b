package chat_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calbell/web/chat"
)

func ask(t *testing.T, c *chat.Chat, method, path, kind, body string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Webhook-Id", "0123")
	rec := httptest.NewRecorder()
	c.ServeHTTP(rec, req)
	return rec
}

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
)

func post(t *testing.T, c *chat.Chat, text string) int {
	t.Helper()
	body, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		t.Fatal(err)
	}
	return ask(t, c, "POST", "/hooks/team", asJSON, string(body)).Code
}

func TestMessagesLand(t *testing.T) {
	c := chat.New(time.Now)
	rec := ask(t, c, "POST", "/hooks/team", asJSON, `{"text":"**Stand-up**","username":"Calbell","channel":"ops"}`)
	if rec.Code != 200 || rec.Body.String() != "ok" {
		t.Errorf("answered %d %q", rec.Code, rec.Body)
	}
	form := url.Values{"payload": {`{"text":"from a form"}`}}.Encode()
	if rec := ask(t, c, "POST", "/hooks/other", asForm, form); rec.Code != 200 {
		t.Errorf("form: %d %q", rec.Code, rec.Body)
	}
	var got []chat.Message
	rec = ask(t, c, "GET", "/demo/chat.json", "", "")
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Text != "**Stand-up**" || got[0].Hook != "team" || got[0].ID != "0123" || got[0].Channel != "ops" || got[1].Text != "from a form" {
		t.Errorf("got %+v", got)
	}
	page := ask(t, c, "GET", "/demo/chat", "", "").Body.String()
	if !strings.Contains(page, "<strong>Stand-up</strong>") || strings.Index(page, "from a form") > strings.Index(page, "Stand-up") {
		t.Errorf("the page does not show the newest first:\n%s", page)
	}
}

func TestBadMessages(t *testing.T) {
	c := chat.New(time.Now)
	for _, tt := range []struct{ kind, body string }{
		{asJSON, "nonsense"},
		{asForm, "text=no+payload"},
		{asForm, "%zz"},
		{asJSON, `{"text":"` + strings.Repeat("x", 1<<20) + `"}`},
	} {
		if rec := ask(t, c, "POST", "/hooks/team", tt.kind, tt.body); rec.Code != http.StatusBadRequest {
			t.Errorf("%.40q: %d", tt.body, rec.Code)
		}
	}
	if n := len(c.Messages()); n != 0 {
		t.Errorf("%d bad messages landed", n)
	}
}

func TestHostileMessage(t *testing.T) {
	c := chat.New(time.Now)
	post(t, c, `<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) ![i](https://example.org/i.png)`)
	rec := ask(t, c, "GET", "/demo/chat", "", "")
	page := rec.Body.String()
	for _, bad := range []string{"<script>alert", "onerror", "javascript:alert"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if policy := rec.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
}

func TestSwitches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := chat.New(time.Now)
		turn := func(mode string) {
			t.Helper()
			if rec := ask(t, c, "POST", "/demo/switch", asForm, "mode="+mode); rec.Code != http.StatusSeeOther {
				t.Fatalf("switch to %s: %d", mode, rec.Code)
			}
		}
		turn("fail")
		for i, want := range []int{503, 503, 503, 200, 200} {
			if got := post(t, c, "x"); got != want {
				t.Errorf("failing, request %d: %d, want %d", i+1, got, want)
			}
		}
		turn("gone")
		if got := post(t, c, "x"); got != 404 {
			t.Errorf("gone: %d", got)
		}
		turn("slow")
		began := time.Now()
		if got := post(t, c, "x"); got != 200 || time.Since(began) != 3*time.Second {
			t.Errorf("slow: %d after %v", got, time.Since(began))
		}
		turn("ok")
		if got := post(t, c, "x"); got != 200 {
			t.Errorf("ok: %d", got)
		}
		if rec := ask(t, c, "POST", "/demo/switch", asForm, "mode=explode"); rec.Code != http.StatusBadRequest {
			t.Errorf("unknown switch: %d", rec.Code)
		}
		if !strings.Contains(ask(t, c, "GET", "/demo/chat", "", "").Body.String(), "4 refused") {
			t.Error("the page does not count the refused")
		}
	})
}

func TestMessagesAreBounded(t *testing.T) {
	c := chat.New(time.Now)
	for range 600 {
		post(t, c, "x")
	}
	if n := len(c.Messages()); n != 500 {
		t.Errorf("%d kept, want the newest 500", n)
	}
}

func TestFiles(t *testing.T) {
	c := chat.New(time.Now)
	for path, want := range map[string]int{
		"/demo/files/style.css": 200, "/demo/files/script.js": 200, "/demo/files/nothing": 404, "/": 303, "/other": 404, "/hooks/team": 405,
	} {
		if got := ask(t, c, "GET", path, "", "").Code; got != want {
			t.Errorf("GET %s: %d, want %d", path, got, want)
		}
	}
}
