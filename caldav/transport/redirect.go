package transport

import (
	"errors"
	"net/url"
	"strings"

	"calbell"
)

// maxAdvised bounds the path of an address that a hint advises to give.
const maxAdvised = 200

// redirectError is a redirect that is not followed.
type redirectError struct {
	from, to *url.URL
	writes   bool // what was to be written went nowhere
}

func (e *redirectError) Error() string {
	return e.Text().English
}

// Text returns the same with its key.
func (e *redirectError) Text() calbell.Text {
	if e.writes {
		return calbell.T("transport:redirect-of-write", "redirect to %s://%s refused: nothing is written elsewhere", e.to.Scheme, e.to.Host)
	}
	return calbell.T("transport:redirect-refused", "redirect to %s://%s refused: only the same server, or https, is followed", e.to.Scheme, e.to.Host)
}

// pointerError is an address in an answer that is not asked, as it has no TLS.
type pointerError struct{ from, to *url.URL }

func (e *pointerError) Error() string {
	return e.Text().English
}

// Text returns the same with its key.
func (e *pointerError) Text() calbell.Text {
	return calbell.T("transport:pointer", "the server points to %s without TLS; not followed", e.to.Host)
}

// RedirectHint says how the server can be reached all the same; the zero text when the error is of another
// kind. A server behind a proxy that ends TLS often takes itself for one without.
func RedirectHint(err error) calbell.Text {
	var redirect *redirectError
	var pointer *pointerError
	switch {
	case errors.As(err, &redirect):
		return calbell.T("caldav:correct-redirect-server-nextcloud", "Correct the redirect at the server (Nextcloud: overwriteprotocol), or give %s as the account's url.", advised(redirect.from, redirect.to))
	case errors.As(err, &pointer):
		return calbell.T("caldav:correct-addresses-server-writes", "Correct the addresses that the server writes (Nextcloud: overwriteprotocol), or give %s as the account's url.", advised(pointer.from, pointer.to))
	}
	return calbell.Text{}
}

// advised returns the address that was meant: by TLS, at the server that was asked if it is that
// one, without what may be secret.
func advised(from, to *url.URL) string {
	u := url.URL{Scheme: "https", Host: to.Host, Path: to.Path, RawPath: to.RawPath}
	switch {
	case strings.EqualFold(from.Hostname(), to.Hostname()):
		u.Scheme, u.Host = from.Scheme, from.Host
	case to.Port() == "80":
		u.Host = strings.TrimSuffix(to.Host, ":80")
	case to.Port() != "":
		u.Scheme = to.Scheme
	}
	if len(u.EscapedPath()) > maxAdvised {
		u.Path, u.RawPath = "/", ""
	}
	return u.String()
}
