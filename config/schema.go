package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"calbell/config/yamltree"
)

// shape is the JSON Schema of a value. It may accept more than the reading that it belongs
// to, but never less.
type shape map[string]any

// textShape returns the shape of any single value; a name of digits needs no quotes.
func textShape() shape { return shape{"type": []string{"string", "number", "boolean"}} }

// oneOf returns the shape of an enumeration.
func oneOf(words ...string) shape { return shape{"enum": words} }

// anyOf returns the shape of alternatives.
func anyOf(shapes ...shape) shape { return shape{"anyOf": shapes} }

// listOf returns the shape of a list.
func listOf(items shape) shape { return shape{"type": "array", "items": items} }

// mappingShape returns the shape of a mapping whose keys are found by reading one.
func mappingShape() shape { return shape{"type": "object", "additionalProperties": false} }

// numberShape returns the shape of a number, which may be quoted.
func numberShape(least, most int) shape {
	return shape{"type": []string{"number", "string"}, "minimum": least, "maximum": most}
}

// spanShape returns the shape of a duration.
func spanShape(least, most time.Duration) shape {
	return shape{
		"type": "string", "pattern": `^([+0-9.]+(w|d|h|m|s|ms|us|µs|μs|ns))+$`,
		"description": fmt.Sprintf("a length of time from %s to %s: 30s, 5m, 1h30m, 90d, 2w", formatDuration(least), formatDuration(most)),
	}
}

// jsonType returns the JSON Schema type of a kind.
func jsonType(k yamltree.Kind) string { return [...]string{"null", "string", "array", "object"}[k] }

// Schema returns the JSON Schema of the file, for editors. It is generated from the table
// of keys that the reader uses.
func Schema() ([]byte, error) {
	s, err := newSchema()
	if err != nil {
		return nil, err
	}
	top := s.mapping("")
	top["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	top["title"] = "Calbell's configuration"
	return json.MarshalIndent(top, "", "  ")
}

// schema collects the shapes of mappings and the keys found in them.
type schema struct {
	known    map[string]fields
	settings map[string]setting
}

// newSchema reads files with more and more keys until no mapping has an unseen key, because
// only the readings know their keys.
func newSchema() (*schema, error) {
	s := &schema{settings: map[string]setting{}}
	for text, before := "{}", -1; len(s.known) > before; text = s.skeleton("") {
		before = len(s.known)
		r, err := newReader([]byte(text), "", nil)
		if err != nil {
			return nil, err
		}
		root, _ := r.doc.Parse()
		r.root(root)
		s.known = r.known
	}
	r, err := newReader(nil, "", nil)
	if err != nil {
		return nil, err
	}
	for _, set := range r.settings() {
		s.settings[set.key] = set
	}
	return s, nil
}

// skeleton returns a file with every mapping known so far, empty except for the mappings
// below it.
func (s *schema) skeleton(path string) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(s.known[path])) {
		switch at := yamltree.Join(path, key); {
		case isMapping(s.known[path][key].shape):
			parts = append(parts, key+": "+s.skeleton(at))
		case isMappingList(s.known[path][key].shape):
			parts = append(parts, key+": ["+s.skeleton(at+"[0]")+"]")
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// isMapping reports whether a shape is that of a mapping with known keys.
func isMapping(s shape) bool { return s["additionalProperties"] == false }

func isMappingList(s shape) bool {
	items, ok := s["items"].(shape)
	return ok && isMapping(items)
}

// mapping returns the shape of the mapping at a path.
func (s *schema) mapping(path string) shape {
	properties := map[string]shape{}
	var required []string
	for key, f := range s.known[path] {
		at := yamltree.Join(path, key)
		p := maps.Clone(f.shape)
		switch {
		case isMapping(p):
			p = s.mapping(at)
		case isMappingList(p):
			p["items"] = s.mapping(at + "[0]")
		}
		if set, ok := s.settings[at]; ok {
			describe(p, set)
		}
		if f.must {
			required = append(required, key)
		} else {
			p = orNull(p)
		}
		properties[key] = p
	}
	out := mappingShape()
	out["properties"] = properties
	if required != nil {
		slices.Sort(required)
		out["required"] = required
	}
	return out
}

// describe adds the default of a scalar key, and its environment variable.
func describe(p shape, s setting) {
	said, _ := p["description"].(string)
	p["description"] = strings.TrimPrefix(said+"; in the environment: "+s.envName(), "; ")
	if v := s.get(); v != "" {
		p["default"] = v
	}
}

// orNull allows null, which means that the key is absent.
func orNull(p shape) shape {
	for key, none := range map[string]any{"type": "null", "enum": nil, "anyOf": shape{"type": "null"}} {
		if have, ok := p[key]; ok {
			p[key] = append(listed(have), none)
		}
	}
	return p
}

// listed returns the elements of a list, or a single value as one.
func listed(v any) (out []any) {
	list := reflect.ValueOf(v)
	if list.Kind() != reflect.Slice {
		return []any{v}
	}
	for _, item := range list.Seq2() {
		out = append(out, item.Interface())
	}
	return out
}
