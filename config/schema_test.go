package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"calbell/config/yamltree"

	"github.com/goccy/go-yaml"
)

// readSchema returns the schema as an editor reads it.
func readSchema(t *testing.T) map[string]any {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// refused says what a schema refuses of a value; "" when nothing. It knows the words that
// Schema uses.
func refused(s map[string]any, v any, at string) string {
	if shapes, ok := s["anyOf"].([]any); ok {
		if !slices.ContainsFunc(shapes, func(one any) bool { return refused(one.(map[string]any), v, at) == "" }) {
			return at + ": none of the shapes"
		}
	}
	if words, ok := s["enum"].([]any); ok && !slices.Contains(words, v) {
		return at + ": not one of the words"
	}
	if types := listed(s["type"]); s["type"] != nil && !slices.Contains(types, any(typeOf(v))) {
		return fmt.Sprintf("%s: %s, not %v", at, typeOf(v), types)
	}
	switch v := v.(type) {
	case float64:
		if least, ok := s["minimum"].(float64); ok && (v < least || v > s["maximum"].(float64)) {
			return at + ": out of range"
		}
	case string:
		if p, ok := s["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(v) {
			return at + ": another pattern"
		}
	case []any:
		items, _ := s["items"].(map[string]any)
		for i, item := range v {
			if bad := refused(items, item, fmt.Sprintf("%s[%d]", at, i)); items != nil && bad != "" {
				return bad
			}
		}
	case map[string]any:
		return refusedMapping(s, v, at)
	}
	return ""
}

func refusedMapping(s, v map[string]any, at string) string {
	known, _ := s["properties"].(map[string]any)
	for key, value := range v {
		of, ok := known[key].(map[string]any)
		switch {
		case !ok && s["additionalProperties"] == false:
			return yamltree.Join(at, key) + ": unknown key"
		case ok:
			if bad := refused(of, value, yamltree.Join(at, key)); bad != "" {
				return bad
			}
		}
	}
	required, _ := s["required"].([]any)
	for _, key := range required {
		if _, ok := v[key.(string)]; !ok {
			return fmt.Sprintf("%s: no %s", at, key)
		}
	}
	return ""
}

func typeOf(v any) string {
	switch reflect.ValueOf(v).Kind() {
	case reflect.Invalid:
		return "null"
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		return "array"
	case reflect.Map:
		return "object"
	}
	return "number"
}

// asEditorsRead reads YAML as an editor does before it asks the schema.
func asEditorsRead(t *testing.T, text string) any {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// What loads is right by the schema, too.
func TestSchemaTakesWhatLoads(t *testing.T) {
	s := readSchema(t)
	for name, text := range map[string]string{
		"example": readExample(t), "example with everything": uncommented(readExample(t)), "attached": attached,
		"other dress": "accounts:\nlog:\n  level:\nwebhooks: [{name: 7, url: 'https://example.org/hooks/x', kind: , rate_per_second: '0.5'}]\n" +
			"data: {backup: false, keep_snapshots: '3', keep_deliveries: 1w2d3h}\nsync: {before_reminders: 'false'}",
	} {
		if _, err := Parse([]byte(text), "c.yaml", from(nil)); err != nil && !strings.HasPrefix(name, "example") {
			t.Errorf("%s does not load: %v", name, err)
		}
		if bad := refused(s, asEditorsRead(t, text), ""); bad != "" {
			t.Errorf("%s: %s", name, bad)
		}
	}
}

// What the schema refuses is refused when it is loaded.
func TestSchemaRefusesWhatDoesNotLoad(t *testing.T) {
	s := readSchema(t)
	values := []string{"[[x]]", "{x: {y: z}}", "'x y'", "-1", "1.5", "true", "x", "99999999", "5m"}
	found := 0
	for path, keys := range knownKeys(t) {
		for _, key := range keys {
			typo := at(path, key+"x", "x")
			if bad := refused(s, asEditorsRead(t, typo), ""); !strings.Contains(bad, "unknown key") {
				t.Errorf("%s: %q", typo, bad)
			}
			for _, value := range values {
				text := at(path, key, value)
				bad := refused(s, asEditorsRead(t, text), "")
				if bad == "" || strings.Contains(bad, ": no ") {
					continue
				}
				found++
				_, err := Parse([]byte(text), "c.yaml", from(nil))
				if err == nil {
					t.Errorf("%s: the schema says %q, loading %v", text, bad, err)
				}
			}
		}
	}
	if found < 200 {
		t.Errorf("the schema refuses %d values only", found)
	}
}

// Keys that must be there are said to be, scalar keys come with default and variable.
func TestSchemaTells(t *testing.T) {
	s := readSchema(t)
	if bad := refused(s, asEditorsRead(t, "rules: [{webhook: ops}]"), ""); bad != "rules[0]: no name" {
		t.Errorf("a rule without name: %q", bad)
	}
	sync := s["properties"].(map[string]any)["sync"].(map[string]any)["properties"].(map[string]any)
	interval := fmt.Sprint(sync["interval"])
	for _, want := range []string{"default:5m", "CALBELL_SYNC_INTERVAL", "from 10s to 1d"} {
		if !strings.Contains(interval, want) {
			t.Errorf("sync.interval is %s, without %s", interval, want)
		}
	}
}
