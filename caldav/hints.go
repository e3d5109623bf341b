package caldav

import (
	"net/url"
	"strings"
)

// hintFor returns the one thing that most often goes wrong when signing in at the
// provider behind u; general advice when the provider is not known.
func hintFor(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	at := func(domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }
	switch {
	case at("infomaniak.com"):
		return "Infomaniak wants the short sync login (two letters and digits) at https://sync.infomaniak.com/, and an app password when two-factor is on."
	case at("icloud.com"), at("me.com"):
		return "iCloud wants an app-specific password: account.apple.com › Sign-In and Security."
	case at("fastmail.com"):
		return "Fastmail wants an app password: Settings › Privacy & Security."
	case at("google.com"), at("googleapis.com"), at("googleusercontent.com"):
		return "Google does not accept passwords here; subscribe to the calendar's secret iCal address instead."
	case strings.Contains(u.Path, "/remote.php"), strings.Contains(host, "nextcloud"), strings.HasPrefix(host, "cloud."):
		return "Nextcloud with two-factor on needs an app password: Settings › Security."
	}
	return "Check username and password; with two-factor on, most providers want an app password."
}
