package caldav

import (
	"net/url"
	"slices"
	"strings"

	"calbell"
)

// Provider is what is known of a place where people keep their calendars.
type Provider struct {
	// ID names it in configurations: "infomaniak".
	ID string
	// Name is for people.
	Name string
	// URL is where its accounts begin; "" when everybody has an address of their own.
	URL string
	// Hint is the one thing that most often goes wrong when signing in.
	Hint string
	// LinkOnly: a password is of no use there, only the link to an .ics file, or a token.
	LinkOnly bool

	// domains are those of its servers and of its mail addresses, sub-domains included.
	domains []string
}

// Providers returns those that are known, in the order in which to offer them. The last
// two are for all others.
func Providers() []Provider {
	const check, appPassword = "Check username and password; with two-factor sign-in on, ", " wants an app password."
	const link = "subscribe to the link of the calendar's .ics file instead"
	return []Provider{
		{
			ID: "infomaniak", Name: "Infomaniak", URL: "https://sync.infomaniak.com/", domains: []string{"infomaniak.com", "ik.me", "etik.com"},
			Hint: "Infomaniak wants the short sync login (two letters and digits) at https://sync.infomaniak.com/, and an app password when two-factor is on.",
		},
		{ID: "nextcloud", Name: "Nextcloud", Hint: check + "Nextcloud wants an app password: Settings › Security."},
		{
			ID: "icloud", Name: "iCloud", URL: "https://caldav.icloud.com/", domains: []string{"icloud.com", "me.com", "mac.com"},
			Hint: "iCloud wants an app-specific password: account.apple.com › Sign-In and Security.",
		},
		{
			ID: "fastmail", Name: "Fastmail", URL: "https://caldav.fastmail.com/", domains: []string{"fastmail.com", "fastmail.fm"},
			Hint: "Fastmail wants an app password: Settings › Privacy & Security.",
		},
		{
			ID: "google", Name: "Google", LinkOnly: true, domains: []string{"google.com", "gmail.com", "googlemail.com", "googleapis.com", "googleusercontent.com"},
			Hint: "Google does not accept passwords here; subscribe to the calendar's secret iCal address instead.",
		},
		{
			ID: "microsoft", Name: "Outlook, Microsoft 365", LinkOnly: true, domains: []string{"outlook.com", "hotmail.com", "live.com", "office365.com", "office.com"},
			Hint: "Microsoft has no CalDAV: publish the calendar in Outlook's settings, and " + link + ".",
		},
		{
			ID: "proton", Name: "Proton", LinkOnly: true, domains: []string{"proton.me", "protonmail.com", "pm.me"},
			Hint: "Proton has no CalDAV: share the calendar with anyone by link, and " + link + ".",
		},
		{ID: "gmx", Name: "GMX", URL: "https://caldav.gmx.net/", Hint: check + "GMX" + appPassword, domains: []string{"gmx.net", "gmx.de", "gmx.ch", "gmx.at"}},
		{ID: "webde", Name: "WEB.DE", URL: "https://caldav.web.de/", Hint: check + "WEB.DE" + appPassword, domains: []string{"web.de"}},
		{ID: "mailbox", Name: "mailbox.org", URL: "https://dav.mailbox.org/", Hint: check + "mailbox.org" + appPassword, domains: []string{"mailbox.org"}},
		{ID: "posteo", Name: "Posteo", URL: "https://posteo.de:8443/", Hint: "Posteo takes the mail address and its password.", domains: []string{"posteo.de", "posteo.net"}},
		{ID: "yahoo", Name: "Yahoo", URL: "https://caldav.calendar.yahoo.com/", Hint: "Yahoo wants an app password: Account › Security.", domains: []string{"yahoo.com"}},
		{ID: "caldav", Name: "Other CalDAV", Hint: check + "most providers want an app password."},
		{ID: "ics", Name: "Link to an .ics file", LinkOnly: true, Hint: "The link may have expired or been reset: copy it again from the provider's page."},
	}
}

// ProviderOf returns the provider of a host name; ok is false when it is none that has
// names of its own.
func ProviderOf(host string) (p Provider, ok bool) {
	for _, p := range Providers() {
		if slices.ContainsFunc(p.domains, func(domain string) bool { return within(host, domain) }) {
			return p, true
		}
	}
	return Provider{}, false
}

// within reports whether a host name is a domain's own, or of a sub-domain.
func within(host, domain string) bool {
	host, domain = strings.ToLower(strings.TrimSuffix(host, ".")), strings.ToLower(domain)
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// hintFor returns the one thing that most often goes wrong when signing in at the
// provider behind u; general advice when the provider is not known.
func hintFor(u *url.URL) calbell.Text {
	if isFeed(u) {
		return hintOf("ics")
	}
	host := strings.ToLower(u.Hostname())
	if p, ok := ProviderOf(host); ok {
		return calbell.Plain(p.Hint)
	}
	if strings.Contains(u.Path, "/remote.php") || strings.Contains(host, "nextcloud") || strings.HasPrefix(host, "cloud.") {
		return hintOf("nextcloud")
	}
	return hintOf("caldav")
}

func hintOf(id string) calbell.Text {
	all := Providers()
	return calbell.Plain(all[slices.IndexFunc(all, func(p Provider) bool { return p.ID == id })].Hint)
}
