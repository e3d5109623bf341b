package templates

import (
	"cmp"
	"net/url"
	"strings"

	"calbell"
	"calbell/templates/markup"
)

// maxLinks bounds how many addresses of one text are looked at, and maxAddress how long one
// may be, in bytes: Outlook wraps those of Teams in one of a thousand.
const maxLinks, maxAddress = 200, 4096

// joinLink finds the address of an event's video meeting: what CONFERENCE or
// X-GOOGLE-CONFERENCE say, else the first address of a known service in URL, location
// and description. "" when there is none.
func joinLink(in *calbell.Instance) string {
	for _, c := range in.Conferences {
		if markup.IsWeb(c) {
			return strings.TrimSpace(c)
		}
	}
	for _, text := range []string{in.URL, in.Location, in.Description} {
		if link := meetingIn(markup.Head(text)); link != "" {
			return link
		}
	}
	return ""
}

// meetingIn returns the first address of a meeting in a text.
func meetingIn(text string) string {
	for range maxLinks {
		at := strings.Index(text, "http")
		if at < 0 {
			return ""
		}
		text = text[at:]
		end := strings.IndexFunc(text[:min(len(text), maxAddress)], markup.EndsAddress)
		if end < 0 {
			end = min(len(text), maxAddress)
		}
		candidate := strings.TrimRight(text[:end], ".,;:!?*_~'")
		if strings.Contains(candidate, "&amp;") {
			candidate = strings.ReplaceAll(candidate, "&amp;", "&")
		}
		for _, link := range []string{candidate, unwrapped(candidate)} {
			if isMeeting(link) {
				return link
			}
		}
		text = text[4:]
	}
	return ""
}

// unwrapped is the address that a mail filter or a calendar has put into one of its own, as
// Outlook's Safe Links, Google and Proofpoint do; "" when it is no such address.
func unwrapped(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	switch host := strings.ToLower(u.Hostname()); {
	case strings.Contains(host, "safelinks.protection."):
		return u.Query().Get("url")
	case under(host, "google.com") && u.Path == "/url":
		return cmp.Or(u.Query().Get("q"), u.Query().Get("url"))
	case under(host, "urldefense.com"):
		_, inner, _ := strings.Cut(s, "/v3/__")
		inner, _, _ = strings.Cut(inner, "__;")
		return inner
	}
	return ""
}

// isMeeting reports whether an address joins a meeting at a service that we know.
func isMeeting(s string) bool {
	// Hosts are compared whole and paths by their parts: "zoom.us.example.org" is somebody
	// else's, and support.zoom.us has pages beside its meetings.
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return false
	}
	host, path := strings.ToLower(u.Hostname()), u.EscapedPath()
	switch {
	case under(host, "meet.google.com"), under(host, "kmeet.infomaniak.com"), under(host, "meet.jit.si"), under(host, "8x8.vc"):
		return len(path) > 1
	case under(host, "teams.microsoft.com"), under(host, "teams.live.com"), under(host, "teams.microsoft.us"), under(host, "teams.cloud.microsoft"):
		return strings.HasPrefix(path, "/l/meetup-join/") || strings.HasPrefix(path, "/meet/")
	case under(host, "zoom.us"), under(host, "zoom.com"), under(host, "zoomgov.com"):
		return hasPart(path, "j", "my", "w", "s", "wc")
	case under(host, "webex.com"):
		return hasPart(path, "meet", "join", "webappng") || strings.Contains(path, "j.php") || strings.Contains(path, "/wbxmjs/")
	}
	// Own Jitsi servers are named so by custom.
	first, _, _ := strings.Cut(host, ".")
	return (first == "jitsi" || strings.HasPrefix(first, "jitsi-")) && len(path) > 1
}

// under reports whether host is domain or below it.
func under(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// hasPart reports whether a part of the path is one of names, with something after it.
func hasPart(path string, names ...string) bool {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for _, part := range parts[:len(parts)-1] {
		for _, n := range names {
			if part == n {
				return true
			}
		}
	}
	return false
}
