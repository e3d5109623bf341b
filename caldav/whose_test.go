package caldav_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"calbell"
	"calbell/caldav"
)

// privileges writes a current-user-privilege-set (RFC 3744 §5.4).
func privileges(names ...string) string {
	var b strings.Builder
	b.WriteString(`<d:current-user-privilege-set>`)
	for _, n := range names {
		b.WriteString(`<d:privilege><d:` + n + `/></d:privilege>`)
	}
	return b.String() + `</d:current-user-privilege-set>`
}

func owner(href string) string { return `<d:owner><d:href>` + href + `</d:href></d:owner>` }

func meAt(href string) string {
	return `<d:current-user-principal><d:href>` + href + `</d:href></d:current-user-principal>`
}

const (
	csShared      = `<cs:shared xmlns:cs="http://calendarserver.org/ns/"/>`
	csSharedOwner = `<cs:shared-owner xmlns:cs="http://calendarserver.org/ns/"/>`
)

func shareAccess(value string) string { return `<d:share-access>` + value + `</d:share-access>` }

func ocOwner(path string) string {
	return `<oc:owner-principal xmlns:oc="http://owncloud.org/ns">` + path + `</oc:owner-principal>`
}

// TestWhose: whose a calendar is, as each server says it. kind goes into resourcetype.
func TestWhose(t *testing.T) {
	const own, other = calbell.OwnershipOwn, calbell.OwnershipOther
	all, write, read := privileges("all"), privileges("read", "write"), privileges("read", "read-acl", "write-properties")
	tests := []struct {
		name, me, kind, props string
		want                  calbell.Ownership
		by                    string
	}{
		{"nothing is said", "/p/", "", "", own, ""},
		{"nothing is said, of anybody", "", "", "", own, ""},
		{"no owner, writable", "/p/", "", write, own, ""},
		{"no owner, read-only", "/p/", "", read, other, ""},
		{"an empty owner", "/p/", "", `<d:owner/>` + write, own, ""},
		{"an owner without an address", "/p/", "", `<d:owner><d:unauthenticated/></d:owner>` + write, own, ""},
		{"an owner by mail", "/p/", "", owner("mailto:alice@example.org") + write, own, ""},
		{"an owner, and nobody who signed in", "", "", owner("/p/"), own, ""},

		{"sabre/dav, own", "/principals/alice/", "", owner("/principals/alice/") + shareAccess(`<d:not-shared/>`) + write, own, ""},
		{"sabre/dav, shared by me", "/principals/alice/", csSharedOwner, owner("/principals/alice/") + shareAccess(`<d:shared-owner/>`) + write, own, ""},
		{"sabre/dav, share to write in names me its owner", "/principals/alice/", csShared, owner("/principals/alice/") + shareAccess(`<d:read-write/>`) + write, other, ""},
		{"sabre/dav, read-only share", "/principals/alice/", "", owner("/principals/alice/") + shareAccess(`<d:read/>`) + read, other, ""},
		{"sabre/dav, the home of somebody whose proxy I am", "/principals/alice/", csSharedOwner, owner("/principals/bob/") + shareAccess(`<d:shared-owner/>`) + write, other, "/principals/bob"},
		{"Open-Xchange, shared by me, as text", "/principals/users/3", "", shareAccess("shared-owner") + write, own, ""},
		{"Open-Xchange, share, as text", "/principals/users/3", "", shareAccess("read-write") + write, other, ""},
		{"share-access of a later standard", "/p/", "", shareAccess(`<d:read-and-comment/>`), other, ""},

		{"Nextcloud, own", "/remote.php/dav/principals/users/alice/", "", owner("/remote.php/dav/principals/users/alice/") + ocOwner("principals/users/alice") + write, own, ""},
		{"Nextcloud, birthdays", "/remote.php/dav/principals/users/alice/", "", owner("/remote.php/dav/principals/users/alice/") + ocOwner("principals/users/alice") + read, own, ""},
		{"Nextcloud, share to write in", "/remote.php/dav/principals/users/alice/", "", owner("/remote.php/dav/principals/users/bob/") + ocOwner("principals/users/bob") + write, other, "principals/users/bob"},
		{"ownCloud, share that names me in DAV:owner", "/remote.php/dav/principals/users/alice/", "", owner("/remote.php/dav/principals/users/alice/") + ocOwner("principals/users/bob") + write, other, "principals/users/bob"},
		{"Nextcloud, somebody whose name ends in mine", "/remote.php/dav/principals/users/alice/", "", ocOwner("principals/users/malice") + write, other, "principals/users/malice"},
		{"Nextcloud, a name of two words", "/remote.php/dav/principals/users/alice%20b/", "", ocOwner("principals/users/alice b") + write, own, ""},

		{"SOGo, own", "/SOGo/dav/alice/", "", owner("/SOGo/dav/alice/") + all, own, ""},
		{"SOGo, share to write in", "/SOGo/dav/alice/", "", owner("/SOGo/dav/bob/") + write, other, "/SOGo/dav/bob"},
		{"DAViCal, bound, privileges hidden", "/caldav.php/alice/", "", owner("/caldav.php/bob/"), other, "/caldav.php/bob"},
		{"Radicale, own", "/alice/", "", owner("/alice/") + write, own, ""},
		{"Radicale, another case is another person", "/alice/", "", owner("/Alice/") + write, other, "/Alice"},
		{"Cyrus, own", "/dav/principals/user/alice/", "", owner("/dav/principals/user/alice/") + all, own, ""},
		{"Cyrus, share", "/dav/principals/user/alice/", csShared, owner("/dav/principals/user/bob/") + shareAccess(`<d:read-write/>`) + write, other, "/dav/principals/user/bob"},
		{"iCloud, own, on another host", "/123/principal/", "", owner("https://p12-caldav.icloud.com:443/123/principal/") + all, own, ""},
		{"iCloud, share", "/123/principal/", csShared, owner("/456/principal/") + write, other, "/456/principal"},
		{"Google, own", "/caldav/v2/alice%40example.org/user", "", owner("/caldav/v2/alice@example.org/user") + all, own, ""},
		{"an older draft's mark", "/p/", `<d:shared/>`, owner("/p/"), other, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answers := map[string]string{
				"/": about("/", meAt("/me/")), "/me/": about("/me/", toHome),
				"/home/": about("/home/c/", `<d:resourcetype><d:collection/><c:calendar/>`+tt.kind+`</d:resourcetype>`+tt.props),
			}
			if tt.me != "" {
				answers["/"] = about("/", meAt(tt.me))
				answers[strings.ReplaceAll(strings.ReplaceAll(tt.me, "%40", "@"), "%20", " ")] = about(tt.me, toHome)
			} else {
				answers["/"] = about("/", toHome)
			}
			s := newStranger(t, false, pages(answers))
			start := s.URL
			if tt.me == "" { // the home itself
				start += "/home/"
				answers["/home/"] = about("/home/", `<d:resourcetype><d:collection/></d:resourcetype>`) + answers["/home/"]
			}
			d, err := newClient(t, start, caldav.Options{}).Discover(t.Context())
			if err != nil || len(d.Calendars) != 1 {
				t.Fatalf("%v %+v", err, d)
			}
			if c := d.Calendars[0]; c.Ownership != tt.want || c.SharedBy != strings.ReplaceAll(tt.by, " ", "%20") {
				t.Errorf("it is %q, of %q; want %q, %q", c.Ownership, c.SharedBy, tt.want, tt.by)
			}
		})
	}
}

// TestWhoseByAnotherAddress: a server may name one principal in several ways, and say so.
func TestWhoseByAnotherAddress(t *testing.T) {
	s := newStranger(t, false, pages(map[string]string{
		"/": about("/", meAt("/principals/uids/7/")),
		"/principals/uids/7/": about("/principals/uids/7/", meAt("/principals/uids/7/")+toHome+
			`<c:calendar-user-address-set><d:href>mailto:alice@example.org</d:href><d:href>/principals/users/alice/</d:href></c:calendar-user-address-set>`),
		"/home/": about("/home/a/", `<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>`+owner("/principals/users/alice/")) +
			about("/home/b/", `<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>`+owner("/principals/users/bob/")),
	}))
	d, err := newClient(t, s.URL, caldav.Options{}).Discover(t.Context())
	if err != nil || len(d.Calendars) != 2 || d.Calendars[0].Ownership != calbell.OwnershipOwn || d.Calendars[1].Ownership != calbell.OwnershipOther {
		t.Errorf("%v %+v", err, d.Calendars)
	}
}

// TestWhoseFeed: who subscribes to a file chose it, although nobody can write to it.
func TestWhoseFeed(t *testing.T) {
	s := newStranger(t, false, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/calendar")
		_, _ = io.WriteString(w, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")
	})
	d, err := newClient(t, s.URL+"/f.ics", caldav.Options{}).Discover(t.Context())
	if err != nil || len(d.Calendars) != 1 || d.Calendars[0].Ownership != calbell.OwnershipOwn {
		t.Errorf("%v %+v", err, d.Calendars)
	}
}
