package config

import (
	"net/url"
	"slices"
	"strings"

	"calbell/config/yamltree"

	"calbell"
)

// proxy is the value of the proxy for posts by https. Its URL may contain a password, so no
// finding shows it.
func (r *reader) proxy() value {
	to := &r.cfg.Delivery.Proxy
	return value{
		shape: textShape(),
		get: func() any {
			if *to == "" {
				return ""
			}
			return yamltree.MaskURL(to.Reveal())
		},
		exact: func() any { return *to },
		set: func(text string) *yamltree.Error {
			if n := r.doc.Index["delivery.proxy"]; n != nil {
				r.doc.Hide(n)
				r.doc.holdsSecret = r.doc.holdsSecret || strings.Contains(n.Text, "@")
			}
			r.doc.AddSecret(text)
			u, bad := proxyURL(text)
			if bad == nil {
				*to = calbell.Secret(u.String())
			}
			return bad
		},
	}
}

// proxyURL parses the URL of a proxy. The error does not contain it.
func proxyURL(text string) (*url.URL, *yamltree.Error) {
	hint := calbell.T("config:proxy-form", "such as http://proxy.example.org:3128, https://… or socks5://…")
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme):
		return nil, fault(calbell.T("config:not-proxy", "this is not the URL of a proxy"), hint)
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return nil, fault(calbell.T("config:proxy-end", "the URL of a proxy ends with its host and port"), hint)
	}
	return u, nil
}
