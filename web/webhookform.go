package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"calbell"
	"calbell/api/types"
)

// webhookAsked lays what the form holds over what stays as it is. The error says which field
// cannot be read; the others are.
func (v webhookPages) webhookAsked(n types.NewWebhook) (types.NewWebhook, error) {
	n.Name, n.URL, n.Kind = v.value("name"), v.value("url"), calbell.WebhookKind(v.value("kind"))
	n.Template = strings.ReplaceAll(v.r.FormValue("template"), "\r\n", "\n")
	n.Channel, n.Username = v.value("channel"), v.value("username")
	n.IconURL, n.IconEmoji = v.value("icon_url"), v.value("icon_emoji")
	n.Locale, n.TimeZone = v.value("locale"), v.value("time_zone")
	n.Style, n.Missed = v.value("style"), v.value("missed")
	n.Success, n.Encoding = v.value("success"), v.value("encoding")
	n.Owner = as[fields](v.view).owner()
	n.Mentions = ""
	if v.r.FormValue("deny_mentions") != "" {
		n.Mentions = "deny"
	}
	n.Previews = nil
	if b, err := strconv.ParseBool(v.value("previews")); err == nil {
		n.Previews = &b
	}
	n.Share, n.Combine, n.Corrections = v.r.FormValue("share") != "", v.r.FormValue("combine") != "", v.r.FormValue("corrections") != ""
	return n, together(
		as[fields](v.view).quiet(&n.Quiet), v.tree("attachments", &n.Attachments), v.tree("blocks", &n.Blocks), v.tree("payload", &n.Payload),
	)
}

// together is one error of those that there are, with the fields of all.
func together(all ...error) error {
	var e *calbell.Error
	for _, err := range all {
		switch {
		case err == nil:
		case e == nil:
			e = &calbell.Error{Kind: calbell.KindUsage, What: err.Error(), Hint: calbell.HintOf(err), Fields: calbell.FieldsOf(err)}
		default:
			e.Fields = append(e.Fields, calbell.FieldsOf(err)...)
		}
	}
	if e == nil {
		return nil
	}
	return e
}

// tree reads a field that holds JSON; an empty one is none.
func (v webhookPages) tree(name string, tree *any) error {
	*tree = nil
	text := v.value(name)
	if text == "" {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	err := d.Decode(tree)
	if err == nil && d.Decode(new(any)) != io.EOF {
		err = errors.New("something follows its end")
	}
	if err != nil {
		*tree = nil
		return fieldError(name, "", &calbell.Error{Kind: calbell.KindUsage, What: "this is no JSON: " + syntaxText(text, err)})
	}
	return nil
}

// syntaxText names the character that JSON does not have there, where package json names its
// first byte: a phone makes “ of ".
func syntaxText(text string, err error) string {
	var e *json.SyntaxError
	if !errors.As(err, &e) || e.Offset < 1 || int(e.Offset) > len(text) || text[e.Offset-1] < utf8.RuneSelf {
		return err.Error()
	}
	r, _ := utf8.DecodeRuneInString(text[e.Offset-1:])
	return strings.Replace(err.Error(), strconv.QuoteRune(rune(text[e.Offset-1])), strconv.QuoteRune(r), 1)
}

// fieldError is an error about one field of a form.
func fieldError(name, hint string, err error) error {
	return &calbell.Error{
		Kind: calbell.KindUsage, What: err.Error(), Hint: hint, Fields: []calbell.FieldError{{Name: name, What: err.Error(), Hint: hint}},
	}
}

// Attachments, Blocks and Payload are what the fields of that name hold.
func (p webhookForm) Attachments() string { return p.treeText("attachments", p.F.Attachments) }

// Blocks is as [webhookForm.Attachments].
func (p webhookForm) Blocks() string { return p.treeText("blocks", p.F.Blocks) }

// Payload is as [webhookForm.Attachments].
func (p webhookForm) Payload() string { return p.treeText("payload", p.F.Payload) }

// treeText is what was sent for a field, else a tree as JSON.
func (p webhookForm) treeText(name string, tree any) string {
	if p.r.PostForm.Has(name) || tree == nil {
		return p.Value(name)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(tree); err != nil { // it was decoded from JSON or YAML
		return ""
	}
	return strings.TrimSpace(out.String())
}

// Open reports whether a part of the form that is folded away is to be seen: it holds something,
// or something in it is wrong. It is named by its first field.
func (p webhookForm) Open(part string) bool {
	held, names := false, []string{}
	switch f := p.F; part {
	case "channel":
		held = f.Channel+f.Username+f.IconURL+f.IconEmoji != ""
		names = []string{"channel", "username", "icon_url", "icon_emoji"}
	case "locale":
		names = []string{"locale", "time_zone", "style", "missed", "previews", "quiet"}
	case "payload":
		held = p.Attachments()+p.Blocks()+p.Payload()+f.Success+f.Encoding != ""
		names = []string{"attachments", "blocks", "payload", "success", "encoding"}
	}
	return held || slices.ContainsFunc(names, func(name string) bool { return p.FieldProblem(name) != "" })
}
