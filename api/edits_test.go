package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"calbell"
)

// An edit is a merge patch: it names what it changes, null removes, and the rest stays. It wants the
// ETag of what its editor saw, if it names one.
func TestEdits(t *testing.T) {
	i := inhabit(t)
	const path = "/webhooks/bob.mine"
	first := i.ask(t, i.bob, "GET", path, "").Header().Get("ETag")
	patch := func(body, match string) (*httptest.ResponseRecorder, map[string]any) {
		t.Helper()
		headers := []string{"Content-Type", "application/merge-patch+json"}
		if match != "" {
			headers = append(headers, "If-Match", match)
		}
		rec := i.ask(t, i.bob, "PATCH", path, body, headers...)
		var m map[string]any
		if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil {
			t.Fatalf("%v in %s", err, rec.Body)
		}
		return rec, m
	}
	rec, m := patch(`{"template":"%subject%!","combine":true,"rate_per_second":0,"previews":false}`, first)
	second := rec.Header().Get("ETag")
	if rec.Code != http.StatusOK || first == "" || second == first || m["template"] != "%subject%!" || m["rate_per_second"] != 0.0 || m["previews"] != false || m["url"] != "[secret]" {
		t.Errorf("%d %v %v", rec.Code, rec.Header(), m)
	}
	if rec, m := patch(`{"template":"x"}`, first); rec.Code != http.StatusPreconditionFailed || m["hint"] == "" {
		t.Errorf("an edit of an earlier state: %d %v", rec.Code, m)
	}
	rec, m = patch(`{"rate_per_second":null,"combine":null,"previews":null}`, second)
	_, previews := m["previews"]
	if _, rate := m["rate_per_second"]; previews || rate || rec.Code != http.StatusOK || m["template"] != "%subject%!" {
		t.Errorf("null removes, the rest stays: %d %v", rec.Code, m)
	}
	for body, location := range map[string]string{
		`{"name":""}`:           "body.name",
		`{"nmae":"x"}`:          "body.nmae",
		`{"max_length":1}`:      "body.max_length",
		`{"url":"ftp://x"}`:     "body.url",
		`{"template":7}`:        "body.template",
		`{"quiet":"some time"}`: "body",
	} {
		rec, m := patch(body, "")
		errs, _ := m["errors"].([]any)
		if rec.Code != http.StatusUnprocessableEntity || len(errs) == 0 {
			t.Errorf("%s: %d %v", body, rec.Code, m)
			continue
		}
		if got, _ := errs[0].(map[string]any)["location"].(string); !strings.HasPrefix(got, location) {
			t.Errorf("%s: at %q, want %q", body, got, location)
		}
	}
}

// Each thing that people define is changed and removed by its ETag alone, if one is named: a stale one
// is refused, the present one, one of several and "*" are taken, and a change answers with the next.
func TestIfMatch(t *testing.T) {
	i := inhabit(t)
	i.furnish(t)
	for _, tt := range []struct {
		who                  calbell.Caller
		path                 string
		one, another         string
		removed              bool // it can be
		withoutTagInItsPatch bool
	}{
		{i.bob, "/calendars/Own/settings", `{"webhook":"mine"}`, `{"webhook":"for all"}`, false, true},
		{i.bob, "/accounts/bobs", `{"time_zone":"Europe/Paris"}`, `{"time_zone":"Europe/Rome"}`, true, false},
		{i.bob, "/webhooks/for%20all", `{"template":"a"}`, `{"template":"b"}`, true, false},
		{i.bob, "/rules/bobs%20rule", `{"subject":"a"}`, `{"subject":"b"}`, true, false},
		{i.bob, "/users/bob", `{"locale":"fr"}`, `{"locale":"de"}`, false, false},
		{i.anna, "/users/carol", `{"role":"admin"}`, `{"role":"member"}`, true, false},
	} {
		tag := func() string { return i.ask(t, tt.who, "GET", tt.path, "").Header().Get("ETag") }
		asked := func(method, body, match string, want int) string {
			t.Helper()
			rec := i.ask(t, tt.who, method, tt.path, body, "If-Match", match)
			if rec.Code != want {
				t.Errorf("%s %s with %s: %d %.200s, want %d", method, tt.path, match, rec.Code, rec.Body, want)
			}
			return rec.Header().Get("ETag")
		}
		first := tag()
		if !strings.HasPrefix(first, `"`) {
			t.Errorf("%s has the tag %s", tt.path, first)
		}
		if next := asked("PATCH", tt.one, first, http.StatusOK); !tt.withoutTagInItsPatch && next != tag() || next == first {
			t.Errorf("%s: after the change the tag is %s, the answer said %s", tt.path, tag(), next)
		}
		asked("PATCH", tt.another, first, http.StatusPreconditionFailed)
		asked("PATCH", tt.another, first+", "+tag(), http.StatusOK)
		asked("PATCH", tt.one, "*", http.StatusOK)
		if tt.removed {
			asked("DELETE", "", first, http.StatusPreconditionFailed)
			asked("DELETE", "", tag(), http.StatusNoContent)
			asked("DELETE", "", "*", http.StatusNotFound)
		}
	}
}

// A change is a merge patch or plain JSON. What says that it is something else is not guessed at, and
// the answer says what is taken.
func TestMediaTypesOfChanges(t *testing.T) {
	i := inhabit(t)
	for kind, want := range map[string]int{
		"application/merge-patch+json": 200, "application/merge-patch+json; charset=utf-8": 200, "application/json": 200, "": 200,
		"application/json-patch+json": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415,
	} {
		rec := i.ask(t, i.bob, "PATCH", "/webhooks/mine", `{"template":"x"}`, "Content-Type", kind)
		if rec.Code != want || (want == http.StatusUnsupportedMediaType) != (rec.Header().Get("Accept-Patch") == "application/merge-patch+json") {
			t.Errorf("%q: %d %v %s, want %d", kind, rec.Code, rec.Header(), rec.Body, want)
		}
	}
	for _, body := range []string{"", "[]", `"x"`, "{", `{"template":"x"} {}`} {
		if rec := i.ask(t, i.bob, "PATCH", "/webhooks/mine", body); rec.Code < 400 || rec.Code >= 500 {
			t.Errorf("%q is taken as a change: %d %s", body, rec.Code, rec.Body)
		}
	}
}
