package webhook

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"calbell"
)

// maxURLBytes limits a webhook URL; real ones have fewer than 300 bytes.
const maxURLBytes = 4096

// CheckURL checks a webhook's URL when it is defined, without a look-up. The URL must be
// absolute and https, and a literal address in it must be permitted. Plain http is accepted
// when the host's address is in a private network, and for a host name when any private network
// is configured: its address is checked at connection.
//
// The error is a [*calbell.Error] with a hint, and never shows the URL.
func CheckURL(raw string, o Options) error {
	_, err := parseURL(raw, newGuard(o))
	return err
}

// parseURL parses the URL of a webhook, or returns why it is invalid.
func parseURL(raw string, g guard) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return nil, urlError(calbell.T("webhook:url-missing", "url is missing"), calbell.T("webhook:copy-from-chat-settings", "copy it from the chat's settings for incoming webhooks"))
	case len(raw) > maxURLBytes:
		return nil, urlError(calbell.T("webhook:url-longer-than-bytes", "url is longer than %s bytes", strconv.Itoa(maxURLBytes)), calbell.T("webhook:webhook-url-some-hundred", "a webhook's URL has some hundred at most"))
	case err != nil: // its text contains the URL
		return nil, urlError(calbell.T("webhook:url-cannot-read", "url cannot be read"), calbell.T("webhook:looks-like-https-chat", "it looks like https://chat.example.org/hooks/…, with %% signs written as %%25"))
	case u.Scheme != "https" && u.Scheme != "http", u.Opaque != "", u.Hostname() == "":
		return nil, urlError(calbell.T("webhook:url-not-absolute-https", "url is not an absolute https URL"), calbell.T("webhook:begins-https-host-name", "it begins with https:// and a host name"))
	case u.Fragment != "" || strings.Contains(raw, "#"):
		return nil, urlError(calbell.T("webhook:url-part-which-never", "url has a # part, which is never sent"), calbell.T("webhook:leave-out-or-write", "leave it out, or write %%23 if it belongs to the path"))
	case !validPort(u):
		return nil, urlError(calbell.T("webhook:url-port-not-between", "url has a port that is not between 1 and 65535"), calbell.T("webhook:leave-port-out-443", "leave the port out for 443"))
	}
	if err := checkHost(u, g); err != nil {
		return nil, err
	}
	return u, nil
}

func urlError(what, hint calbell.Text) error {
	return &calbell.Error{Kind: calbell.KindUsage, What: what, Hint: hint}
}

func validPort(u *url.URL) bool {
	port := u.Port()
	if port == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// checkHost checks what the host's spelling alone shows.
func checkHost(u *url.URL, g guard) error {
	host, secure := u.Hostname(), u.Scheme == "https"
	if addr, ok := literal(u); ok {
		return addressError(g.check(addr, secure))
	}
	switch {
	case strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII }):
		return urlError(calbell.T("webhook:url-host-letters-beyond", "url has a host with letters beyond a to z"), calbell.T("webhook:write-name-ascii-form", "write the name in its ASCII form, which begins with xn--"))
	case oddNumber(host):
		return urlError(calbell.T("webhook:url-host-neither-name", "url has a host that is neither a name nor an address"), calbell.T("webhook:write-addresses-four-decimal", "write addresses as four decimal numbers, like 192.0.2.1"))
	case !secure && !g.off && len(g.allowed) == 0:
		return urlError(calbell.T("webhook:url-plain-http-which", "url is plain http, which shows it and the message to everyone on the way"),
			calbell.T("webhook:use-https-chat-your", "use https; for a chat on your own network list that network under delivery.private_networks"))
	case !g.off && len(g.allowed) == 0 && isLocalhost(host):
		return addressError(g.check(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), portOf(u)), secure))
	}
	return nil
}

func addressError(err error) error {
	refused, ok := err.(*AddressError)
	if !ok {
		return err
	}
	return &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("webhook:url", "url"), Err: literalError{refused}, Hint: refused.Hint()}
}

// literalError refuses an address that is part of the URL: naming it reveals nothing.
type literalError struct{ *AddressError }

func (e literalError) Error() string { return e.Detail().English }

// Text returns the refusal with the address.
func (e literalError) Text() calbell.Text { return e.Detail() }

func (e literalError) Unwrap() error { return e.AddressError }

// literal returns the address and port of a URL whose host is an IP address.
func literal(u *url.URL) (netip.AddrPort, bool) {
	addr, err := netip.ParseAddr(u.Hostname())
	return netip.AddrPortFrom(addr, portOf(u)), err == nil
}

// portOf returns the port of a valid URL.
func portOf(u *url.URL) uint16 {
	_, port, _ := net.SplitHostPort(hostPort(u))
	n, _ := strconv.ParseUint(port, 10, 16)
	return uint16(n)
}

// oddNumber reports whether a host is another spelling of an IPv4 address (2130706433, 0x7f.1,
// 127.1), which some resolvers accept. No host name ends in a number (RFC 3696 §2).
func oddNumber(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

func isLocalhost(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
