package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"

	"github.com/danielgtaylor/huma/v2"
)

// An error becomes the status that its kind stands for, whatever it is wrapped in, and says in the way
// of HTTP who is to sign in and who is to wait.
func TestStatusOfErrors(t *testing.T) {
	of := func(kind calbell.ErrorKind, after time.Duration) error {
		return fmt.Errorf("wrapped: %w", &calbell.Error{Kind: kind, What: calbell.Plain("what"), RetryAfter: after})
	}
	for _, tt := range []struct {
		err               error
		status            int
		retry, authorizes string
	}{
		{of(calbell.KindUsage, 0), http.StatusUnprocessableEntity, "", ""},
		{of(calbell.KindConfig, 0), http.StatusUnprocessableEntity, "", ""},
		{of(calbell.KindNotAllowed, 0), http.StatusForbidden, "", ""},
		{of(calbell.KindNotAllowed, 1500*time.Millisecond), http.StatusTooManyRequests, "2", ""},
		{of(calbell.KindNotFound, 0), http.StatusNotFound, "", ""},
		{of(calbell.KindUnreachable, 0), http.StatusBadGateway, "", ""},
		{of(calbell.KindRefused, time.Minute), http.StatusBadGateway, "60", ""},
		{of(calbell.KindPartly, 0), http.StatusBadGateway, "", ""},
		{of(calbell.KindFailed, 0), http.StatusInternalServerError, "", ""},
		{of(calbell.KindFailed, time.Second), http.StatusServiceUnavailable, "1", ""},
		{of(calbell.KindAlreadyRuns, 0), http.StatusInternalServerError, "", ""},
		{errors.New("anything"), http.StatusInternalServerError, "", ""},
		{&calbell.Error{Kind: calbell.KindFailed, What: calbell.Plain("what"), Err: calbell.ErrChanged}, http.StatusPreconditionFailed, "", ""},
		{unknownCaller(), http.StatusUnauthorized, "", "Bearer"},
	} {
		p, ok := problem(tt.err).(*Problem)
		if !ok || p.Status != tt.status || p.Title != http.StatusText(tt.status) || p.Detail != tt.err.Error() {
			t.Errorf("%v: %+v, want %d", tt.err, p, tt.status)
			continue
		}
		if h := p.GetHeaders(); h.Get("Retry-After") != tt.retry || h.Get("WWW-Authenticate") != tt.authorizes {
			t.Errorf("%v: headers %v", tt.err, h)
		}
	}
	if problem(nil) != nil {
		t.Error("no error became a problem")
	}
	if p, ok := problem(fmt.Errorf("read: %w", context.Canceled)).(huma.StatusError); !ok || p.GetStatus() != http.StatusServiceUnavailable {
		t.Errorf("a request that was cancelled: %v", p)
	}
}

// A problem goes over the wire as its type says, with each field that is wrong under the body and its
// next step behind it.
func TestProblemOnTheWire(t *testing.T) {
	err := &calbell.Error{Kind: calbell.KindUsage, What: calbell.Plain("not so"), Hint: calbell.Plain("but so"), Fields: []calbell.FieldError{{Name: "url", What: calbell.Plain("no address"), Hint: calbell.Plain("give one")}, {Name: "name", What: calbell.Plain("no name")}}}
	text, failed := json.Marshal(problem(err))
	var p types.Problem
	if failed = errors.Join(failed, json.Unmarshal(text, &p)); failed != nil {
		t.Fatal(failed)
	}
	want := `{"title":"Unprocessable Entity","status":422,"detail":"not so","errors":[{"message":"no address: give one","location":"body.url"},{"message":"no name","location":"body.name"}],"kind":2,"hint":"but so"}`
	if string(text) != want || p.Kind != calbell.KindUsage || len(p.Errors) != 2 || p.Errors[0].Location != "body.url" {
		t.Errorf("%s\nwant %s", text, want)
	}
}

// What the schema refuses is told as rules tell it: the first faults in the detail, the choices as the
// next step, the nearest name, and never what was sent.
func TestRefusals(t *testing.T) {
	body := &huma.Schema{Properties: map[string]*huma.Schema{"channel": {}, "template": {}}}
	o := &huma.Operation{
		Parameters:  []*huma.Param{{Name: "limit", In: "query"}, {Name: "limits", In: "header"}},
		RequestBody: &huma.RequestBody{Content: map[string]*huma.MediaType{"application/json": {Schema: body}}},
	}
	fault := func(location, message string, value any) *huma.ErrorDetail {
		return &huma.ErrorDetail{Location: location, Message: message, Value: value}
	}
	one := `expected value to be one of "fallback, add, off"`
	for _, tt := range []struct {
		rule         string
		faults       []*huma.ErrorDetail
		detail, hint string
	}{
		{"a name that is nearly one", []*huma.ErrorDetail{fault("body.chanel", "unexpected property", "secret")}, `chanel: unexpected property, did you mean "channel"?`, documentPath},
		{"a name that is far from all", []*huma.ErrorDetail{fault("body.zzzzzz", "unexpected property", "secret")}, "zzzzzz: unexpected property", documentPath},
		{"a parameter that is nearly one", []*huma.ErrorDetail{fault("query.limti", "unknown query parameter", nil)}, `limti: unknown query parameter, did you mean "limit"?`, documentPath},
		{"a value that is nearly one", []*huma.ErrorDetail{fault("body.mode", one, "ad")}, `mode: unknown value, did you mean "add"?`, "one of fallback, add, off"},
		{"a value that is none", []*huma.ErrorDetail{fault("body.mode", one, 7)}, "mode: unknown value", "one of fallback, add, off"},
		{"another fault", []*huma.ErrorDetail{fault("body.name", "expected string", 7)}, "name: expected string", documentPath},
	} {
		p := teller{}.refusal(o, &huma.ErrorModel{Status: http.StatusUnprocessableEntity, Detail: "validation failed", Errors: tt.faults})
		if p.Detail != "this is not taken: "+tt.detail || !strings.Contains(p.Hint, tt.hint) || p.Kind != calbell.KindUsage || p.Errors[0].Value != nil {
			t.Errorf("%s: %q, hint %q, %+v", tt.rule, p.Detail, p.Hint, p.Errors[0])
		}
	}
	var many []*huma.ErrorDetail
	for n := range 20 {
		many = append(many, fault(fmt.Sprint("body.f", n), "wrong", nil))
	}
	if p := (teller{}).refusal(o, &huma.ErrorModel{Status: http.StatusUnprocessableEntity, Errors: many}); strings.Count(p.Detail, "wrong") != maxFaults || len(p.Errors) != 20 {
		t.Errorf("of twenty faults the detail has %q, the list %d", p.Detail, len(p.Errors))
	}
	if p := (teller{}).refusal(o, &huma.ErrorModel{Status: http.StatusInternalServerError, Detail: "x"}); p.Kind != calbell.KindFailed || p.Detail != "x" {
		t.Errorf("a failure of our own: %+v", p)
	}
}

// Whatever a request is refused for, the problem has a next step.
func TestNextSteps(t *testing.T) {
	seen := map[string]bool{}
	for _, status := range []int{400, 404, 405, 413, 415, 422} {
		hint := nextStep(status)
		if hint == "" || seen[hint] {
			t.Errorf("%d: %q", status, hint)
		}
		seen[hint] = true
	}
	if hint := nextStep(http.StatusInternalServerError); hint != "" {
		t.Errorf("a failure of our own: %q", hint)
	}
}

// Where there is nothing, or nothing by a method, the answer is a problem; the same address written
// otherwise leads to the right one.
func TestRouted(t *testing.T) {
	mux := &http.ServeMux{}
	mux.HandleFunc("GET /things/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.PathValue("id")) })
	mux.HandleFunc("DELETE /things/{id}", func(http.ResponseWriter, *http.Request) {})
	for _, tt := range []struct {
		method, path string
		status       int
		kind         calbell.ErrorKind
	}{
		{"GET", "/things/7", http.StatusOK, 0},
		{"GET", "/nothing", http.StatusNotFound, calbell.KindNotFound},
		{"POST", "/things/7", http.StatusMethodNotAllowed, calbell.KindUsage},
		{"GET", "//things/7", http.StatusTemporaryRedirect, 0},
	} {
		rec := httptest.NewRecorder()
		routed(mux).ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, nil))
		var p types.Problem
		_ = json.Unmarshal(rec.Body.Bytes(), &p) // good answers are none
		if rec.Code != tt.status || p.Kind != tt.kind {
			t.Errorf("%s %s: %d %s, want %d", tt.method, tt.path, rec.Code, rec.Body, tt.status)
		}
		if allow := rec.Header().Get("Allow"); (allow != "") != (tt.status == http.StatusMethodNotAllowed) || allow != "" && !strings.Contains(allow, "DELETE") {
			t.Errorf("%s %s: allows %q", tt.method, tt.path, allow)
		}
	}
}
