package templates

import "strings"

// How long the texts of Slack's blocks may be, in characters. One that is longer makes Slack
// refuse the whole message.
const (
	maxBlockText  = 3000 // of a section; of addresses too
	maxBlockField = 2000 // of the fields beside each other
	maxBlockHead  = 150
	maxBlockLabel = 75 // of buttons
)

// boundBlocks notes at the compiled leaves of blocks how long they may become. src is the
// tree that they were compiled from.
func boundBlocks(src, compiled any, limit int) any {
	switch c := compiled.(type) {
	case leaf:
		c.limit = limit
		return c
	case []any:
		s, _ := src.([]any)
		for i := range c {
			c[i] = boundBlocks(s[i], c[i], limit)
		}
	case map[string]any:
		s, _ := src.(map[string]any)
		switch s["type"] {
		case "header":
			limit = min(limit, maxBlockHead)
		case "button":
			limit = min(limit, maxBlockLabel)
		}
		for k := range c {
			switch {
			case k == "fields":
				c[k] = boundBlocks(s[k], c[k], maxBlockField)
			case isPlainKey(k), isLinkKey(k):
				c[k] = boundBlocks(s[k], c[k], maxBlockText)
			default:
				c[k] = boundBlocks(s[k], c[k], limit)
			}
		}
	}
	return compiled
}

// blocks renders Slack's blocks. Slack shows them in the place of the text, so the late and
// the repeat line are one more of them. Without any, there is the text.
func (s *scope) blocks(compiled any) any {
	list, _ := withoutEmpty(s.tree(compiled)).([]any)
	if len(list) == 0 {
		return nil
	}
	if tail := strings.TrimSpace(s.tail()); tail != "" {
		mark := map[string]any{"type": "plain_text", "text": tail}
		list = append(list, map[string]any{"type": "context", "elements": []any{mark}})
	}
	return list
}

// withoutEmpty leaves out what an event has nothing for: Slack refuses a whole message for
// one empty text. nil is nothing at all.
func withoutEmpty(v any) any {
	switch v := v.(type) {
	case string:
		if strings.TrimSpace(v) == "" {
			return nil
		}
	case []any:
		kept := make([]any, 0, len(v))
		for _, child := range v {
			if child = withoutEmpty(child); child != nil {
				kept = append(kept, child)
			}
		}
		if len(kept) == 0 {
			return nil
		}
		return kept
	case map[string]any:
		return mapWithoutEmpty(v)
	}
	return v
}

// mapWithoutEmpty leaves out a block or a part of one when it has lost what it is about. A
// section is about its text or its fields.
func mapWithoutEmpty(v map[string]any) any {
	lost := false
	for k, child := range v {
		if child = withoutEmpty(child); child != nil {
			v[k] = child
			continue
		}
		delete(v, k)
		switch k {
		case "text", "fields", "elements", "url", "image_url", "alt_text":
			lost = true
		}
	}
	if lost && (v["type"] != "section" || v["text"] == nil && v["fields"] == nil) {
		return nil
	}
	return v
}
