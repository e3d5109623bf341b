package caldav_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/icholy/digest"

	"calbell"
	"calbell/caldav"
)

const (
	collection  = `<d:resourcetype><d:collection/></d:resourcetype>`
	subscribed  = `<d:resourcetype><d:collection/><s:subscribed xmlns:s="http://calendarserver.org/ns/"/></d:resourcetype>`
	anonymous   = `<d:current-user-principal><d:unauthenticated/></d:current-user-principal>`
	toAlice     = `<d:current-user-principal><d:href>/p/alice/</d:href></d:current-user-principal>`
	aliceAtHome = toAlice + `<c:calendar-home-set><d:href>/home/alice/</d:href></c:calendar-home-set>`
)

func proxyFor(kind string, hrefs ...string) string {
	return fmt.Sprintf(`<s:calendar-proxy-%s-for xmlns:s="http://calendarserver.org/ns/"><d:href>%s</d:href></s:calendar-proxy-%[1]s-for>`, kind, strings.Join(hrefs, "</d:href><d:href>"))
}

func homeAt(path string) string {
	return `<c:calendar-home-set><d:href>` + path + `</d:href></c:calendar-home-set><c:calendar-user-address-set><d:href>mailto:x@example.org</d:href></c:calendar-user-address-set>`
}

// TestProxied: the calendars of people who made the person their proxy are found, as theirs, and what
// cannot be read of one of them costs nothing else.
func TestProxied(t *testing.T) {
	for _, tt := range []struct {
		name    string
		me      string
		answers map[string]string
		want    []string
		ok      bool
	}{
		{
			"reading and writing", proxyFor("read", "/p/bob/") + proxyFor("write", "/p/carol/", "/p/bob/", "/p/alice/", "urn:x:y"),
			map[string]string{"/p/bob/": about("/p/bob/", toAlice+homeAt("/home/bob/")), "/p/carol/": about("/p/carol/", homeAt("/home/carol/")), "/home/bob/": calendarAt("/home/bob/b/", "B"), "/home/carol/": about("/home/carol/c/", `<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:displayname>C</d:displayname>`+owner("/p/carol/"))},
			[]string{"A own ", "B other /p/bob", "C other /p/carol"},
			true,
		},
		{"one who is not there", proxyFor("read", "/p/bob/", "/p/carol/"), map[string]string{"/p/carol/": about("/p/carol/", homeAt("/home/carol/")), "/home/carol/": calendarAt("/home/carol/c/", "C")}, []string{"A own ", "C other /p/carol"}, true},
		{"a principal that asks for another sign-in", proxyFor("read", "/p/bob/", "/p/carol/"), map[string]string{"/p/bob/": "!401", "/p/carol/": about("/p/carol/", homeAt("/home/carol/"))}, []string{"A own "}, true},
		{"a home that is refused", proxyFor("read", "/p/bob/"), map[string]string{"/p/bob/": about("/p/bob/", homeAt("/home/bob/")), "/home/bob/": "!403"}, []string{"A own "}, true},
		{"a server that asks to wait", proxyFor("read", "/p/bob/"), map[string]string{"/p/bob/": "!429"}, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.answers["/"] = about("/", toAlice)
			tt.answers["/p/alice/"] = about("/p/alice/", aliceAtHome+tt.me)
			tt.answers["/home/alice/"] = calendarAt("/home/alice/a/", "A")
			s := newStranger(t, false, pages(tt.answers))
			d, err := newClient(t, s.URL, caldav.Options{}).Discover(t.Context())
			if (err == nil) != tt.ok {
				t.Fatalf("%v\n%+v", err, d.Probes)
			}
			var got []string
			for _, c := range d.Calendars {
				got = append(got, fmt.Sprintf("%s %s %s", c.Name, c.Ownership, c.SharedBy))
			}
			if tt.ok && (!slices.Equal(got, tt.want) || len(d.Addresses) != 0) {
				t.Errorf("got %q, and the addresses %q", got, d.Addresses)
			}
		})
	}
}

// TestProxiedFromRoot: a root that names the home set itself, as DAViCal's does, leads to the principal
// for what is other people's. One that cannot be read, or has other calendars, costs nothing.
func TestProxiedFromRoot(t *testing.T) {
	bobs := map[string]string{"/p/bob/": about("/p/bob/", homeAt("/home/bob/")), "/home/bob/": calendarAt("/home/bob/b/", "B")}
	for _, tt := range []struct {
		name, root, principal string
		want                  []string
	}{
		{"both", aliceAtHome, about("/p/alice/", aliceAtHome+proxyFor("read", "/p/bob/")), []string{"A own ", "B other /p/bob"}},
		{"a principal that is refused", aliceAtHome, "!403", []string{"A own "}},
		{"a principal that is gone", aliceAtHome, "!404", []string{"A own "}},
		{"calendars of somebody else", toAlice + homeAt("/home/carol/"), about("/p/alice/", aliceAtHome+proxyFor("read", "/p/bob/")), []string{"C own "}},
		{"somebody else's principal", toAlice + homeAt("/home/carol/") + `<d:resourcetype><d:principal/></d:resourcetype>`, "!500", []string{"C own "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answers := maps.Clone(bobs)
			answers["/"], answers["/p/alice/"] = about("/", tt.root), tt.principal
			answers["/home/alice/"], answers["/home/carol/"] = calendarAt("/home/alice/a/", "A"), calendarAt("/home/carol/c/", "C")
			s := newStranger(t, false, pages(answers))
			d, err := newClient(t, s.URL, caldav.Options{}).Discover(t.Context())
			if err != nil {
				t.Fatalf("%v\n%+v", err, d.Probes)
			}
			var got []string
			for _, c := range d.Calendars {
				got = append(got, fmt.Sprintf("%s %s %s", c.Name, c.Ownership, c.SharedBy))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestProxiedBounded: however many people name somebody their proxy, some are read.
func TestProxiedBounded(t *testing.T) {
	var all []string
	for i := range 100 {
		all = append(all, fmt.Sprintf("/p/%d/", i))
	}
	s := newStranger(t, false, pages(map[string]string{"/": about("/", toAlice), "/p/alice/": about("/p/alice/", aliceAtHome+proxyFor("read", all...)), "/home/alice/": calendarAt("/home/alice/a/", "A")}))
	if _, err := newClient(t, s.URL, caldav.Options{}).Discover(t.Context()); err != nil || s.requests.Load() > 25 {
		t.Errorf("%d requests, %v", s.requests.Load(), err)
	}
}

// TestSubscriptions: a link that the server keeps is named, and one that is none is not.
func TestSubscriptions(t *testing.T) {
	source := func(link string) string {
		return `<s:source xmlns:s="http://calendarserver.org/ns/">` + link + `</s:source>`
	}
	s := newStranger(t, false, pages(map[string]string{
		"/home/": about("/home/", collection) + calendarAt("/home/a/", "A") +
			about("/home/s/", subscribed+`<d:displayname>Holidays</d:displayname>`+source(`<d:href>webcal://example.org/h.ics?a=1&amp;b=2</d:href>`)) +
			about("/home/plain/", subscribed+source(`https://example.org/p.ics`)) +
			about("/home/none/", subscribed) +
			about("/home/script/", subscribed+source(`<d:href>javascript:alert(1)</d:href>`)) +
			about("/home/secret/", subscribed+source(`<d:href>https://a:b@example.org/</d:href>`)) +
			about("/home/b/", `<d:resourcetype><d:collection/><c:calendar/><s:subscribed xmlns:s="http://calendarserver.org/ns/"/></d:resourcetype>`+source(`<d:href>https://example.org/b.ics</d:href>`)),
	}))
	d, err := newClient(t, s.URL+"/home/", caldav.Options{}).Discover(t.Context())
	want := []calbell.Subscription{{Name: "plain", URL: "https://example.org/p.ics"}, {Name: "Holidays", URL: "webcal://example.org/h.ics?a=1&b=2"}}
	if err != nil || !slices.Equal(d.Subscriptions, want) || len(d.Calendars) != 2 {
		t.Errorf("%v\n%+v\n%+v", err, d.Subscriptions, d.Calendars)
	}
}

// TestRefusedAddress: the address of another person that is refused does not lead to the calendars of
// the person who signed in, and a page that refuses PROPFIND does.
func TestRefusedAddress(t *testing.T) {
	own := map[string]string{
		"/": about("/", toAlice), "/p/alice/": about("/p/alice/", aliceAtHome), "/home/alice/": calendarAt("/home/alice/a/", "A"),
		"/home/bob/": "!403", "/p/bob/": "!403", "/web/": "!403", "/home/": "!403", "/home/alice/hidden/": "!403",
		"/home/carol/": `<d:response><d:href>/home/carol/</d:href><d:status>HTTP/1.1 403 Forbidden</d:status></d:response>`,
	}
	for path, ok := range map[string]bool{
		"/home/bob/": false, "/p/bob/": false, "/home/bob/deep/er/": true, "/home/carol/": false, "/home/alice/hidden/": false,
		"/web/": true, "/home/": true, "/home/dave/": true, "/": true,
	} {
		t.Run(path, func(t *testing.T) {
			s := newStranger(t, false, pages(own))
			d, err := newClient(t, s.URL+path, caldav.Options{}).Discover(t.Context())
			switch {
			case ok && (err != nil || len(d.Calendars) != 1):
				t.Errorf("%v %+v", err, d.Calendars)
			case !ok && (calbell.KindOf(err) != calbell.KindRefused || len(d.Calendars) != 0 || !strings.Contains(err.Error(), path+" is refused (403)") || !strings.Contains(calbell.HintOf(err).English, s.URL+"/home/alice/")):
				t.Errorf("%v\n%s\n%+v", err, calbell.HintOf(err), d.Calendars)
			}
		})
	}
}

// TestSignInElsewhere: a server answers everybody at its root, and asks for Digest where there is
// something to hide.
func TestSignInElsewhere(t *testing.T) {
	home := map[string]string{"/p/": about("/p/", toAlice+collection), "/p/alice/": about("/p/alice/", aliceAtHome), "/home/alice/": calendarAt("/home/alice/a/", "A")}
	for name, told := range map[string]string{
		"by its set of principals": about("/", anonymous+`<d:principal-collection-set><d:href>/p/</d:href></d:principal-collection-set>`),
		"by its listing":           about("/", anonymous) + about("/p/", collection),
	} {
		for _, right := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", password ", right), func(t *testing.T) {
				g := guard{challenge: digest.Challenge{Realm: "dav", Nonce: "abc", QOP: []string{"auth"}}, counts: map[string]bool{}}
				s := newStranger(t, false, func(w http.ResponseWriter, r *http.Request) {
					signed := strings.HasPrefix(r.Header.Get("Authorization"), "Digest ")
					if (r.URL.Path != "/" || signed) && g.serve(w, r) {
						return
					}
					answers := map[string]string{"/": told}
					if signed {
						answers = map[string]string{"/": about("/", toAlice), "/p/": home["/p/"], "/p/alice/": home["/p/alice/"], "/home/alice/": home["/home/alice/"]}
					}
					pages(answers)(w, r)
				})
				account := calbell.Account{Name: "home", URL: s.URL, Username: user, Password: password}
				if !right {
					account.Password = "wrong"
				}
				c, err := caldav.New(account, caldav.Options{})
				if err != nil {
					t.Fatal(err)
				}
				d, err := c.Discover(t.Context())
				if right && (err != nil || len(d.Calendars) != 1) || !right && calbell.KindOf(err) != calbell.KindRefused {
					t.Errorf("%v\n%+v", err, d.Probes)
				}
			})
		}
	}
}

// TestAnswersEverybody: a server that never asks who it is says so.
func TestAnswersEverybody(t *testing.T) {
	s := newStranger(t, false, pages(map[string]string{"/": about("/", anonymous)}))
	_, err := newClient(t, s.URL, caldav.Options{}).Discover(t.Context())
	if err == nil || !strings.Contains(err.Error(), "asks for no sign-in") || s.requests.Load() > 4 {
		t.Errorf("%d requests, %v", s.requests.Load(), err)
	}
}

// TestCookies: a gate that opens for its own cookie is passed, and other cookies are not sent back,
// nor anywhere else.
func TestCookies(t *testing.T) {
	inner := pages(map[string]string{"/": about("/", toAlice), "/p/alice/": about("/p/alice/", aliceAtHome), "/home/alice/": calendarAt("/home/alice/a/", "A")})
	other := newStranger(t, true, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" {
			t.Errorf("a cookie went elsewhere: %q", r.Header)
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	var sent string
	for _, tt := range []struct {
		name string
		gate http.HandlerFunc
		ok   bool
		want string // of the cookies that came last
	}{
		{"at once", func(w http.ResponseWriter, r *http.Request) {
			if _, err := r.Cookie("gate"); err != nil {
				http.SetCookie(w, &http.Cookie{Name: "gate", Value: "open", Path: "/", HttpOnly: true})
				http.Redirect(w, r, r.URL.Path, http.StatusFound)
				return
			}
			inner(w, r)
		}, true, "gate=open"},
		{"by another page", func(w http.ResponseWriter, r *http.Request) {
			_, err := r.Cookie("gate")
			switch {
			case r.URL.Path == "/check":
				http.SetCookie(w, &http.Cookie{Name: "gate", Value: "open"})
				http.Redirect(w, r, r.URL.Query().Get("back"), http.StatusFound)
			case err != nil:
				http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
				http.Redirect(w, r, "/check?back="+r.URL.Path, http.StatusFound)
			default:
				inner(w, r)
			}
		}, true, "seen=1; gate=open"},
		{"many, and long ones", func(w http.ResponseWriter, r *http.Request) {
			if len(r.Cookies()) == 0 {
				for i := range 30 {
					w.Header().Add("Set-Cookie", fmt.Sprintf("c%d=%s", i, strings.Repeat("x", 200*i)))
				}
				http.Redirect(w, r, r.URL.Path, http.StatusFound)
				return
			}
			if len(r.Cookies()) != 20 {
				t.Errorf("%d cookies", len(r.Cookies()))
			}
			inner(w, r)
		}, true, ""},
		{"of a session, without a gate", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Set-Cookie", "session=1")
			inner(w, r)
		}, true, "none"},
		{"never", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Set-Cookie", "gate=shut")
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		}, false, ""},
		{"another server's", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Set-Cookie", "gate=1")
			http.Redirect(w, r, other.URL+"/", http.StatusFound)
		}, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStranger(t, true, func(w http.ResponseWriter, r *http.Request) {
				sent = r.Header.Get("Cookie")
				tt.gate(w, r)
			})
			d, err := newClient(t, s.URL, caldav.Options{Transport: anyCertificate()}).Discover(t.Context())
			if (err == nil) != tt.ok || tt.want == "none" && sent != "" || tt.want != "" && tt.want != "none" && sent != tt.want {
				t.Errorf("sent %q, %v\n%+v", sent, err, d.Probes)
			}
		})
	}
}
