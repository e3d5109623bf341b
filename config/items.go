package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"calbell"
)

// account reads an item of accounts.
func (r *reader) account(path string, n *node) {
	var a calbell.Account
	password := secretKeys{key: "password"}
	// A broken item is kept: the items' positions are those of the file.
	defer func() { r.cfg.Accounts = append(r.cfg.Accounts, a) }()
	if !r.is(path, n, mapping) {
		return
	}
	r.mapping(path, n, password.into(fields{
		"name":      name(&a.Name),
		"owner":     text(&a.Owner),
		"url":       text(&a.URL),
		"username":  text(&a.Username),
		"addresses": texts(&a.Addresses),
		"time_zone": zoneName(&a.TimeZone),
		"calendars": calendars(&a.Calendars),
	}))
	value, _ := r.secret(path, &password)
	a.Password = calbell.Secret(value)
	r.require(path, n, "name", "url")
	r.accountURL(path, a)
	if a.Username != "" && !hasAny(n, "password", "password_file", "password_credential") {
		r.fail(path+".username", fmt.Sprintf("no password for %s", echo(a.Username)),
			"add password_file, password_credential or password")
	}
	if a.Username == "" && a.Password != "" {
		r.failf(path, "a password needs a username")
	}
}

// accountURL checks where discovery starts.
func (r *reader) accountURL(path string, a calbell.Account) {
	if a.URL == "" {
		return
	}
	at := path + ".url"
	u, bad := webURL(a.URL)
	if strings.Contains(a.URL, "@") {
		r.doc.hide(r.doc.index[at])
	}
	switch {
	case bad != nil:
		r.fail(at, bad.Msg, bad.Hint)
	case u.User != nil:
		r.fail(at, "the URL holds a sign-in", "put it under username and password_file")
	case u.Fragment != "":
		r.failf(at, "a calendar server's URL has no part after #")
	}
}

// calendars reads the list of calendars of an account. An empty list is not a missing
// one: it means that none is synced.
func calendars(to *[]calbell.CalendarSettings) reading {
	return func(r *reader, path string, n *node) {
		*to = []calbell.CalendarSettings{}
		list(func(r *reader, path string, n *node) {
			var c calbell.CalendarSettings
			defer func() { *to = append(*to, c) }()
			if !r.is(path, n, mapping) {
				return
			}
			r.mapping(path, n, fields{
				"name":      name(&c.Name),
				"webhook":   name(&c.Webhook),
				"time_zone": zoneName(&c.TimeZone),
			})
			r.require(path, n, "name")
		})(r, path, n)
	}
}

// webhook reads an item of webhooks.
func (r *reader) webhook(path string, n *node) {
	w := calbell.Webhook{Origin: calbell.OriginFile}
	address := secretKeys{key: "url"}
	defer func() { r.cfg.Webhooks = append(r.cfg.Webhooks, w) }()
	if !r.is(path, n, mapping) {
		return
	}
	var kind string
	r.mapping(path, n, address.into(fields{
		"name":        name(&w.Name),
		"owner":       text(&w.Owner),
		"share":       boolean(&w.Share),
		"kind":        choice(&kind, "kchat", "mattermost", "slack", "json"),
		"encoding":    choice(&w.Encoding, "json", "form"),
		"success":     choice(&w.Success, "ok", "2xx"),
		"template":    text(&w.Template),
		"channel":     text(&w.Channel),
		"username":    text(&w.Username),
		"icon_url":    text(&w.IconURL),
		"icon_emoji":  text(&w.IconEmoji),
		"type":        text(&w.Type),
		"attachments": tree(&w.Attachments, sequence),
		"payload":     tree(&w.Payload, mapping),
		"locale":      choice(&w.Locale, Locales()...),
		"time_zone":   zoneName(&w.TimeZone),
		"on_unknown":  choice(&w.OnUnknown, "resend", "drop"),
	}))
	r.require(path, n, "name")
	r.webhookURL(path, n, &w, &address)
	w.ID = calbell.WebhookID(calbell.Slug(w.Name))
	w.Kind = kindOf(kind, w.URL)
	r.webhookRules(path, w)
}

// kindOf is the kind that was named, else the one that the URL suggests.
func kindOf(named string, address calbell.Secret) calbell.WebhookKind {
	switch named {
	case "":
		return calbell.GuessKind(address.Reveal())
	case "mattermost":
		return calbell.KindKChat
	}
	return calbell.WebhookKind(named)
}

// webhookURL reads the URL, which is a secret, from where it is given.
func (r *reader) webhookURL(path string, n *node, w *calbell.Webhook, s *secretKeys) {
	value, from := r.secret(path, s)
	value = strings.TrimSpace(value)
	w.URL = calbell.Secret(value)
	if value == "" {
		if !hasAny(n, "url", "url_file", "url_credential") {
			r.fail(path, "a webhook needs a url", "url_file and url_credential keep it out of this file")
		}
		return
	}
	if _, bad := webURL(value); bad != nil {
		r.fail(from, bad.Msg, bad.Hint)
	}
}

// webhookRules checks what keys of a webhook ask of each other.
func (r *reader) webhookRules(path string, w calbell.Webhook) {
	if w.Type != "" && !strings.HasPrefix(w.Type, "custom_") {
		r.fail(path+".type", fmt.Sprintf("type %s must begin with custom_", echo(w.Type)), "")
	}
	if len(w.Template) > calbell.MaxTemplateBytes {
		r.failf(path+".template", "the template is longer than %d bytes", calbell.MaxTemplateBytes)
	}
	if w.Payload != nil && w.Kind != calbell.KindJSON {
		r.fail(path+".payload", fmt.Sprintf("payload is the whole body of a webhook of kind json; this one is %s", w.Kind),
			"use template and attachments, or write kind: json")
	}
	if w.IconURL != "" {
		if _, bad := webURL(w.IconURL); bad != nil {
			r.fail(path+".icon_url", bad.Msg, bad.Hint)
		}
	}
}

// webURL parses an absolute http or https URL. The message does not hold the URL.
func webURL(text string) (*url.URL, *Error) {
	const hint = "a URL is written like https://host/path"
	if strings.ContainsAny(text, " \t\n") {
		return nil, fault(hint, "the URL holds a space or line end")
	}
	u, err := url.Parse(text)
	switch {
	case err != nil: // url.Error and its cause both quote the URL
		return nil, fault(hint, "the URL cannot be read")
	case u.Scheme == "":
		return nil, fault(hint, "the URL has no scheme")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fault(hint, "the URL begins with %s, not with https", echo(u.Scheme+":"))
	case u.Hostname() == "":
		return nil, fault(hint, "the URL has no host")
	}
	return u, nil
}

// require reports keys that a mapping lacks.
func (r *reader) require(path string, n *node, keys ...string) {
	for _, key := range keys {
		if v := n.get(key); v == nil || v.kind == scalar && v.text == "" {
			r.failf(path, "%q is missing here", key)
		}
	}
}

func hasAny(n *node, keys ...string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { return n.get(k) != nil })
}
