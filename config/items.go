package config

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"calbell"
	"calbell/config/yamltree"
	"calbell/webhook/dialect"
)

// calendars reads the list of calendars of an account. An empty list differs from a missing
// one: no calendar is synced.
func calendars(to *[]calbell.CalendarSettings) reading {
	items := list(object(func(r *reader, path string, n *yamltree.Node) {
		var c calbell.CalendarSettings
		defer func() { *to = append(*to, c) }()
		if !r.is(path, n, yamltree.Mapping) {
			return
		}
		r.mapping(path, n, fields{
			"name":      name(&c.Name).required(),
			"webhook":   webhookName(&c.Webhook),
			"private":   choice(&c.Private, "skip", "busy", "full"),
			"time_zone": zoneName(&c.TimeZone),
		}.reminders(&c.Remind, &c.RemindAllDay, &c.Mode))
	}))
	return reading{shape: items.shape, take: func(r *reader, path string, n *yamltree.Node) {
		*to = []calbell.CalendarSettings{}
		items.take(r, path, n)
	}}
}

// webhook reads an item of webhooks.
func (r *reader) webhook(path string, n *yamltree.Node) {
	w := calbell.Webhook{Origin: calbell.OriginFile}
	address := secretKeys{key: "url"}
	defer func() { r.cfg.Webhooks = append(r.cfg.Webhooks, w) }()
	if !r.is(path, n, yamltree.Mapping) {
		return
	}
	var kind string
	r.mapping(path, n, address.into(fields{
		"name":        name(&w.Name).required(),
		"owner":       text(&w.Owner),
		"share":       boolean(&w.Share),
		"kind":        choice(&kind, dialect.Kinds()...),
		"encoding":    choice(&w.Encoding, "json", "form"),
		"success":     choice(&w.Success, "ok", "2xx"),
		"template":    text(&w.Template),
		"channel":     text(&w.Channel),
		"username":    text(&w.Username),
		"icon_url":    text(&w.IconURL),
		"icon_emoji":  text(&w.IconEmoji),
		"type":        text(&w.Type),
		"attachments": tree(&w.Attachments, yamltree.Sequence),
		"blocks":      tree(&w.Blocks, yamltree.Sequence),
		"payload":     tree(&w.Payload, yamltree.Mapping),
		"locale":      choice(&w.Locale, Locales()...),
		"time_zone":   zoneName(&w.TimeZone),
		"on_unknown":  choice(&w.OnUnknown, "resend", "drop"),
		"missed":      choice(&w.Missed, "digest", "send", "drop"),
		"combine":     boolean(&w.Combine),
		"style":       choice(&w.Style, "text", "card"),
		"mentions":    choice(&w.Mentions, "deny", "template"),
		"previews":    optional(&w.Previews),
		"max_length":  length(&w.MaxLength),
		"quiet":       quiet(&w.Quiet),
		"corrections": boolean(&w.Corrections),

		"rate_per_second": rate(&w.RatePerSecond),
	}))
	w.Kind = calbell.WebhookKind(kind)
	r.webhookURL(path, n, &w, &address)
	w.ID = calbell.WebhookID(calbell.Slug(w.Name))
	r.webhookRules(path, w)
}

// webhookKind sets the kind that was given, else the one that the URL implies. from is the
// path of the URL.
func (r *reader) webhookKind(path, from string, w *calbell.Webhook) {
	kind, err := dialect.KindOfURL(w.Kind, w.URL.Reveal())
	w.Kind = kind
	if kind == "" { // other fields can still be checked
		w.Kind = dialect.GuessKind(w.URL.Reveal())
	}
	for _, f := range calbell.FieldsOf(err) {
		at := path
		if f.Name == "url" {
			at = from
		}
		r.fail(at, f.What, f.Hint)
	}
}

// webhookURL reads the URL, which is a secret, from one of its three keys.
func (r *reader) webhookURL(path string, n *yamltree.Node, w *calbell.Webhook, s *secretKeys) {
	value, from := r.secret(path, s)
	value = strings.TrimSpace(value)
	w.URL = calbell.Secret(value)
	if value == "" {
		if !hasAny(n, "url", "url_file", "url_credential") {
			r.fail(path, calbell.T("config:webhook-needs-url", "a webhook needs a url"), calbell.T("config:url-outside", "url_file and url_credential keep it out of this file"))
		}
		return
	}
	if _, bad := webURL(value); bad != nil {
		r.reject(from, bad)
		return
	}
	r.webhookKind(path, from, w)
}

// webhookRules checks a webhook by the rules that apply to all webhooks, whoever creates
// them.
func (r *reader) webhookRules(path string, w calbell.Webhook) {
	var wrong dialect.FieldErrors
	if w.Name == "" || !errors.As(dialect.Check(w), &wrong) { // a missing name was reported already
		return
	}
	for _, f := range wrong {
		r.fail(path+"."+f.Field, calbell.TextOfError(f.Err), calbell.HintOf(f.Err))
	}
}

// urlHint shows the form of a URL.
var urlHint = calbell.T("config:url-form", "a URL is written like https://host/path")

// webURL parses an absolute http or https URL. The error does not contain the URL.
func webURL(text string) (*url.URL, *yamltree.Error) {
	if strings.ContainsAny(text, " \t\n") {
		return nil, fault(calbell.T("config:url-space", "the URL holds a space or line end"), urlHint)
	}
	u, err := url.Parse(text)
	switch {
	case err != nil: // url.Error and its cause both quote the URL
		return nil, fault(calbell.T("config:url-unreadable", "the URL cannot be read"), urlHint)
	case u.Scheme == "":
		return nil, fault(calbell.T("config:url-no-scheme", "the URL has no scheme"), urlHint)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fault(calbell.T("config:url-scheme", "the URL begins with neither https:// nor http://"), urlHint)
	case u.Hostname() == "":
		return nil, fault(calbell.T("config:url-no-host", "the URL has no host"), urlHint)
	}
	return u, nil
}

func hasAny(n *yamltree.Node, keys ...string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { return n.Get(k) != nil })
}
