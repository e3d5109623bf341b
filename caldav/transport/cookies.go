package transport

import (
	"net/http"
	"net/url"
	"slices"
)

const (
	// maxCookies bounds the cookies that are kept for one origin, and maxCookieBytes each of them
	// (RFC 6265 §6.1 wants 4096 bytes).
	maxCookies, maxCookieBytes = 20, 4096
	// maxCookieOrigins bounds the origins: an account has its server, and perhaps one of home sets.
	maxCookieOrigins = 4
)

// cookies are those without which a server does not answer, by origin: a gate in front of it sets
// them, and redirects back to what was asked for. Others are not sent back: with them, some servers
// take a request for one of their web pages, and a session for a sign-in.
type cookies map[string][]*http.Cookie

func originOf(u *url.URL) string { return u.Scheme + "://" + u.Host }

// gate keeps the cookies of one chain of redirects until the chain comes back to where it was.
type gate struct {
	first *url.URL // where the chain began
	seen  []string // URLs that were asked
	set   cookies
}

// pass notes an answer that redirects from at to next.
func (g *gate) pass(kept cookies, resp *http.Response, at, next *url.URL) {
	g.seen = append(g.seen, at.String())
	if CredentialsMayGo(g.first, at) {
		g.set.add(originOf(at), resp.Cookies())
	}
	if !slices.Contains(g.seen, next.String()) || !CredentialsMayGo(g.first, next) {
		return
	}
	for origin, list := range g.set {
		kept.add(origin, list)
	}
}

// add keeps cookies in place of those of the same name.
func (c cookies) add(origin string, list []*http.Cookie) {
	if _, known := c[origin]; !known && len(c) >= maxCookieOrigins {
		return
	}
	for _, k := range list {
		all := slices.DeleteFunc(c[origin], func(old *http.Cookie) bool { return old.Name == k.Name })
		if k.MaxAge >= 0 && len(all) < maxCookies && len(k.Name)+len(k.Value) <= maxCookieBytes {
			all = append(all, &http.Cookie{Name: k.Name, Value: k.Value})
		}
		c[origin] = all
	}
}
