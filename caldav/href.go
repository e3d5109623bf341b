package caldav

import (
	"net/url"
	"strings"

	"calbell"
)

// hrefOf returns the key for an href of an answer from base: its path as it was written.
// Hosts are dropped, whatever they are: behind a proxy servers write internal ones, and
// objects are only ever asked of the calendar's own server.
func hrefOf(written string, base *url.URL) calbell.Href {
	if i := strings.Index(written, "://"); i > 0 && !strings.ContainsAny(written[:i], "/?#") {
		rest := written[i+3:]
		slash := strings.IndexByte(rest, '/')
		if slash < 0 {
			return "/"
		}
		return calbell.Href(rest[slash:])
	}
	if strings.HasPrefix(written, "/") {
		return calbell.Href(written)
	}
	dir := base.EscapedPath()
	return calbell.Href(dir[:strings.LastIndexByte(dir, '/')+1] + strings.TrimPrefix(written, "./"))
}

// urlOf returns the URL of an href at the origin of base. The path goes out exactly as it
// was written where that is valid, and with the least escaping where it is not.
func urlOf(base *url.URL, h calbell.Href) *url.URL {
	path, query, _ := strings.Cut(string(h), "?")
	u := &url.URL{Scheme: base.Scheme, Host: base.Host, Path: path, RawQuery: strings.ReplaceAll(query, " ", "%20")}
	if plain, err := url.PathUnescape(path); err == nil {
		u.Path, u.RawPath = plain, path
	}
	return u
}

// resolve reads an href that may lead to another server, as principals and home sets do.
// nil when it cannot be read, or is longer than any address.
func resolve(written string, base *url.URL) *url.URL {
	if len(written) > maxHrefBytes {
		return nil
	}
	if strings.HasPrefix(written, "/") && !strings.HasPrefix(written, "//") {
		return urlOf(base, calbell.Href(written))
	}
	u, err := base.Parse(written)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	if base.Scheme == "https" && u.Scheme == "http" {
		u.Scheme, u.Host = base.Scheme, base.Host // a server behind a proxy that ends TLS for it
	}
	return u
}

// canonical returns the form in which hrefs are compared when servers spell one in two
// ways (%40 and @): each segment escaped anew, so that %2F stays apart from a slash,
// without the slash at the end.
func canonical(h calbell.Href) string {
	path, query, hasQuery := strings.Cut(string(h), "?")
	parts := strings.Split(strings.TrimRight(path, "/"), "/")
	for i, p := range parts {
		if plain, err := url.PathUnescape(p); err == nil {
			parts[i] = url.PathEscape(plain)
		} else {
			parts[i] = url.PathEscape(p)
		}
	}
	out := strings.Join(parts, "/")
	if hasQuery {
		out += "?" + query
	}
	return out
}

// sameETag compares weakly (RFC 9110 §8.8.3.2), and does not mind missing quotes: proxies
// that compress turn strong tags into weak ones. Absent tags are never the same.
func sameETag(a, b calbell.ETag) bool {
	return a != "" && opaque(a) == opaque(b)
}

func opaque(t calbell.ETag) string {
	s := strings.TrimPrefix(strings.TrimSpace(string(t)), "W/")
	return strings.Trim(s, `"`)
}
