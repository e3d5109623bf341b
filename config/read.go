package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"calbell/config/yamltree"

	"calbell"
)

// reading converts the value at a path and stores it in the configuration.
type reading struct {
	take  func(r *reader, path string, n *yamltree.Node)
	shape shape // JSON Schema of the value
	must  bool  // the key is required
}

// required returns the reading of a required key.
func (f reading) required() reading {
	f.must = true
	return f
}

// fields maps the keys of a mapping to their readings.
type fields map[string]reading

// reader converts the tree to a configuration and collects the findings.
type reader struct {
	doc      *file
	cfg      *Config
	getenv   func(string) string
	flags    map[string]string // of the command line, by name
	base     string            // the folder that relative paths are relative to
	standing string            // the working directory, for paths in flags
	findings yamltree.Errors
	// texts are the scalar keys' values in the file, which the environment may override.
	texts map[string]string
	// known collects the keys of each mapping that was read, by its path.
	known map[string]fields
}

// fail reports an error of the value at a path.
func (r *reader) fail(path string, msg, hint calbell.Text) {
	r.findings = append(r.findings, r.doc.ErrorAt(path, 0, 0, msg, hint))
}

// reject reports a parsing error of the value at a path.
func (r *reader) reject(path string, bad *yamltree.Error) {
	e := r.doc.ErrorAt(path, 0, 0, bad.Msg, bad.Hint)
	e.Shown = bad.Shown
	r.findings = append(r.findings, e)
}

// failFields reports errors of fields of the mapping at a path.
func (r *reader) failFields(path string, wrong []calbell.FieldError) {
	for _, f := range wrong {
		r.fail(yamltree.Join(path, f.Name), f.What, f.Hint)
	}
}

// is reports whether a value has the wanted shape, and records a finding if not. A null
// value counts as absent: a list whose items are all commented out is null.
func (r *reader) is(path string, n *yamltree.Node, want yamltree.Kind) bool {
	if n.Kind == want {
		return true
	}
	if n.Kind != yamltree.Null {
		var hint calbell.Text
		if want == yamltree.Sequence {
			hint = calbell.T("config:begin-items", `begin each item with "- "`)
		}
		r.doc.Hide(n) // it may be a misplaced URL or password
		r.fail(path, calbell.T("config:must-be", "%q must be %s, not %s", lastKey(path), want.Text(), n.Kind.Text()), hint)
	}
	return false
}

// lastKey returns the name of the value at a path in messages.
func lastKey(path string) string {
	return path[strings.LastIndex(path, ".")+1:]
}

// mapping reads the keys of a mapping and reports unknown ones.
func (r *reader) mapping(path string, n *yamltree.Node, fs fields) {
	r.known[path] = fs
	keys := slices.Sorted(maps.Keys(fs))
	for _, e := range n.Entries {
		read, ok := fs[e.Key]
		if !ok {
			r.unknown(path, e, keys)
			continue
		}
		if e.Value.Kind != yamltree.Null {
			read.take(r, yamltree.Join(path, e.Key), e.Value)
		}
	}
	for _, key := range keys {
		if v := n.Get(key); fs[key].must && (v == nil || v.Kind == yamltree.Scalar && v.Text == "") {
			r.fail(path, calbell.T("config:missing", "%q is missing here", key), calbell.Text{})
		}
	}
}

// unknown reports an unknown key. Its value is not shown, because the key may be a misspelt
// "password". The key itself is shown only when it is close to a known one, because a
// misplaced value can be taken for a key.
func (r *reader) unknown(path string, e yamltree.Entry, keys []string) {
	at, msg, hint := path, calbell.T("config:unknown-key", "unknown key"), calbell.T("config:known-keys", "known here: %s", strings.Join(keys, ", "))
	home := r.homeOf(e.Key)
	switch guess := calbell.Nearest(e.Key, keys); {
	case guess != "":
		at, msg, hint = yamltree.Join(path, e.Key), calbell.T("config:unknown-key-near", "unknown key %q, did you mean %q?", e.Key, guess), calbell.Text{}
	case home != "" && home != path:
		at, msg, hint = yamltree.Join(path, e.Key), calbell.T("config:unknown-key-home", "unknown key %q here, it belongs under %q", e.Key, home), calbell.Text{}
	case r.doc.Harmless(e.Key):
		at, msg = yamltree.Join(path, e.Key), calbell.T("config:unknown-key-named", "unknown key %q", e.Key)
	}
	r.doc.Hide(e.Value)
	f := r.doc.Finding(e.Place, msg, hint)
	f.Key = at
	r.findings = append(r.findings, f)
}

// homeOf returns the section that a key belongs to; "" when none or several have it.
func (r *reader) homeOf(key string) string {
	home := ""
	for _, s := range r.settings() {
		dot := strings.LastIndex(s.key, ".")
		if section := s.key[:max(0, dot)]; section != "" && s.key[dot+1:] == key {
			if home != "" {
				return ""
			}
			home = section
		}
	}
	return home
}

// list reads the items of a list.
func list(item reading) reading {
	return reading{shape: listOf(item.shape), take: func(r *reader, path string, n *yamltree.Node) {
		if !r.is(path, n, yamltree.Sequence) {
			return
		}
		for i, it := range n.Items {
			at := fmt.Sprintf("%s[%d]", path, i)
			if it.Kind == yamltree.Null {
				r.fail(at, calbell.T("config:empty-item", "an item with nothing in it"), calbell.Text{})
			}
			item.take(r, at, it)
		}
	}}
}

// object reads a mapping of keys.
func object(take func(r *reader, path string, n *yamltree.Node)) reading {
	return reading{shape: mappingShape(), take: take}
}

// each reads a list of single values of one kind.
func each[T any](to *[]T, item func(*T) reading) reading {
	var none T
	return list(reading{shape: item(&none).shape, take: func(r *reader, path string, n *yamltree.Node) {
		var one T
		item(&one).take(r, path, n)
		*to = append(*to, one)
	}})
}

// single reads a single value.
func single(s shape, take func(r *reader, path string, n *yamltree.Node)) reading {
	return reading{shape: s, take: func(r *reader, path string, n *yamltree.Node) {
		if r.is(path, n, yamltree.Scalar) {
			take(r, path, n)
		}
	}}
}

// by reads a single value in the way of a scalar key.
func by(v value) reading {
	return single(v.shape, func(r *reader, path string, n *yamltree.Node) {
		if bad := v.set(n.Text); bad != nil {
			r.reject(path, bad)
		}
	})
}

// text reads a single value as it is written, so a name of digits needs no quotes.
func text(to *string) reading {
	return single(textShape(), func(_ *reader, _ string, n *yamltree.Node) { *to = n.Text })
}

// name reads a text for people: one line, with a letter or digit, so that it has a slug.
func name(to *string) reading {
	return single(textShape(), func(r *reader, path string, n *yamltree.Node) {
		*to = strings.TrimSpace(n.Text)
		switch {
		case strings.ContainsFunc(*to, unicode.IsControl):
			r.fail(path, calbell.T("config:one-line", "%q must be one line", lastKey(path)), calbell.Text{})
		case len(*to) > calbell.MaxNameBytes:
			r.fail(path, calbell.T("config:name-too-long", "%q is longer than %d bytes", lastKey(path), calbell.MaxNameBytes), calbell.Text{})
		case isURL(*to):
			r.doc.Hide(n)
			r.fail(path, calbell.T("config:url-not-name", "this is a URL, not a name"), calbell.Text{})
		case calbell.Slug(*to) == "":
			r.fail(path, calbell.T("config:name-letter", "%q needs a letter or digit", lastKey(path)), calbell.Text{})
		}
	})
}

// boolean reads true or false.
func boolean(to *bool) reading {
	return single(shape{"type": "boolean"}, func(r *reader, path string, n *yamltree.Node) {
		if !n.IsBool() {
			r.fail(path, calbell.T("config:true-or-false", "%q must be true or false", lastKey(path)), calbell.Text{})
			return
		}
		*to = strings.EqualFold(n.Text, "true")
	})
}

// optional reads true or false; nil means that neither was written.
func optional(to **bool) reading {
	var value bool
	r := boolean(&value)
	take := r.take
	r.take = func(r *reader, path string, n *yamltree.Node) {
		before := len(r.findings)
		take(r, path, n)
		if len(r.findings) == before {
			*to = &value
		}
	}
	return r
}

// choice reads one of several words.
func choice[S ~string](to *S, words ...string) reading {
	return single(oneOf(words...), func(r *reader, path string, n *yamltree.Node) {
		if !slices.Contains(words, n.Text) {
			key, _, _ := strings.Cut(lastKey(path), "[")
			r.reject(path, unknown(calbell.T("config:invalid-key", "invalid %s", key), n.Text, words, oneOfHint(words)))
			return
		}
		*to = S(n.Text)
	})
}

// oneOfHint lists the allowed words.
func oneOfHint(words []string) calbell.Text {
	return calbell.T("config:one-of", "one of: %s", strings.Join(words, ", "))
}

// tree reads a value of any shape into maps, slices and scalars.
func tree(to *any, want yamltree.Kind) reading {
	return reading{shape: shape{"type": jsonType(want)}, take: func(r *reader, path string, n *yamltree.Node) {
		if r.is(path, n, want) {
			value, findings := r.doc.Value(path, n)
			*to, r.findings = value, append(r.findings, findings...)
		}
	}}
}

// rate reads posts per second; 0 means no limit.
func rate(to **float64) reading {
	return single(numberShape(0, calbell.MaxRatePerSecond), func(r *reader, path string, n *yamltree.Node) {
		f, err := strconv.ParseFloat(n.Text, 64)
		if err != nil || !(f >= 0 && f <= calbell.MaxRatePerSecond) { // written so that NaN fails
			hint := calbell.T("config:rate-form", "posts per second, from 0 to %d: 0.5 is one in two seconds, 0 is no bound", calbell.MaxRatePerSecond)
			r.reject(path, invalid(calbell.T("config:invalid-number", "invalid number"), n.Text, hint))
			return
		}
		*to = &f
	})
}

// length reads the maximum length of messages, in characters.
func length(to *int) reading {
	return single(numberShape(calbell.MinMaxLength, calbell.MaxMaxLength), func(r *reader, path string, n *yamltree.Node) {
		i, err := strconv.Atoi(n.Text)
		if err != nil || i < calbell.MinMaxLength || i > calbell.MaxMaxLength {
			hint := calbell.T("config:length-form", "characters, from %d to %d; Mattermost splits longer messages into several", calbell.MinMaxLength, calbell.MaxMaxLength)
			r.reject(path, invalid(calbell.T("config:invalid-number", "invalid number"), n.Text, hint))
			return
		}
		*to = i
	})
}

// zoneName reads the name of a time zone.
func zoneName(to *string) reading {
	return single(textShape(), func(r *reader, path string, n *yamltree.Node) {
		if _, bad := loadZone(n.Text); bad != nil {
			r.reject(path, bad)
			return
		}
		*to = n.Text
	})
}
