package caldav

import (
	"net/url"
	"strings"

	"calbell"
)

// address is what an account's URL turned out to mean.
type address struct {
	start *url.URL // where discovery starts, if domain is ""
	// domain is set when nothing but a host name or a mail address was given: the way from
	// there leads over the DNS (RFC 6764).
	domain string
	mail   string // the mail address, if that is what was given
	feed   bool   // it is that of an .ics file
}

// readAddress reads an account's URL: a URL, a host name, or a mail address.
func readAddress(account, text string) (address, error) {
	text = strings.TrimSpace(text)
	bare := !strings.Contains(text, "://")
	if bare {
		rest := strings.TrimPrefix(text, "mailto:")
		if local, domain, ok := strings.Cut(rest, "@"); ok && !strings.ContainsAny(rest, ":/") {
			return readMail(account, local, domain)
		}
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		// The parse error quotes the URL, which may hold a password.
		return address{}, configError(account, calbell.T("caldav:url-cannot-read", "the url cannot be read"))
	}
	feed := false
	switch u.Scheme {
	case "webcal", "webcals":
		u.Scheme, feed = "https", true
	case "file":
		if u.Host != "" && u.Host != "localhost" || u.Path == "" {
			return address{}, configError(account, calbell.T("caldav:file-url-written-like", "a file's url is written like file:///path/to/calendar.ics"))
		}
		return address{start: &url.URL{Scheme: "file", Path: u.Path}, feed: true}, nil
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return address{}, configError(account, calbell.T("caldav:url-must-begin-https", "the url must begin with https:// and a host"))
	case u.User != nil:
		return address{}, configError(account, calbell.T("caldav:url-must-not-hold", "the url must not hold a user name or password"))
	}
	a := address{start: u, feed: feed || isFeed(u)}
	if bare && text == "https://"+u.Hostname() && isDomain(u.Hostname()) {
		a.domain = u.Hostname()
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Fragment, u.RawFragment = "", ""
	return a, nil
}

func readMail(account, local, domain string) (address, error) {
	if local == "" || !isDomain(domain) || strings.Contains(domain, "@") {
		return address{}, configError(account, calbell.T("caldav:url-neither-one-nor", "the url is neither one nor a mail address"))
	}
	return address{
		start: &url.URL{Scheme: "https", Host: domain, Path: "/"}, domain: domain, mail: local + "@" + domain,
	}, nil
}

// isDomain reports whether a host is one that the DNS could know services of: it has a dot,
// and is no IP address.
func isDomain(host string) bool {
	for _, label := range strings.Split(host, ".") {
		if label == "" || strings.Trim(label, "0123456789") == "" && strings.HasSuffix(host, label) {
			return false
		}
	}
	return strings.Contains(host, ".") && !strings.ContainsAny(host, ":/?#[]%\\ ")
}

// signedIn gives an account without a username the mail address that stands for its URL.
func (a address) signedIn(account calbell.Account) calbell.Account {
	if account.Username == "" && account.Password != "" {
		account.Username = a.mail
	}
	return account
}

// isFile reports whether a URL is that of a local file.
func isFile(u *url.URL) bool { return u.Scheme == "file" }
