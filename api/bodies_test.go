package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"calbell"
)

// described is an operation as the document has it.
type described struct {
	RequestBody *struct {
		Content map[string]json.RawMessage
	}
	Parameters []struct{ Name, In string }
	Security   []map[string][]string
}

// eachOperation calls fn with every operation and an address of it.
func (b *bare) eachOperation(t *testing.T, fn func(method, path string, o described)) {
	t.Helper()
	for name, raw := range b.operations(t) {
		var o described
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		method, path, _ := strings.Cut(name, " ")
		fn(method, strings.NewReplacer("{name}", "team", "{id}", "0123").Replace(path), o)
	}
}

// No operation takes a parameter that it does not know: a filter that is misspelt would show what was
// not meant.
func TestUnknownParameters(t *testing.T) {
	b, tried := newBare(), 0
	b.eachOperation(t, func(method, path string, o described) {
		rec := b.ask(t, calbell.LocalAdmin(), method, path+"?colour=red", "{}")
		if tried++; rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), "query.colour") {
			t.Errorf("%s %s: %d %.200s", method, path, rec.Code, rec.Body)
		}
	})
	if tried < 50 {
		t.Errorf("%d operations", tried)
	}
}

// No operation with a body takes a field that it does not know, or a body that is no object, is not
// there, or says that it is no JSON; and none reads more of one than it needs.
func TestBodies(t *testing.T) {
	b, tried := newBare(), 0
	b.eachOperation(t, func(method, path string, o described) {
		if o.RequestBody == nil || method == http.MethodPatch { // which reads what there is first
			return
		}
		tried++
		for body, want := range map[string]int{
			`{"colour":"red"}`: http.StatusUnprocessableEntity,
			`[]`:               http.StatusUnprocessableEntity,
			`"x"`:              http.StatusUnprocessableEntity,
			`{`:                http.StatusBadRequest,
			``:                 http.StatusBadRequest,
			`{"name":"` + strings.Repeat("x", 1<<20) + `"}`: http.StatusRequestEntityTooLarge,
		} {
			rec := b.ask(t, calbell.LocalAdmin(), method, path, body)
			p := problemIn(t, rec.Body.Bytes())
			if rec.Code != want || p.Kind != calbell.KindUsage || p.Hint == "" {
				t.Errorf("%s %s with %.30s: %d %.300s, want %d", method, path, body, rec.Code, rec.Body, want)
			}
			if strings.Contains(body, "colour") && !strings.Contains(rec.Body.String(), "body.colour") {
				t.Errorf("%s %s does not say what is unknown: %s", method, path, rec.Body)
			}
		}
	})
	if tried < 12 {
		t.Errorf("%d operations with a body", tried)
	}
}

// Whoever is not signed in sends at most 16 kilobytes, whoever is a megabyte.
func TestLimitsOfBodies(t *testing.T) {
	b := newBare()
	fill := func(n int) string { return `{"name":"` + strings.Repeat("x", n) + `"}` }
	for _, tt := range []struct {
		path string
		size int
		big  bool
	}{
		{"/api/v1/session", 15 << 10, false},
		{"/api/v1/session", 17 << 10, true},
		{"/api/v1/setup", 17 << 10, true},
		{"/api/v1/webhooks", 1000 << 10, false},
		{"/api/v1/webhooks", 1025 << 10, true},
	} {
		rec := b.ask(t, calbell.LocalAdmin(), "POST", tt.path, fill(tt.size))
		if (rec.Code == http.StatusRequestEntityTooLarge) != tt.big || rec.Code < 400 {
			t.Errorf("%s with %d kB: %d %.200s", tt.path, tt.size>>10, rec.Code, rec.Body)
		}
	}
}

// Three operations are for people who are not signed in. Each other one names the scope that a token
// needs, and what only reads needs no more than the scope to read, unless admins alone may.
func TestScopesAreDescribed(t *testing.T) {
	b, open := newBare(), map[string]bool{}
	b.eachOperation(t, func(method, path string, o described) {
		scopes := o.Security[0]["token"]
		switch {
		case len(o.Security) == 1 && len(o.Security[0]) == 0:
			open[method+" "+strings.TrimPrefix(path, "/api/v1")] = true
		case len(scopes) != 1:
			t.Errorf("%s %s: security %v", method, path, o.Security)
		case method == http.MethodGet && scopes[0] == string(calbell.ScopeWrite), method == http.MethodDelete && scopes[0] == string(calbell.ScopeRead):
			t.Errorf("%s %s needs the scope %s", method, path, scopes[0])
		}
	})
	if len(open) != 3 || !open["POST /session"] || !open["DELETE /session"] || !open["POST /setup"] {
		t.Errorf("open to everybody are %v", open)
	}
}
