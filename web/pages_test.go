package web

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/service"
	"calbell/service/servicetest"
	"calbell/web/i18n"
	"calbell/webhook/dialect"
)

type noDoor struct{}

func (noDoor) SignIn(context.Context, calbell.User) error { return nil }
func (noDoor) SignOut(context.Context) error              { return nil }
func (noDoor) Peer(context.Context, string) calbell.Peer  { return calbell.Peer{} }

// hostile is what a stranger may put into every field of an invitation.
const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{.}}` + "\u202e\u2066"

// newPage is the page as who sees it, over a real store with one event full of hostile text.
func newPage(t *testing.T, who calbell.Caller) (page http.Handler, event string) {
	t.Helper()
	w := servicetest.New(t, calbell.Account{Name: "a", Origin: calbell.OriginFile, Default: calbell.Default{Webhook: "team"}})
	w.OK(w.Store.Webhooks().Put(t.Context(), calbell.Webhook{
		ID: "team", Name: "team " + hostile, Origin: calbell.OriginStored, URL: "https://chat.example.org/hooks/topsecret", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat},
	}))
	w.User("anna", calbell.RoleAdmin)
	c := calbell.Calendar{ID: calbell.NewCalendarID("a", "https://cal.example.org/c/"), Account: "a", URL: "https://cal.example.org/c/", Name: "Team " + hostile, Color: `red" onload="x`}
	start := time.Now().UTC().Add(26 * time.Hour).Format("20060102T150405Z")
	esc := strings.NewReplacer(";", `\;`, ",", `\,`).Replace(hostile)
	o := calbell.Object{
		Calendar: c.ID, Href: "/c/1.ics", ETag: `"1"`, UIDs: []calbell.UID{"1@example.org"},
		Raw: []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1@example.org\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:" + start +
			"\r\nDURATION:PT45M\r\nRRULE:FREQ=DAILY\r\nSUMMARY:" + esc + "\r\nLOCATION:" + esc + "\r\nCATEGORIES:" + esc +
			"\r\nDESCRIPTION:" + esc + strings.Repeat("long ", 20000) + "\r\nATTENDEE;CN=<b>Eve</b>:mailto:eve@example.org\r\n" +
			"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT10M\r\nDESCRIPTION:x\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
	}
	w.Put(c, o)
	h := Handler(w.Service, Options{Who: func(*http.Request) calbell.Caller { return who }, Door: noDoor{}, Failed: func(err error) { t.Error(err) }})
	return h, calbell.EventID(c.ID, o.Href, "1@example.org")
}

func get(t *testing.T, h http.Handler, path, lang string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
	r.Header.Set("Accept-Language", lang)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

// Hostile text shows as text, in every language, and no webhook's address is on any page.
func TestHostileTextIsText(t *testing.T) {
	h, id := newPage(t, calbell.Caller{Name: "anna", Admin: true})
	for _, lang := range i18n.Languages() {
		for _, path := range []string{"/", "/?q=script", "/?q=%3Cscript%3E", "/?view=month", "/?view=month&from=9999-12-31", "/events/" + id, "/events/new", "/explain/" + id, "/deliveries", "/reminders"} {
			rec := get(t, h, path, lang)
			body := rec.Body.String()
			if rec.Code != http.StatusOK {
				t.Errorf("%s in %s: %d", path, lang, rec.Code)
			}
			for _, bad := range []string{"<script>alert", "<img src=x", "onload=\"x", "<b>Eve", "topsecret"} {
				if strings.Contains(body, bad) {
					t.Errorf("%s in %s holds %q", path, lang, bad)
				}
			}
			if !strings.Contains(body, `<html lang="`+lang+`" `) {
				t.Errorf("%s is not in %s", path, lang)
			}
		}
	}
	if body := get(t, h, "/", "en").Body.String(); !strings.Contains(body, "&lt;script&gt;alert(1)") || !strings.Contains(body, "10 min → team") {
		t.Error("the agenda does not show the event with its reminder")
	}
}

func TestNobodyIsSentToTheSignIn(t *testing.T) {
	h, id := newPage(t, calbell.Caller{})
	for path, want := range map[string]string{"/": "/sign-in", "/events/" + id + "?at=2": "/sign-in?next=%2Fevents%2F" + id + "%3Fat%3D2"} {
		rec := get(t, h, path, "en")
		if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", path, rec.Code, rec.Header().Get("Location"), want)
		}
	}
}

// Times are those of the zone that a user chose, else of their browser's, else of the server's.
func TestZoneOfTheBrowser(t *testing.T) {
	h, _ := newPage(t, calbell.Caller{Name: "anna", Admin: true})
	for cookie, want := range map[string]string{
		"": "UTC", "zone=America/New_York": "America/New_York", "zone=Local": "UTC", "zone=../../../etc/passwd": "UTC",
		"zone=Nowhere/Never": "UTC", "zone=" + strings.Repeat("a/", 5000): "UTC",
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.Header.Set("Cookie", cookie)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if !strings.Contains(rec.Body.String(), `data-zone="`+want+`"`) {
			t.Errorf("with the cookie %.40q times are not in %s", cookie, want)
		}
	}
}

// Whoever makes a link to the sign-in leads nobody away by it.
func TestLocal(t *testing.T) {
	for text, want := range map[string]string{
		"/events/1?at=2": "/events/1?at=2", "": "/", "//evil.example.org": "/", "https://evil.example.org/": "/",
		`/\evil.example.org`: "/", "/\t/evil.example.org": "/", "javascript:alert(1)": "/", "events": "/",
	} {
		if got := local(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// A word that a page or the code asks for is there.
func TestWordsThatAreAskedForExist(t *testing.T) {
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`\b[TN] "([a-z0-9.\- ]+)"|\b[TN]\("([a-z0-9.\- ]+)"[,)]|Key: "(nav\.[a-z-]+)"|\bdone\([^"\n]*, "([a-z-]+)"`)
	err = fs.WalkDir(os.DirFS("."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".html") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range asked.FindAllStringSubmatch(string(text), -1) {
			key := m[1] + m[2] + m[3]
			if m[4] != "" {
				key = "done." + m[4]
			}
			if !words.In("en").Has(key) {
				t.Errorf("%s asks for the word %q, which there is not", path, key)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every chat and every variable of a template has its words in each language: who adds one adds them.
func TestKindsAndVariablesHaveWords(t *testing.T) {
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, d := range dialect.All() {
		keys = append(keys, "kind."+string(d.Kind))
	}
	for _, name := range service.Variables() {
		keys = append(keys, "variable."+name)
	}
	for _, language := range i18n.Languages() {
		for _, key := range keys {
			if !words.In(language).Has(key) {
				t.Errorf("%s has no words for %s", language, key)
			}
		}
	}
}
