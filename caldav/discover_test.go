package caldav_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
)

// found returns "name url" of each calendar, without the server's address.
func found(d caldav.Discovery, base string) []string {
	var out []string
	for _, c := range d.Calendars {
		out = append(out, c.Name+" "+strings.TrimPrefix(c.URL, base))
	}
	return out
}

func TestDiscoverFills(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.server.AddCalendar(user, caldavtest.Calendar{Path: "notes", Name: "Notes", Components: []string{"VJOURNAL"}})
	b.server.AddCalendar(user, caldavtest.Calendar{Path: "tasks", Name: "Tasks & more", Components: []string{"VTODO"}})
	d, err := b.client.Discover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := found(d, b.web.URL), []string{"Tasks & more /alice/calendars/tasks/", "Team /alice/calendars/team/"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	team := d.Calendars[1]
	if team.Account != "home" || team.ID != calbell.NewCalendarID("home", team.URL) || team.Color != "#1e88e5" || team.TimeZone != "Europe/Zurich" || team.ReadOnly ||
		!slices.Equal(team.Addresses, []string{"alice@example.org", "/alice/"}) || team.SyncToken != "" || team.CTag != "" {
		t.Errorf("%+v", team)
	}
	if d.Principal != b.web.URL+"/alice/" || !slices.Equal(d.HomeSets, []string{b.web.URL + "/alice/calendars/"}) || !slices.Equal(d.Addresses, []string{"alice@example.org"}) {
		t.Errorf("%+v", d)
	}
	if len(d.Probes) != 3 || !d.Probes[0].OK || d.Probes[2].Answer.English != "2 calendars" {
		t.Errorf("%+v", d.Probes)
	}
}

// TestDiscoverFrom: wherever the account's URL points, the way leads to the calendars.
func TestDiscoverFrom(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.server.AddCalendar(user, caldavtest.Calendar{Path: "other", Name: "Other"})
	all := []string{"Other /alice/calendars/other/", "Team /alice/calendars/team/"}
	tests := []struct {
		path string
		want []string
	}{
		{"", all},
		{"/", all},
		{"/alice/", all},
		{"/alice", all},
		{"/alice/calendars/", all},
		{"/alice/calendars", all},
		{"/.well-known/caldav", all},
		{"/alice/calendars/team/", all[1:]},
		{"/alice/calendars/team", all[1:]},
		{"/alice/nowhere/", all},
		{"/alice/calendars/nowhere/", all},
	}
	for _, tt := range tests {
		d, err := newClient(t, b.web.URL+tt.path, caldav.Options{}).Discover(t.Context())
		if got := found(d, b.web.URL); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, %v\n%+v", tt.path, got, err, d.Probes)
		}
		if !slices.Equal(d.Addresses, []string{"alice@example.org"}) {
			t.Errorf("%q: addresses %q", tt.path, d.Addresses)
		}
	}
}

// pages answers PROPFIND by path with the inside of a multistatus, or with what else is
// written; another path is 404.
func pages(answers map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, ok := answers[r.URL.Path]
		switch {
		case !ok || r.Method != "PROPFIND":
			w.WriteHeader(404)
		case strings.HasPrefix(text, "→"):
			http.Redirect(w, r, strings.TrimPrefix(text, "→"), http.StatusMovedPermanently)
		case strings.HasPrefix(text, "!"):
			var code int
			_, _ = fmt.Sscanf(text, "!%d", &code)
			w.WriteHeader(code)
		case strings.HasPrefix(text, "<html"):
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, text)
		default:
			w.WriteHeader(207)
			_, _ = io.WriteString(w, `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:a="http://apple.com/ns/ical/">`+text+`</d:multistatus>`)
		}
	}
}

// about is a response with properties that were found.
func about(href, props string) string {
	return `<d:response><d:href>` + href + `</d:href><d:propstat><d:prop>` + props + `</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`
}

func calendarAt(href, name string) string {
	return about(href, `<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:displayname>`+name+`</d:displayname>`)
}

const (
	toPrincipal = `<d:current-user-principal><d:href>/p/</d:href></d:current-user-principal>`
	toHome      = `<c:calendar-home-set><d:href>/home/</d:href></c:calendar-home-set>`
)

func TestDiscoverOnOddServers(t *testing.T) {
	tests := []struct {
		name, start string
		answers     map[string]string
		want        []string
	}{
		{
			"well-known redirects", "/",
			map[string]string{"/": "!405", "/.well-known/caldav": "→/dav", "/dav": about("/dav", toPrincipal), "/p/": about("/p/", toHome), "/home/": calendarAt("/home/a/", "A")},
			[]string{"A /home/a/"},
		},
		{
			"a web page at the root", "/",
			map[string]string{"/": "<html><body>Welcome</body></html>", "/.well-known/caldav": about("/", toPrincipal), "/p/": about("/p/", toHome), "/home/": calendarAt("/home/a/", "A")},
			[]string{"A /home/a/"},
		},
		{
			"an empty list at the root", "/",
			map[string]string{"/": "", "/.well-known/caldav": "→/dav/", "/dav/": about("/dav/", toPrincipal), "/p/": about("/p/", toHome), "/home/": calendarAt("/home/a/", "A")},
			[]string{"A /home/a/"},
		},
		{
			"several home sets, one of them broken", "/",
			map[string]string{
				"/": about("/", toPrincipal), "/p/": about("/p/", `<c:calendar-home-set><d:href>/home/</d:href><d:href>/broken/</d:href><d:href>/shared/</d:href></c:calendar-home-set>`),
				"/home/": calendarAt("/home/a/", "A"), "/broken/": "!500", "/shared/": calendarAt("/shared/b/", "B") + calendarAt("/home/a/", "A"),
			},
			[]string{"A /home/a/", "B /shared/b/"},
		},
		{
			"405 without the slash", "/dav/home",
			map[string]string{"/dav/home": "!405", "/dav/home/": calendarAt("/dav/home/a/", "A")},
			[]string{"A /dav/home/a/"},
		},
		{
			"a home set that names no principal", "/dav/home/",
			map[string]string{"/dav/home/": about("/dav/home/", `<d:resourcetype><d:collection/></d:resourcetype>`) + calendarAt("/dav/home/a/", "A")},
			[]string{"A /dav/home/a/"},
		},
		{
			"absolute, odd and foreign hrefs", "/home/",
			map[string]string{"/home/": about("/home/", `<d:resourcetype><d:collection/></d:resourcetype>`) + calendarAt("%BASE%/home/a%2Fb/", "A") + calendarAt("c%20d/", "B") + calendarAt("http://other.example.org/x/", "X") + calendarAt("urn:x:y", "Y")},
			[]string{"A /home/a%2Fb/", "B /home/c%20d/"},
		},
		{
			"other collections and other components", "/home/",
			map[string]string{"/home/": about("/home/", `<d:resourcetype><d:collection/></d:resourcetype>`) +
				about("/home/inbox/", `<d:resourcetype><d:collection/><c:schedule-inbox/></d:resourcetype>`) +
				about("/home/journal/", `<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><c:supported-calendar-component-set><c:comp name="VJOURNAL"/></c:supported-calendar-component-set>`) +
				about("/home/todo/", `<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><c:supported-calendar-component-set><c:comp name="VTODO"/></c:supported-calendar-component-set>`) +
				`<d:response><d:href>/home/secret/</d:href><d:status>HTTP/1.1 403 Forbidden</d:status></d:response>`},
			[]string{"todo /home/todo/"},
		},
		{
			"inboxes and waste bins that call themselves calendars, and a calendar that is an outbox", "/home/",
			map[string]string{"/home/": about("/home/", `<d:resourcetype><d:collection/></d:resourcetype>`) + calendarAt("/home/a/", "A") +
				about("/home/in/", `<d:resourcetype><d:collection/><c:calendar/><c:schedule-inbox/></d:resourcetype>`) +
				about("/home/personal/", `<d:resourcetype><d:collection/><c:calendar/><c:schedule-outbox/></d:resourcetype>`) +
				about("/home/out/", `<d:resourcetype><d:collection/><c:schedule-outbox/></d:resourcetype>`) +
				about("/home/both/", `<d:resourcetype><d:collection/><c:calendar/><c:schedule-outbox/><c:schedule-inbox/></d:resourcetype>`) +
				about("/home/old/", `<d:resourcetype><d:collection/><c:calendar/><n:deleted-calendar xmlns:n="http://nextcloud.com/ns"/></d:resourcetype>`) +
				about("/home/bin/", `<d:resourcetype><d:collection/><c:calendar/><n:trash-bin xmlns:n="http://nextcloud.com/ns"/></d:resourcetype>`)},
			[]string{"A /home/a/", "personal /home/personal/"},
		},
		{
			"a calendar that is an outbox, by its own address", "/home/personal/",
			map[string]string{"/home/personal/": about("/home/personal/", `<d:resourcetype><d:collection/><c:calendar/><c:schedule-outbox/></d:resourcetype>`)},
			[]string{"personal /home/personal/"},
		},
		{
			"one calendar in several spellings", "/home/",
			map[string]string{"/home/": about("/home/", `<d:resourcetype><d:collection/></d:resourcetype>`) +
				calendarAt("/home/a%40b/", "A") + calendarAt("/home/a@b", "A") + calendarAt("%BASE%/home/a%40b", "A")},
			[]string{"A /home/a%40b/"},
		},
		{
			"titles with bytes from another time", "/home/",
			map[string]string{"/home/": about("/home/", `<d:resourcetype><d:collection/></d:resourcetype>`) + calendarAt("/home/a/", "Z\xfcrich") + calendarAt("/home/b/", "B\x0b")},
			[]string{"Z\ufffdrich /home/a/", "B\ufffd /home/b/"},
		},
		{
			"properties that were not found", "/home/",
			map[string]string{"/home/": `<d:response><d:href>/home/a/</d:href><d:propstat><d:prop><d:resourcetype><d:collection/><c:calendar/></d:resourcetype></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>` +
				`<d:propstat><d:prop><d:displayname>wrong</d:displayname><a:calendar-color>#ff0000</a:calendar-color></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat></d:response>`},
			[]string{"a /home/a/"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var base string
			s := newStranger(t, false, func(w http.ResponseWriter, r *http.Request) {
				answers := map[string]string{}
				for path, text := range tt.answers {
					answers[path] = strings.ReplaceAll(text, "%BASE%", base)
				}
				pages(answers)(w, r)
			})
			base = s.URL
			d, err := newClient(t, s.URL+tt.start, caldav.Options{}).Discover(t.Context())
			if got := found(d, s.URL); err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %q, %v\n%+v", got, err, d.Probes)
			}
		})
	}
}

// TestDiscoverNothing: no calendars is an error that says where they were looked for.
func TestDiscoverNothing(t *testing.T) {
	tests := []struct {
		name    string
		answers map[string]string
		want    string
	}{
		{"nothing anywhere", nil, "not found"},
		{"empty lists", map[string]string{"/": "", "/.well-known/caldav": ""}, "empty list"},
		{"web pages", map[string]string{"/": "<html/>", "/.well-known/caldav": "<html/>"}, "web page"},
		{"no principal", map[string]string{"/": about("/", `<d:resourcetype><d:collection/></d:resourcetype>`)}, "names no calendars"},
		{"nobody signed in", map[string]string{"/": about("/", `<d:current-user-principal><d:unauthenticated/></d:current-user-principal>`)}, "asks for no sign-in"},
		{"no home set", map[string]string{"/": about("/", toPrincipal), "/p/": about("/p/", `<d:resourcetype><d:principal/></d:resourcetype>`)}, "names no calendars"},
		{"an empty home", map[string]string{"/": about("/", toPrincipal), "/p/": about("/p/", toHome), "/home/": about("/home/", "")}, "no calendars in http"},
		{"a home that is an empty list", map[string]string{"/": about("/", toPrincipal), "/p/": about("/p/", toHome), "/home/": ""}, "empty list"},
		{"a broken home", map[string]string{"/": about("/", toPrincipal), "/p/": about("/p/", toHome), "/home/": "!500"}, "500"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStranger(t, false, pages(tt.answers))
			d, err := newClient(t, s.URL, caldav.Options{}).Discover(t.Context())
			if calbell.KindOf(err) != calbell.KindFailed || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), `account "home"`) {
				t.Errorf("kind %d: %v", calbell.KindOf(err), err)
			}
			if len(d.Probes) == 0 || len(d.Calendars) != 0 {
				t.Errorf("%+v", d)
			}
			if calbell.HintOf(err).IsZero() && tt.want != "500" {
				t.Errorf("no hint: %v", err)
			}
		})
	}
}

// TestDiscoverForbidden: when every door is shut the first refusal is told.
func TestDiscoverForbidden(t *testing.T) {
	s := newStranger(t, false, pages(map[string]string{"/dav/": "!403", "/": "!404"}))
	_, err := newClient(t, s.URL+"/dav/", caldav.Options{}).Discover(t.Context())
	if calbell.KindOf(err) != calbell.KindRefused || !strings.Contains(err.Error(), "403") {
		t.Errorf("kind %d: %v", calbell.KindOf(err), err)
	}
}

// TestDiscoverOtherHost: home sets may be on another server, if it speaks TLS.
func TestDiscoverOtherHost(t *testing.T) {
	home := newStranger(t, true, pages(map[string]string{"/home/": calendarAt("/home/a/", "A")}))
	plain := newStranger(t, false, pages(map[string]string{"/home/": calendarAt("/home/b/", "B")}))
	sets := `<c:calendar-home-set><d:href>` + home.URL + `/home/</d:href><d:href>` + plain.URL + `/home/</d:href></c:calendar-home-set>`
	first := newStranger(t, true, pages(map[string]string{"/": about("/", toPrincipal), "/p/": about("/p/", sets)}))
	d, err := newClient(t, first.URL, caldav.Options{Transport: anyCertificate()}).Discover(t.Context())
	if got := found(d, home.URL); err != nil || !slices.Equal(got, []string{"A /home/a/"}) {
		t.Errorf("got %q, %v\n%+v", got, err, d.Probes)
	}
	if plain.requests.Load() != 0 {
		t.Errorf("%d requests without TLS", plain.requests.Load())
	}
}

// TestReadOnly: a calendar that may only be read says so.
func TestReadOnly(t *testing.T) {
	set := `<d:current-user-privilege-set><d:privilege><d:read/></d:privilege></d:current-user-privilege-set>`
	s := newStranger(t, false, pages(map[string]string{"/a/": about("/a/", `<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>`+set)}))
	d, err := newClient(t, s.URL+"/a/", caldav.Options{}).Discover(t.Context())
	if err != nil || len(d.Calendars) != 1 || !d.Calendars[0].ReadOnly {
		t.Errorf("%+v, %v", d.Calendars, err)
	}
}
