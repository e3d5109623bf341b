package config

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"calbell"

	"calbell/config/yamltree"
)

// unixPrefix is the prefix of an address that is a socket's path.
const unixPrefix = "unix:"

// listen is an address of the form host:port, or unix:/path.
func (r *reader) listen(to *string) value {
	return value{shape: textShape(), get: func() any { return *to }, set: func(text string) *yamltree.Error {
		hint := calbell.T("config:listen-form", "such as 127.0.0.1:8470, [::1]:8470, :8470 for every address, or unix:/run/calbell/page.sock")
		if path, ok := strings.CutPrefix(text, unixPrefix); ok {
			bad := r.socket(&path).set(path)
			if bad == nil {
				*to = unixPrefix + path
			}
			return bad
		}
		_, port, err := net.SplitHostPort(text)
		if err != nil {
			return invalid(calbell.T("config:invalid-host-port", "invalid host:port"), text, hint)
		}
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return invalid(calbell.T("config:invalid-port", "invalid port"), port, hint)
		}
		*to = text
		return nil
	}}
}

// baseURL is the page's address for people. It ends with the host, because the page is at
// the root.
func baseURL(to *string) value {
	return value{shape: textShape(), get: func() any { return *to }, set: func(text string) *yamltree.Error {
		u, bad := webURL(text)
		switch {
		case bad != nil:
			return bad
		case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
			return fault(calbell.T("config:more-than-host", "this is more than a scheme and a host"), calbell.T("config:base-url-form", "such as https://calbell.example.org"))
		}
		*to = (&url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}).String()
		return nil
	}}
}

// hosts reads the host names that the page accepts.
func hosts(to *[]string) reading {
	return list(single(textShape(), func(r *reader, path string, n *yamltree.Node) {
		if hint := hostHint(n.Text); !hint.IsZero() {
			r.reject(path, invalid(calbell.T("config:invalid-host-name", "invalid host name"), n.Text, hint))
			return
		}
		if *to = append(*to, strings.ToLower(n.Text)); len(*to) == MaxHosts+1 {
			r.fail(path, calbell.T("config:too-many-hosts", "more than %d host names", MaxHosts), calbell.Text{})
		}
	}))
}

// hostHint returns what to write instead of a text that is not a host name; the zero text
// when it is one.
func hostHint(text string) calbell.Text {
	_, _, portErr := net.SplitHostPort(text)
	_, addrErr := netip.ParseAddr(text)
	switch {
	case isURL(text):
		return calbell.T("config:write-name-host-alone", "write the name of its host alone")
	case addrErr == nil:
		return calbell.T("config:leave-out-page-answers", "leave it out: the page answers to every address")
	case portErr == nil:
		return calbell.T("config:leave-port-out-name", "leave the port out: a name holds for all ports")
	case strings.Contains(text, "*"):
		return calbell.T("config:write-each-name-line", "write each name in a line of its own")
	case strings.Trim(text, ".") == "" || len(text) > maxHostName || strings.ContainsAny(text, " \t\r\n/\\@:?#%[]\"'<>,"):
		return calbell.T("config:such-calbell-example-org", "such as calbell.example.org or nas.local")
	}
	return calbell.Text{}
}

// signInURL is the calendar server that checks sign-ins.
func signInURL(to *string) value {
	return value{shape: textShape(), get: func() any { return *to }, set: func(text string) *yamltree.Error {
		u, bad := webURL(text)
		switch {
		case bad != nil:
			return bad
		case u.User != nil:
			return fault(calbell.T("config:url-sign-in", "the URL holds a sign-in"), calbell.T("config:own-sign-in", "people give their own at the page"))
		}
		*to = text
		return nil
	}}
}

// together checks scalar keys that depend on each other.
func (r *reader) together() {
	s, a := r.cfg.Server, r.cfg.Auth
	if s.Cert != "" {
		r.uses(s.Cert, false)
	}
	if s.Key != "" {
		r.uses(s.Key, true)
	}
	switch {
	case s.Cert != "" && s.Key == "":
		r.fail("server.tls.cert", calbell.T("config:certificate-needs-key", "a certificate needs its key"), calbell.T("config:add-key", "add key: beside it"))
	case s.Key != "" && s.Cert == "":
		r.fail("server.tls.key", calbell.T("config:key-needs-certificate", "a key needs its certificate"), calbell.T("config:add-cert", "add cert: beside it"))
	}
	if a.Create && a.CalDAV == "" {
		r.fail("auth.caldav.create", calbell.T("config:server-without-url", "nobody can sign in at a calendar server that has no url"), calbell.T("config:add-url", "add url: beside it"))
	}
}
