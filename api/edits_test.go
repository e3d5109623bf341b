package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
