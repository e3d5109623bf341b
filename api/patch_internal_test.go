package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"calbell/api/types"

	"github.com/danielgtaylor/huma/v2"
)

// The examples of RFC 7396, appendix A.
func TestMerge(t *testing.T) {
	for _, tt := range []struct{ original, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		var original, patch, want any
		for _, err := range []error{json.Unmarshal([]byte(tt.original), &original), json.Unmarshal([]byte(tt.patch), &patch), json.Unmarshal([]byte(tt.want), &want)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if got := merge(original, patch); !reflect.DeepEqual(got, want) {
			t.Errorf("%s with %s: %v, want %s", tt.original, tt.patch, got, tt.want)
		}
	}
}

// A patch is laid over what the thing is, and what comes out is checked as a whole.
func TestMerged(t *testing.T) {
	registry := huma.NewMapRegistry("#/", huma.DefaultSchemaNamer)
	schema := huma.SchemaFromType(registry, reflect.TypeFor[types.NewRule]())
	now := types.NewRule{Name: "before", Position: 3, MinDuration: "30m"}
	now.Webhooks = []string{"mine"}
	for _, tt := range []struct {
		patch string
		want  func(*types.NewRule) // nil: it is refused
	}{
		{`{}`, func(*types.NewRule) {}},
		{`{"name":"after"}`, func(n *types.NewRule) { n.Name = "after" }},
		{`{"position":null,"min_duration":null}`, func(n *types.NewRule) { n.Position, n.MinDuration = 0, "" }},
		{`{"webhooks":["a","b"]}`, func(n *types.NewRule) { n.Webhooks = []string{"a", "b"} }},
		{`{"name":null}`, nil},
		{`{"name":""}`, nil},
		{`{"nmae":"x"}`, nil},
		{`{"position":"x"}`, nil},
		{`{"position":100001}`, nil},
	} {
		var patch map[string]any
		if err := json.Unmarshal([]byte(tt.patch), &patch); err != nil {
			t.Fatal(err)
		}
		got, err := merged(registry, schema, now, patch)
		if tt.want == nil {
			if err == nil {
				t.Errorf("%s: taken as %+v", tt.patch, got)
			}
			continue
		}
		want := now
		want.Webhooks = slices.Clone(now.Webhooks)
		if tt.want(&want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", tt.patch, got, err, want)
		}
	}
}

// The tag of a changed thing is the one that its row says; a row without one has none.
func TestTagOf(t *testing.T) {
	if got := tagOf(types.RuleEntry{ETag: `"x"`}); got != `"x"` {
		t.Errorf("of a rule: %q", got)
	}
	if got := tagOf(types.CalendarRow{}); got != "" {
		t.Errorf("of a calendar: %q", got)
	}
}

// Both ways of writing a list are read alike.
func TestApart(t *testing.T) {
	for _, in := range [][]string{{"a,b,c"}, {"a", "b", "c"}, {"a,b", "c"}} {
		if got := apart(in); !slices.Equal(got, []string{"a", "b", "c"}) {
			t.Errorf("%q: %q", in, got)
		}
	}
	if got := apart[string](nil); got != nil {
		t.Errorf("nothing: %q", got)
	}
}
