package caldav

import (
	"slices"
	"strings"
	"testing"

	"calbell"
)

func TestReadAddress(t *testing.T) {
	tests := []struct{ text, start, domain, mail string }{
		{"https://cloud.example.org", "https://cloud.example.org/", "", ""},
		{"https://cloud.example.org/dav/#top", "https://cloud.example.org/dav/", "", ""},
		{"cloud.example.org", "https://cloud.example.org/", "cloud.example.org", ""},
		{" cloud.example.org ", "https://cloud.example.org/", "cloud.example.org", ""},
		{"cloud.example.org/dav", "https://cloud.example.org/dav", "", ""},
		{"cloud.example.org:8443", "https://cloud.example.org:8443/", "", ""},
		{"cloud.example.org/", "https://cloud.example.org/", "", ""},
		{"192.0.2.7", "https://192.0.2.7/", "", ""},
		{"[2001:db8::1]", "https://[2001:db8::1]/", "", ""},
		{"localhost", "https://localhost/", "", ""},
		{"alice@example.org", "https://example.org/", "example.org", "alice@example.org"},
		{"mailto:alice@example.org", "https://example.org/", "example.org", "alice@example.org"},
		{"webcal://example.org/team.ics", "https://example.org/team.ics", "", ""},
		{"webcals://example.org/team.ics?token=a", "https://example.org/team.ics?token=a", "", ""},
		{"file:///srv/my%20team.ics", "file:///srv/my%20team.ics", "", ""},
		{"file://localhost/srv/team.ics", "file:///srv/team.ics", "", ""},
	}
	for _, tt := range tests {
		a, err := readAddress("home", tt.text)
		if err != nil || a.start.String() != tt.start || a.domain != tt.domain || a.mail != tt.mail {
			t.Errorf("%q: %v %q %q, %v", tt.text, a.start, a.domain, a.mail, err)
		}
	}
}

// TestMailSignsIn: the mail address is the username when there is no other, and a password.
func TestMailSignsIn(t *testing.T) {
	tests := []struct {
		account calbell.Account
		want    string
	}{
		{calbell.Account{URL: "alice@example.org", Password: "x"}, "alice@example.org"},
		{calbell.Account{URL: "alice@example.org", Username: "al", Password: "x"}, "al"},
		{calbell.Account{URL: "alice@example.org"}, ""},
		{calbell.Account{URL: "example.org", Password: "x"}, ""},
	}
	for _, tt := range tests {
		c, err := New(tt.account, Options{})
		if err != nil || c.account.Username != tt.want {
			t.Errorf("%s: %q, %v", tt.account.URL, c.account.Username, err)
		}
	}
}

func TestIsDomain(t *testing.T) {
	for host, want := range map[string]bool{
		"example.org": true, "a.b.example.org": true, "3com.example": true, "1.example.org": true,
		"": false, ".": false, "localhost": false, "example.org.": false, ".example.org": false, "a..b": false,
		"127.0.0.1": false, "2001:db8::1": false, "example.org:443": false, "exa mple.org": false, "a/b.c": false,
	} {
		if got := isDomain(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

// TestProviders: each can be told from the others, and says what to do.
func TestProviders(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Providers() {
		if p.ID == "" || p.Name == "" || p.Hint.IsZero() || seen[p.ID] {
			t.Errorf("%+v", p)
		}
		seen[p.ID] = true
		if p.URL == "" {
			continue
		}
		u := mustURL(t, p.URL)
		if u.Scheme != "https" || !strings.HasSuffix(u.Path, "/") || p.LinkOnly {
			t.Errorf("%s: %s", p.ID, p.URL)
		}
		if got, ok := ProviderOf(u.Hostname()); !ok || got.ID != p.ID {
			t.Errorf("%s is %s's", u.Host, got.ID)
		}
	}
	for _, id := range []string{"infomaniak", "nextcloud", "icloud", "fastmail", "google", "caldav", "ics"} {
		if !seen[id] {
			t.Errorf("%s is missing", id)
		}
	}
	last := Providers()[len(Providers())-2:]
	if got := []string{last[0].ID, last[1].ID}; !slices.Equal(got, []string{"caldav", "ics"}) {
		t.Errorf("last are %v", got)
	}
}

func TestProviderOf(t *testing.T) {
	for host, want := range map[string]string{
		"icloud.com": "icloud", "p42-CALDAV.iCloud.com": "icloud", "icloud.com.": "icloud", "gmail.com": "google",
		"noticloud.com": "", "icloud.com.example.org": "", "": "", "com": "",
	} {
		if p, ok := ProviderOf(host); p.ID != want || ok != (want != "") {
			t.Errorf("%q: %q", host, p.ID)
		}
	}
}

// FuzzReadAddress: whatever is typed in is a place to begin at, or an error without the
// password that may be in it.
func FuzzReadAddress(f *testing.F) {
	for _, s := range []string{"https://a.example.org/x", "a@b.example", "mailto:", "file:///x", "webcal://", "http://u:hunter2@h/", "a:hunter2@b.c", "[::1]", "%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := readAddress("home", text)
		if err != nil {
			if calbell.KindOf(err) != calbell.KindConfig || strings.Contains(text, "hunter2") && strings.Contains(err.Error(), "hunter2") {
				t.Fatalf("%v", err)
			}
			return
		}
		if a.start.User != nil || a.start.Scheme == "file" && a.start.Path == "" || a.start.Scheme != "file" && a.start.Host == "" {
			t.Fatalf("%q: %+v", text, a.start)
		}
		if a.mail != "" && a.domain == "" {
			t.Fatalf("%q: %+v", text, a)
		}
	})
}
