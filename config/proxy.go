package config

import (
	"net/url"
	"slices"
	"strings"

	"calbell"
)

// proxy sets the proxy that webhooks by https are called through. Its URL may hold a
// password, so no finding shows it.
func (r *reader) proxy(text string) *Error {
	if n := r.doc.index["delivery.proxy"]; n != nil {
		r.doc.hide(n)
	}
	const hint = "such as http://proxy.example.org:3128, https://… or socks5://…"
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme):
		return fault(hint, "this is not the URL of a proxy")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return fault(hint, "the URL of a proxy ends with its host and port")
	}
	r.cfg.Delivery.Proxy = calbell.Secret(u.String())
	return nil
}
