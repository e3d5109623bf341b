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
	Hint calbell.Text
	// LinkOnly: a password is of no use there, only the link to an .ics file, or a token.
	LinkOnly bool

	// domains are those of its servers and of its mail addresses, sub-domains included.
	domains []string
}

// Providers returns those that are known, in the order in which to offer them. The last
// two are for all others.
func Providers() []Provider {
	return []Provider{
		{
			ID: "infomaniak", Name: "Infomaniak", URL: "https://sync.infomaniak.com/", domains: []string{"infomaniak.com", "ik.me", "etik.com"},
			Hint: calbell.T("provider:infomaniak", "Infomaniak wants the short sync login (two letters and digits) at https://sync.infomaniak.com/, and an app password when two-factor is on."),
		},
		{ID: "nextcloud", Name: "Nextcloud", Hint: calbell.T("provider:nextcloud", "Check username and password; with two-factor sign-in on, Nextcloud wants an app password: Settings › Security.")},
		{
			ID: "icloud", Name: "iCloud", URL: "https://caldav.icloud.com/", domains: []string{"icloud.com", "me.com", "mac.com"},
			Hint: calbell.T("provider:icloud", "iCloud wants an app-specific password: account.apple.com › Sign-In and Security."),
		},
		{
			ID: "fastmail", Name: "Fastmail", URL: "https://caldav.fastmail.com/", domains: []string{"fastmail.com", "fastmail.fm"},
			Hint: calbell.T("provider:fastmail", "Fastmail wants an app password: Settings › Privacy & Security."),
		},
		{
			ID: "google", Name: "Google", LinkOnly: true, domains: []string{"google.com", "gmail.com", "googlemail.com", "googleapis.com", "googleusercontent.com"},
			Hint: calbell.T("provider:google", "Google does not accept passwords here; subscribe to the calendar's secret iCal address instead."),
		},
		{
			ID: "microsoft", Name: "Outlook, Microsoft 365", LinkOnly: true, domains: []string{"outlook.com", "hotmail.com", "live.com", "office365.com", "office.com"},
			Hint: calbell.T("provider:microsoft", "Microsoft has no CalDAV: publish the calendar in Outlook's settings, and subscribe to the link of the calendar's .ics file instead."),
		},
		{
			ID: "proton", Name: "Proton", LinkOnly: true, domains: []string{"proton.me", "protonmail.com", "pm.me"},
			Hint: calbell.T("provider:proton", "Proton has no CalDAV: share the calendar with anyone by link, and subscribe to the link of the calendar's .ics file instead."),
		},
		{ID: "gmx", Name: "GMX", URL: "https://caldav.gmx.net/", Hint: wantsAppPassword("GMX"), domains: []string{"gmx.net", "gmx.de", "gmx.ch", "gmx.at"}},
		{ID: "webde", Name: "WEB.DE", URL: "https://caldav.web.de/", Hint: wantsAppPassword("WEB.DE"), domains: []string{"web.de"}},
		{ID: "mailbox", Name: "mailbox.org", URL: "https://dav.mailbox.org/", Hint: wantsAppPassword("mailbox.org"), domains: []string{"mailbox.org"}},
		{ID: "posteo", Name: "Posteo", URL: "https://posteo.de:8443/", Hint: calbell.T("provider:posteo", "Posteo takes the mail address and its password."), domains: []string{"posteo.de", "posteo.net"}},
		{ID: "yahoo", Name: "Yahoo", URL: "https://caldav.calendar.yahoo.com/", Hint: calbell.T("provider:yahoo", "Yahoo wants an app password: Account › Security."), domains: []string{"yahoo.com"}},
		{ID: "caldav", Name: "Other CalDAV", Hint: calbell.T("provider:caldav", "Check username and password; with two-factor sign-in on, most providers want an app password.")},
		{ID: "ics", Name: "Link to an .ics file", LinkOnly: true, Hint: calbell.T("provider:ics", "The link may have expired or been reset: copy it again from the provider's page.")},
	}
}

// wantsAppPassword is the hint for a provider that tells its app password by no name of its own.
func wantsAppPassword(provider string) calbell.Text {
	return calbell.T("provider:app-password", "Check username and password; with two-factor sign-in on, %s wants an app password.", provider)
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
		return p.Hint
	}
	if strings.Contains(u.Path, "/remote.php") || strings.Contains(host, "nextcloud") || strings.HasPrefix(host, "cloud.") {
		return hintOf("nextcloud")
	}
	return hintOf("caldav")
}

func hintOf(id string) calbell.Text {
	all := Providers()
	return all[slices.IndexFunc(all, func(p Provider) bool { return p.ID == id })].Hint
}
