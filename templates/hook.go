package templates

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/templates/markup"
	"calbell/webhook/dialect"
)

// Limits of the trees of a webhook, which people write by hand.
const (
	maxTreeDepth  = 16
	maxTreeLeaves = 1000
)

// mentionsDeny is the setting by which not even the template's own text mentions anybody:
// for webhooks whose template is written by people who may post, but not wake everybody.
const mentionsDeny = "deny"

// FieldError says which field of a webhook holds a template that is not understood.
type FieldError struct {
	Field string // "template", "channel", "attachments[0].text", …
	Err   error  // a [*SyntaxError] when it is about a template
}

// Error returns the field and the cause.
func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

// Text returns the same for people.
func (e *FieldError) Text() calbell.Text {
	return calbell.Chain(dialect.FieldText(e.Field), calbell.TextOfError(e.Err))
}

// Unwrap returns the cause.
func (e *FieldError) Unwrap() error { return e.Err }

// Hook is a webhook whose templates are compiled. It may be used by many goroutines at
// once.
type Hook struct {
	chat   *dialect.Dialect
	name   string
	locale string         // "" = the reader's
	zone   *time.Location // nil = the reader's
	limit  int            // runes of a text
	card   bool           // an attachment of ours shows the event
	quiet  bool           // nobody is mentioned, not even by the templates
	shared bool           // several messages may become one post
	// allowed: the chat may show previews; nil: not behind the addresses of event text.
	allowed *bool

	text                                           *Template
	channel, username, iconURL, iconEmoji, msgType *Template
	attachments, blocks, payload                   any // trees whose string leaves are leaf
}

// leaf is a compiled string of a tree.
type leaf struct {
	*Template
	rules markup.Rules
	limit int // runes; 0: as long as the message
}

// CompileHook compiles the templates of a webhook: template, channel, username, icon_url,
// icon_emoji, type and every string of attachments, blocks and payload. Its error is a
// [*FieldError] about the first that is not understood.
func CompileHook(w calbell.Webhook) (*Hook, error) {
	h, errs := compileHook(w)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return h, nil
}

// CompileHookLenient compiles a webhook that was stored long ago: what is not understood
// is printed as it stands and never blocks a message. The errors are [*FieldError].
func CompileHookLenient(w calbell.Webhook) (*Hook, []error) { return compileHook(w) }

// compileHook compiles all fields and gathers the errors of all, in a stable order.
func compileHook(w calbell.Webhook) (*Hook, []error) {
	h := &Hook{chat: dialect.Of(w), name: w.Name, locale: w.Locale, limit: w.Cut()}
	h.card = w.Style == styleCard && h.chat.Takes.Card
	h.quiet = w.Mentions == mentionsDeny && h.chat.Takes.Mentions
	h.shared = w.Combine
	h.allowed = w.Previews
	c := &hookCompiler{chat: h.chat}
	if zone, err := time.LoadLocation(w.TimeZone); err == nil && w.TimeZone != "" {
		h.zone = zone
	}
	h.text = c.compile("template", cmpOr(w.Template, defaultFor(h.chat.Markup, h.card)))
	h.channel = c.compile("channel", w.Channel)
	h.username = c.compile("username", w.Username)
	h.iconURL = c.compile("icon_url", w.IconURL)
	h.iconEmoji = c.compile("icon_emoji", w.IconEmoji)
	h.msgType = c.compile("type", w.Type)
	h.attachments = c.tree("attachments", "", w.Attachments, 0)
	h.blocks = boundBlocks(w.Blocks, c.tree("blocks", "", w.Blocks, 0), maxBlockText)
	h.payload = c.tree("payload", "", w.Payload, 0)
	return h, c.errs
}

// cmpOr is the template, unless it has nothing but space in it.
func cmpOr(template, fallback string) string {
	if strings.TrimSpace(template) == "" {
		return fallback
	}
	return template
}

// defaultFor returns [Default] in a markup; above a card, its first line.
func defaultFor(m markup.Markup, card bool) string {
	if card {
		return "%subject|bold%"
	}
	return DefaultFor(m)
}

// hookCompiler gathers the errors of all fields.
type hookCompiler struct {
	chat   *dialect.Dialect
	errs   []error
	leaves int
}

// fail notes an error of a field.
func (c *hookCompiler) fail(field string, err error) {
	c.errs = append(c.errs, &FieldError{Field: field, Err: err})
}

// compile reads the template of a field; what is not understood stays literal in it.
func (c *hookCompiler) compile(field, src string) *Template {
	t, errs := compile(src)
	for _, err := range errs {
		c.fail(field, err)
	}
	return t
}

// tree copies a tree with its strings compiled. key is the map key that a value stands at.
func (c *hookCompiler) tree(field, key string, v any, depth int) any {
	if depth > maxTreeDepth {
		c.fail(field, calbell.Errorf("templates:nested-deeper-than-levels", "nested deeper than %d levels", maxTreeDepth))
		return nil
	}
	switch v := v.(type) {
	case string:
		if c.leaves++; c.leaves > maxTreeLeaves {
			if c.leaves == maxTreeLeaves+1 {
				c.fail(field, calbell.Errorf("templates:more-than-strings", "more than %d strings", maxTreeLeaves))
			}
			return v
		}
		return leaf{Template: c.compile(field, v), rules: rulesOf(c.chat, key)}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = c.tree(fmt.Sprintf("%s[%d]", field, i), key, e, depth+1)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			at := k
			if key == "fields" && k == "title" {
				at = dialect.FieldTitle
			}
			out[k] = c.tree(field+"."+k, at, v[k], depth+1)
		}
		if c.chat.Takes.Blocks {
			c.slackTypes(v, out)
		}
		return out
	}
	return v
}

// Render writes the message. It never fails: a message that would be empty becomes the
// subject and the date.
func (h *Hook) Render(d Data) calbell.Message {
	s := h.scope(&d)
	if d.Notice != nil {
		return h.notice(s)
	}
	m := calbell.Message{
		ID:       d.ID,
		Text:     s.headed(s.message(h.text)),
		Envelope: h.envelope(s),
	}
	m.Attachments = h.attached(s)
	if h.chat.Takes.Blocks {
		m.Blocks = s.blocks(h.blocks)
	}
	m.Payload = s.markPayload(s.tree(h.payload))
	h.previews(s, &m)
	return m
}

// envelope renders where the message appears, and as whom.
func (h *Hook) envelope(s *scope) calbell.Envelope {
	return calbell.Envelope{
		Channel: s.plain(h.channel), Username: s.plain(h.username), IconURL: s.link(h.iconURL),
		IconEmoji: s.plain(h.iconEmoji), Type: s.plain(h.msgType),
	}
}

// scope is what the variables are read from, in the webhook's own language and zone
// where it has them.
func (h *Hook) scope(d *Data) *scope {
	if h.locale != "" {
		d.Locale = h.locale
	}
	if h.zone != nil {
		d.Zone = h.zone
	}
	s := newScope(d)
	s.chat, s.webhook, s.limit, s.quiet, s.shared = h.chat, h.name, h.limit, h.quiet, h.shared
	return s
}

// tree renders the leaves of a compiled tree.
func (s *scope) tree(v any) any {
	switch v := v.(type) {
	case leaf:
		limit := s.limit
		if v.limit > 0 {
			limit = min(limit, v.limit)
		}
		return s.leaf(v, limit)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = s.tree(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = s.tree(e)
		}
		if title, ok := v["title"].(leaf); ok && s.plainTitle(out["title_link"]) {
			out["title"] = s.plain(title.Template)
		}
		return out
	}
	return v
}

// plainTitle reports whether the chat shows the title of an attachment as it is, because it is the
// words of this link.
func (s *scope) plainTitle(link any) bool {
	address, ok := link.(string)
	return ok && s.chat.PlainLinkedTitle && markup.IsWeb(address)
}

// markPayload adds the late and the repeat line to the string that people read: the
// first of the usual names at the top of the payload.
func (s *scope) markPayload(payload any) any {
	top, ok := payload.(map[string]any)
	tail := s.tail()
	if !ok || tail == "" {
		return payload
	}
	for _, key := range []string{"text", "content", "message", "body", "description", "summary"} {
		if text, ok := top[key].(string); ok {
			top[key] = text + tail
			return top
		}
	}
	return top
}
