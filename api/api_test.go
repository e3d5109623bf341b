package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"calbell"
	"calbell/api"
	"calbell/service"
)

// bare is a handler behind which nothing is: whatever gets past the rules panics.
type bare struct {
	http.Handler
	who calbell.Caller // who asks
}

func newBare() *bare {
	b := &bare{}
	b.Handler = api.Handler(service.New(service.Options{}), "v0.0.0-test", func(*http.Request) calbell.Caller { return b.who }, noDoor{})
	return b
}

// ask sends a request in the name of a caller.
func (b *bare) ask(t *testing.T, who calbell.Caller, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	b.who = who
	b.ServeHTTP(rec, req)
	return rec
}

// noDoor lets nobody in.
type noDoor struct{}

func (noDoor) SignIn(context.Context, calbell.User) error { panic("signed in") }
func (noDoor) SignOut(context.Context) error              { return nil }
func (noDoor) Peer(context.Context, string) calbell.Peer  { return calbell.Peer{} }

// operations lists what the OpenAPI document describes, as "METHOD /path".
func (b *bare) operations(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	rec := b.ask(t, calbell.LocalAdmin(), "GET", "/api/v1/openapi.json", "")
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &doc); err != nil {
		t.Fatalf("%v in %s", err, rec.Body)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %q, want 3.1", doc.OpenAPI)
	}
	ops := map[string]json.RawMessage{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			ops[strings.ToUpper(method)+" "+path] = op
		}
	}
	return ops
}

// The document names each operation, with an ID and a sentence.
func TestOpenAPIDescribesEveryRoute(t *testing.T) {
	ops := newBare().operations(t)
	for _, want := range []string{
		"GET /api/v1/status", "POST /api/v1/reload", "POST /api/v1/sync", "GET /api/v1/calendars",
		"GET /api/v1/webhooks", "POST /api/v1/webhooks", "DELETE /api/v1/webhooks/{name}", "POST /api/v1/webhooks/{name}/test",
		"GET /api/v1/events", "GET /api/v1/events/bad", "GET /api/v1/events/{id}",
		"GET /api/v1/reminders", "GET /api/v1/deliveries", "GET /api/v1/deliveries/{id}", "GET /api/v1/deliveries/{id}/message",
		"POST /api/v1/deliveries/{id}/resend", "POST /api/v1/deliveries/resend", "POST /api/v1/store/check", "GET /api/v1/backup",
		"GET /api/v1/pauses", "PUT /api/v1/pauses",
	} {
		if ops[want] == nil {
			t.Errorf("%s is not described", want)
		}
	}
	for name, op := range ops {
		var o struct{ OperationID, Summary string }
		if err := json.Unmarshal(op, &o); err != nil || o.OperationID == "" || o.Summary == "" {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
}

// Nobody may do anything but come in: each operation is tried by a caller without a name, and
// by one whose token has no scope.
func TestNobodyMayDoAnything(t *testing.T) {
	b := newBare()
	for op := range b.operations(t) {
		if op == "POST /api/v1/session" || op == "DELETE /api/v1/session" || op == "POST /api/v1/setup" {
			continue
		}
		method, path, _ := strings.Cut(op, " ")
		path = strings.NewReplacer("{name}", "team", "{id}", "0123").Replace(path)
		for status, who := range map[int]calbell.Caller{
			http.StatusUnauthorized: {},
			http.StatusForbidden:    {Name: "anna", Admin: true, Scopes: []calbell.Scope{}},
		} {
			rec := b.ask(t, who, method, path, "{}")
			var p struct {
				Kind   calbell.ErrorKind
				Detail string
			}
			if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != status || p.Kind != calbell.KindNotAllowed || p.Detail == "" {
				t.Errorf("%s: %d %s (%v), want %d", op, rec.Code, rec.Body, err, status)
			}
			if kind := rec.Header().Get("Content-Type"); !strings.HasPrefix(kind, "application/problem+json") {
				t.Errorf("%s: problem as %q", op, kind)
			}
			if asks := rec.Header().Get("WWW-Authenticate"); (asks != "") != (status == http.StatusUnauthorized) {
				t.Errorf("%s: asks for %q", op, asks)
			}
		}
	}
	for _, path := range []string{"/api/v1/openapi.json", "/api/v1/openapi.yaml", "/api/v1/openapi-3.0.json"} {
		if rec := b.ask(t, calbell.Caller{}, "GET", path, ""); rec.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
}

// A request that no operation can take is refused before any rule is asked, with a problem that says what
// is wrong, where, and what to do; what was sent is not repeated.
func TestBadRequests(t *testing.T) {
	b, admin := newBare(), calbell.LocalAdmin()
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		text                     string
	}{
		{"unknown path", "GET", "/api/v1/nothing", "", 404, ""},
		{"outside the API", "GET", "/", "", 404, ""},
		{"method", "PATCH", "/api/v1/webhooks", "", 405, "PATCH"},
		{"method that nobody knows", "BREW", "/api/v1/webhooks", "", 405, "BREW"},
		{"no JSON", "POST", "/api/v1/webhooks", "name=x", 400, ""},
		{"missing field", "POST", "/api/v1/webhooks", `{"name":"x"}`, 422, "url"},
		{"unknown field", "POST", "/api/v1/webhooks", `{"name":"x","url":"https://a/","colour":"red"}`, 422, "colour"},
		{"mistyped field", "POST", "/api/v1/webhooks", `{"name":"x","url":"https://a/","chanel":"red"}`, 422, `body.chanel`},
		{"with a suggestion", "POST", "/api/v1/webhooks", `{"name":"x","url":"https://a/","chanel":"red"}`, 422, `did you mean \"channel\"?`},
		{"unknown parameter", "GET", "/api/v1/reminders?limti=3", "", 422, `did you mean \"limit\"?`},
		{"cursor", "GET", "/api/v1/reminders?cursor=zzzz", "", 422, `query.cursor`},
		{"state", "GET", "/api/v1/deliveries?status=dead,bogus", "", 422, `query.status`},
		{"not an object", "POST", "/api/v1/webhooks", `[]`, 422, "object"},
		{"no body", "POST", "/api/v1/webhooks", "", 400, "body"},
		{"wrong type", "POST", "/api/v1/webhooks", `{"name":7,"url":"https://a/"}`, 422, "name"},
		{"huge", "POST", "/api/v1/webhooks", `{"name":"` + strings.Repeat("x", 2<<20) + `"}`, 413, ""},
		{"limit", "GET", "/api/v1/reminders?limit=-1", "", 422, "limit"},
		{"limit beyond all bounds", "GET", "/api/v1/reminders?limit=1000000000", "", 422, "limit"},
		{"time", "GET", "/api/v1/events?from=yesterday", "", 422, "from"},
		{"docs page of others", "GET", "/docs", "", 404, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := b.ask(t, admin, tt.method, tt.path, tt.body)
			if strings.Contains(rec.Body.String(), `"value"`) {
				t.Errorf("the answer repeats what was sent: %.300s", rec.Body)
			}
			if rec.Code != tt.status || !strings.Contains(rec.Body.String(), tt.text) {
				t.Errorf("%d %.300s, want %d with %q", rec.Code, rec.Body, tt.status, tt.text)
			}
			var p struct {
				Title, Detail, Hint string
				Status              int
				Kind                calbell.ErrorKind
			}
			err := json.Unmarshal(rec.Body.Bytes(), &p)
			if kind := rec.Header().Get("Content-Type"); err != nil || kind != "application/problem+json" || p.Status != tt.status || p.Title == "" || p.Detail == "" || p.Hint == "" || p.Kind == 0 {
				t.Errorf("no whole problem: %q %.300s, %v", kind, rec.Body, err)
			}
		})
	}
}

// A handler without the middleware would have no caller: then everything is refused.
func TestNoCallerIsNobody(t *testing.T) {
	s := service.New(service.Options{})
	if _, err := s.Upkeep.Status(context.Background(), calbell.Caller{}); calbell.KindOf(err) != calbell.KindNotAllowed {
		t.Errorf("nobody got the status: %v", err)
	}
}

func ExampleHandler() {
	s := service.New(service.Options{})
	h := api.Handler(s, "v1.2.3", func(*http.Request) calbell.Caller { return calbell.Caller{} }, nil)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/api/v1/status", nil))
	fmt.Println(rec.Code, rec.Body)
	// Output: 401 {"title":"Unauthorized","status":401,"detail":"nobody is signed in: no token and no session","kind":5,"hint":"send a token, or sign in"}
}
