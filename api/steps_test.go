package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"calbell"
	"calbell/api/types"
)

// step is a request and what comes of it.
type step struct {
	rule    string // in a few words
	who     calbell.Caller
	request string // method and path
	body    string
	status  int
	text    string // that the answer holds; of a problem, its location comes before " | "
}

// steps takes the steps of a table, one after the other. Each refusal is a problem with a detail, and
// names its place where the step does.
func (i *inhabited) steps(t *testing.T, all []step) {
	t.Helper()
	for _, s := range all {
		method, path, _ := strings.Cut(s.request, " ")
		rec := i.ask(t, s.who, method, path, s.body)
		location, text, ok := strings.Cut(s.text, " | ")
		if !ok {
			location, text = "", s.text
		}
		if rec.Code != s.status || !strings.Contains(rec.Body.String(), text) {
			t.Errorf("%s: %s: %d %.400s, want %d with %q", s.rule, s.request, rec.Code, rec.Body, s.status, text)
			continue
		}
		if rec.Code < http.StatusBadRequest {
			continue
		}
		p := problemIn(t, rec.Body.Bytes())
		if p.Status != rec.Code || p.Title == "" || p.Detail == "" || p.Kind == 0 {
			t.Errorf("%s: %s: problem %s", s.rule, s.request, rec.Body)
		}
		if location != "" && (len(p.Errors) == 0 || p.Errors[0].Location != location) {
			t.Errorf("%s: %s: errors %+v, want one at %s", s.rule, s.request, p.Errors, location)
		}
	}
}

// problemIn reads a problem.
func problemIn(t *testing.T, text []byte) (p types.Problem) {
	t.Helper()
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return p
}

// read reads a good answer.
func read[T any](t *testing.T, rec *httptest.ResponseRecorder) (v T) {
	t.Helper()
	if rec.Code >= http.StatusBadRequest {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %s", err, rec.Body)
	}
	return v
}
