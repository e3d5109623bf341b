package caldav_test

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/icholy/digest"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
)

// manner is a way of a server to answer, as real ones were seen to.
type manner struct {
	name   string
	server caldavtest.Options
	play   func(b *bench) script
	start  string // path of the account's URL; "" = "/"
	// read is what is stored after discovery, a sync, one change and another sync; "" = "0 1' 2".
	read string
	kind calbell.ErrorKind // of the error; 0 = none
	say  string            // a part of the error, or of its hint
	most int               // requests of the second sync; 0 = as many as it takes
}

// TestManners has a client discover and read the calendar of a server that behaves in one manner.
func TestManners(t *testing.T) {
	for _, m := range slices.Concat(plainManners(), entryManners(), tokenManners(), textManners(), refusalManners(), pageManners(), signInManners()) {
		t.Run(m.name, func(t *testing.T) { m.test(t) })
	}
}

func (m manner) test(t *testing.T) {
	b := newBench(t, m.server)
	b.fill(3)
	b.client = newClient(t, b.web.URL+m.start, caldav.Options{Batch: 4})
	b.play(m.play(b))
	err := b.readAll(m)
	if m.kind != 0 || err != nil {
		if calbell.KindOf(err) != m.kind || !strings.Contains(err.Error()+"\n"+calbell.HintOf(err).English, m.say) || calbell.HintOf(err).IsZero() {
			t.Errorf("kind %d, %v\nhint %q", calbell.KindOf(err), err, calbell.HintOf(err))
		}
		if strings.Contains(fmt.Sprintf("%+v %s", err, calbell.HintOf(err)), password) {
			t.Errorf("the password is in %v", err)
		}
		return
	}
	want := m.read
	if want == "" {
		want = "0 1' 2"
	}
	if got := b.titles(); got != want {
		t.Errorf("read %q, want %q", got, want)
	}
}

// readAll discovers, syncs, changes an event and syncs again.
func (b *bench) readAll(m manner) error {
	b.Helper()
	d, err := b.client.Discover(b.Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.Calendars, func(c calbell.Calendar) bool { return strings.HasSuffix(strings.TrimSuffix(c.URL, "/"), "/team") })
	if i < 0 {
		b.Fatalf("found %+v", d.Calendars)
	}
	b.cal = d.Calendars[i]
	if _, err := b.try(); err != nil {
		return err
	}
	b.put("event-1.ics", "Event 1'")
	b.asked()
	_, err = b.try()
	if got := b.asked(); m.most > 0 && len(got) > m.most {
		b.Errorf("the second sync asked %v", got)
	}
	return err
}

// titles are those of the stored events, sorted, without the word that all have.
func (b *bench) titles() string {
	var out []string
	for _, o := range b.stored {
		name := strings.TrimPrefix(title(strings.ReplaceAll(strings.ReplaceAll(string(o.Raw), "\r\n", "\n"), "\n", "\r\n")), "Event ")
		if !o.Problem.IsZero() {
			name += "!"
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// all changes the text of every multistatus.
func all(old, with string) func(*bench) script {
	pattern := regexp.MustCompile(old)
	return func(b *bench) script {
		change := func(s string) string { return pattern.ReplaceAllString(s, with) }
		return both(b.rewrite("PROPFIND", "", change), b.rewrite("REPORT", "", change))
	}
}

// some changes the text of the answers to one kind of question.
func some(method, part, old, with string) func(*bench) script {
	pattern := regexp.MustCompile(old)
	return func(b *bench) script {
		return b.rewrite(method, part, func(s string) string { return pattern.ReplaceAllString(s, with) })
	}
}

// refused refuses one kind of question.
func refused(method, part string, code int) func(*bench) script {
	return func(*bench) script { return refuse(method, part, code) }
}

// together plays several manners.
func together(plays ...func(*bench) script) func(*bench) script {
	return func(b *bench) script {
		var scripts []script
		for _, p := range plays {
			if s := p(b); s != nil {
				scripts = append(scripts, s)
			}
		}
		return both(scripts...)
	}
}

// always answers everything alike.
func always(code int, kind, body string, header ...string) func(*bench) script {
	return func(*bench) script {
		return func(w http.ResponseWriter, r *http.Request) bool {
			_ = peek(r)
			if kind != "" {
				w.Header().Set("Content-Type", kind)
			}
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Add(header[i], header[i+1])
			}
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
			return true
		}
	}
}

const (
	hrefs  = `(<href[^>]*>)(/[^<]*)(</href>)`
	etags  = `(<getetag[^>]*>)(?:&#34;|")([0-9a-f]+)(?:&#34;|")(</getetag>)`
	tokens = `(<sync-token[^>]*>)([^<]+)(</sync-token>)`
	root   = `(?s)^.*?(<multistatus)`
)

// plainManners are whole servers.
func plainManners() []manner {
	none := func(*bench) script { return nil }
	return []manner{
		{name: "tokens", play: none, most: 2},
		{name: "pages of one", server: caldavtest.Options{PageSize: 1}, play: none},
		{name: "no sync-collection", server: caldavtest.Options{NoReport: true}, play: none, most: 3},
		{name: "go-webdav's own", server: caldavtest.Options{Plain: true}, play: none, most: 2},
		{name: "from the home", play: none, start: "/alice/calendars/"},
		{name: "from the calendar", play: none, start: "/alice/calendars/team/"},
		{name: "from the calendar, without a slash", play: none, start: "/alice/calendars/team"},
		{name: "from a wrong path", play: none, start: "/alice/nowhere"},
		{name: "nothing but .well-known", play: func(*bench) script {
			return func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/" {
					w.WriteHeader(http.StatusMethodNotAllowed)
				}
				return r.URL.Path == "/"
			}
		}},
		{name: ".well-known redirects by a path", play: redirectWellKnown("/alice/")},
		{name: ".well-known redirects by a URL", play: redirectWellKnown("%BASE%/alice/")},
		{name: ".well-known redirects without the slash", play: redirectWellKnown("/dav")},
		{name: "a connection for each answer", play: func(b *bench) script {
			return func(w http.ResponseWriter, r *http.Request) bool {
				hangUp(b.T, w, false, b.answer(r))
				return true
			}
		}},
		{name: "a gate that wants its cookie", play: func(*bench) script {
			return func(w http.ResponseWriter, r *http.Request) bool {
				if _, err := r.Cookie("gate"); err == nil {
					return false
				}
				http.SetCookie(w, &http.Cookie{Name: "gate", Value: "open"})
				http.Redirect(w, r, r.URL.Path, http.StatusFound)
				return true
			}
		}},
		{name: "a gate that never opens", kind: calbell.KindFailed, say: "more than 5 redirects", play: func(*bench) script {
			return func(w http.ResponseWriter, r *http.Request) bool {
				http.SetCookie(w, &http.Cookie{Name: "gate", Value: "shut"})
				http.Redirect(w, r, r.URL.Path, http.StatusFound)
				return true
			}
		}},
		{name: "nobody is signed in at the root, and Digest elsewhere", play: func(b *bench) script {
			g := guard{challenge: digest.Challenge{Realm: "dav", Nonce: "abc", QOP: []string{"auth"}}, counts: map[string]bool{}}
			return func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/" || r.Header.Get("Authorization")[:7] == "Digest " {
					return g.play(w, r)
				}
				pages(map[string]string{"/": about("/", anonymous+`<d:principal-collection-set><d:href>/alice/</d:href></d:principal-collection-set>`)})(w, r)
				return true
			}
		}},
		{name: "each second connection is reset", play: func(b *bench) script {
			n := 0
			return func(w http.ResponseWriter, r *http.Request) bool {
				if b.mu.Lock(); true {
					n++
				}
				drop := n%2 == 0
				b.mu.Unlock()
				if drop {
					hangUp(b.T, w, true, "")
				}
				return drop
			}
		}},
	}
}

func redirectWellKnown(to string) func(*bench) script {
	return func(b *bench) script {
		return func(w http.ResponseWriter, r *http.Request) bool {
			switch r.URL.Path {
			case "/", "/dav":
				w.WriteHeader(http.StatusNotFound)
			case "/dav/":
				r.URL.Path = "/alice/"
				return false
			case "/.well-known/caldav":
				w.Header().Set("Location", strings.ReplaceAll(to, "%BASE%", b.web.URL))
				w.WriteHeader(http.StatusMovedPermanently)
			default:
				return false
			}
			return true
		}
	}
}

// entryManners are ways to write the entries of an answer.
func entryManners() []manner {
	return []manner{
		{name: "hrefs on another host without TLS", play: all(hrefs, `${1}http://internal.example.org:8080${2}${3}`), start: "/alice/calendars/", kind: calbell.KindFailed, say: "the server points to internal.example.org:8080 without TLS"},
		{name: "hrefs of objects on another host", play: some("REPORT", "", hrefs, `${1}https://other.example.org${2}${3}`)},
		{name: "hrefs with space around", play: all(hrefs, "${1}\n  ${2} ${3}")},
		{name: "hrefs with escapes for letters", play: all(`/event-(\d)\.ics`, `/%65vent-${1}.ics`)},
		{name: "other escapes in a multiget", play: some("REPORT", multiget, `/event-(\d)\.ics`, `/event%2D${1}%2eics`)},
		{name: "relative hrefs", play: some("REPORT", "", `(<href[^>]*>)/alice/calendars/team/`, `${1}`)},
		{name: "hrefs with two slashes", play: some("REPORT", "", `/alice/calendars/team/`, `/alice/calendars//team/`), read: "0 1' 2"},
		{name: "hrefs with a version", play: all(`\.ics<`, `.ics?v=1<`)},
		{name: "collections without a slash", play: all(`/team/<`, `/team<`)},
		{name: "weak ETags", play: all(etags, `${1}W/"${2}"${3}`), most: 2},
		{name: "ETags without quotes", play: all(etags, `${1}${2}${3}`), most: 2},
		{name: "empty ETags", play: all(etags, `${1}${3}`)},
		{name: "no ETags", play: all(etags, ``)},
		{name: "no ETags, no tokens", play: together(all(etags, ``)), server: caldavtest.Options{Plain: true}},
		{name: "status before prop", play: all(`(?s)<propstat[^>]*>(<prop\b.*?</prop>)(<status[^>]*>[^<]*</status>)</propstat>`, `<propstat xmlns="DAV:">${2}${1}</propstat>`)},
		{name: "a 404 propstat first", play: all(`(?s)(<response\b[^>]*>\s*<href[^>]*>[^<]*</href>)`, `${1}<propstat xmlns="DAV:"><prop><quota/></prop><status>HTTP/1.1 404 Not Found</status></propstat>`)},
		{name: "HTTP/2 200", play: all(`HTTP/1\.1 `, `HTTP/2 `)},
		{name: "a status without the protocol", play: some("REPORT", multiget, `HTTP/1\.1 200 OK`, `200 OK`)},
		{name: "a status without words", play: all(`HTTP/1\.1 200 OK`, `HTTP/1.1 200`)},
		{name: "entries twice", play: some("REPORT", "", `(?s)(<response\b.*?</response>)`, `${1}${1}`)},
		{name: "an entry without href", play: all(`(?s)(<response\b)`, `<response xmlns="DAV:"><status>HTTP/1.1 200 OK</status></response>${1}`)},
		{name: "a nested collection", play: some("REPORT", syncReport, `(?s)(<response\b)`, `<response xmlns="DAV:"><href>/alice/calendars/team/sub/</href><status>HTTP/1.1 200 OK</status></response>${1}`)},
		{name: "objects that are forbidden in a multiget", play: some("REPORT", multiget, `(?s)<response\b.*?</response>`, ``)},
		{name: "a multiget without texts", play: some("REPORT", multiget, `(?s)(<calendar-data[^>]*>).*?(</calendar-data>)`, `${1}${2}`)},
		{name: "a calendar that is an outbox", play: some("PROPFIND", "", `(<calendar xmlns="urn:ietf:params:xml:ns:caldav">)`, `<schedule-outbox xmlns="urn:ietf:params:xml:ns:caldav"/>${1}`)},
		{name: "a sync-token breaks every description", play: refused("PROPFIND", "sync-token", 500)},
		{name: "a colour breaks every description", play: refused("PROPFIND", "calendar-color", 500)},
		{name: "no component set", play: some("PROPFIND", "", `(?s)<supported-calendar-component-set.*?</supported-calendar-component-set>`, ``)},
		{name: "components in small letters", play: some("PROPFIND", "", `name="VEVENT"`, `name="vevent"`)},
		{name: "a name of 3,000 characters", play: some("PROPFIND", "", `>Team<`, ">"+strings.Repeat("Team ", 600)+"<")},
	}
}

// tokenManners are ways to tell what changed.
func tokenManners() []manner {
	var out []manner
	for _, code := range []int{400, 403, 404, 405, 409, 410, 412, 415, 422, 500, 501, 502, 504, 507} {
		out = append(out, manner{name: fmt.Sprint("sync-collection is answered ", code), play: refused("REPORT", syncReport, code)})
	}
	for _, code := range []int{400, 403, 409, 410, 412, 422, 500, 507} {
		out = append(out, manner{name: fmt.Sprint("an old token is answered ", code), play: refused("REPORT", "sync/", code), most: 4})
	}
	return append(out,
		manner{name: "tokens with signs of XML", play: together(
			all(tokens, `${1}data:,a&amp;b&lt;c ${2}${3}`), unread(`data:,a&amp;b&lt;c `))},
		manner{name: "tokens with space around", play: all(tokens, "${1}\n ${2} \n${3}"), most: 2},
		manner{name: "no token in an answer", play: some("REPORT", syncReport, tokens, ``)},
		manner{name: "a token of 10,000 characters", play: some("REPORT", syncReport, tokens, `${1}`+strings.Repeat("x", 10_000)+`${3}`)},
		manner{name: "the same token for ever", play: some("REPORT", syncReport, `/sync/\d+<`, `/sync/0<`)},
		manner{name: "a changed object has its old ETag", play: all(etags, `${1}"same"${3}`), most: 2},
		manner{name: "all that is named again has its old ETag", play: together(
			all(etags, `${1}"same"${3}`), func(b *bench) script { // of a calendar with one event
				b.server.Delete(user, "team", "event-0.ics")
				b.server.Delete(user, "team", "event-2.ics")
				return nil
			}), read: "1'", most: 4},
		manner{name: "a ctag that never changes, and tokens", play: some("PROPFIND", ctag, `(<getctag[^>]*>)[^<]*`, `${1}1`)},
		manner{name: "neither token nor ctag", play: together(refused("REPORT", syncReport, 501), some("PROPFIND", ctag, `(?s)<(getctag|sync-token).*?</(getctag|sync-token)>`, ``))},
	)
}

// unread takes what a manner put into a token out of the client's requests.
func unread(put string) func(*bench) script {
	return func(b *bench) script {
		return func(_ http.ResponseWriter, r *http.Request) bool {
			body := peek(r)
			r.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(body, put, "")))
			return false
		}
	}
}

// textManners are ways to write XML, and texts in it.
func textManners() []manner {
	prolog := func(s string) func(*bench) script { return all(root, s+`${1}`) }
	return []manner{
		{name: "no XML declaration", play: prolog(``)},
		{name: "a byte order mark", play: prolog("\ufeff<?xml version=\"1.0\"?>")},
		{name: "Latin-1, declared", play: together(prolog(`<?xml version="1.0" encoding="iso-8859-1"?>`), all(`Team`, "T\xe9am"))},
		{name: "Latin-1, undeclared", play: all(`Team`, "T\xe9am")},
		{name: "a control character", play: all(`Team`, "Te\x08am")},
		{name: "comments and instructions", play: all(`(<multistatus[^>]*>)`, `${1}<!-- none --><?php none ?>`)},
		{name: "elements that nobody knows", play: all(`(<multistatus[^>]*>)`, `${1}<x:y xmlns:x="urn:x" a="b"><x:z/></x:y>`)},
		{name: "CDATA", play: func(b *bench) script {
			data := regexp.MustCompile(`(?s)(<calendar-data[^>]*>)(.*?)(</calendar-data>)`)
			return b.rewrite("REPORT", multiget, func(s string) string {
				return html.UnescapeString(data.ReplaceAllString(s, `${1}&lt;![CDATA[${2}]]&gt;${3}`))
			})
		}},
		{name: "a control character by its number", play: some("REPORT", multiget, `SUMMARY:Event 1`, `SUMMARY:Event&#8; 1`)},
		{name: "an unknown entity", play: some("REPORT", multiget, `SUMMARY:Event 1`, `SUMMARY:&nbsp;Event 1`)},
		{name: "a multiget that ends in the middle", play: func(b *bench) script {
			return b.rewrite("REPORT", multiget, func(s string) string { return s[:len(s)/2] })
		}},
		{name: "an answer as text/plain", play: typed("text/plain")},
		{name: "an answer as text/html", play: typed("text/html")},
		{name: "an answer as application/octet-stream", play: typed("application/octet-stream")},
		{name: "multiget is answered 400", play: refused("REPORT", multiget, 400)},
		{name: "multiget is answered 403", play: refused("REPORT", multiget, 403)},
		{name: "multiget is answered 415", play: refused("REPORT", multiget, 415)},
		{name: "multiget is answered 500", play: refused("REPORT", multiget, 500)},
	}
}

// typed has every multistatus say that it is something else.
func typed(kind string) func(*bench) script {
	return func(b *bench) script {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet {
				return false
			}
			text := strings.Replace(b.answer(r), "Content-Type: application/xml; charset=utf-8", "Content-Type: "+kind, 1)
			hangUp(b.T, w, false, text)
			return true
		}
	}
}

// refusalManners are refusals of everything: each has a hint of its own.
func refusalManners() []manner {
	sabre := func(words string) string {
		return `<?xml version="1.0"?><d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:exception>Sabre\E</s:exception><s:message>` + words + `</s:message></d:error>`
	}
	const failed, refused = calbell.KindFailed, calbell.KindRefused
	return []manner{
		{name: "400", play: always(400, "text/html", "<html/>"), kind: failed, say: "trusted_domains"},
		{name: "402", play: always(402, "", ""), kind: refused, say: "refused (402)"},
		{name: "403", play: always(403, "", ""), kind: refused, say: "refused (403)"},
		{name: "403 with a condition", play: always(403, "text/xml", `<error xmlns="DAV:"><need-privileges/></error>`), kind: refused, say: "the calendar's owner"},
		{name: "404", play: always(404, "", ""), kind: failed, say: "not found"},
		{name: "405", play: always(405, "text/html", "<html/>"), kind: failed, say: "no CalDAV at this address"},
		{name: "410", play: always(410, "", ""), kind: failed, say: "not found"},
		{name: "418", play: always(418, "", ""), kind: failed, say: "Is this the address"},
		{name: "421", play: always(421, "", ""), kind: failed, say: "answer to this name"},
		{name: "423", play: always(423, "", ""), kind: failed, say: "locked"},
		{name: "429", play: always(429, "", ""), kind: failed, say: "asked too often"},
		{name: "429 with Retry-After", play: always(429, "", "", "Retry-After", "90"), kind: failed, say: "asks to wait 1m30s"},
		{name: "429 with words", play: always(429, "text/xml", sabre("Reached maximum delay")), kind: failed, say: `429 Too Many Requests: "Reached maximum delay"`},
		{name: "500", play: always(500, "", ""), kind: failed, say: "whose log says more"},
		{name: "500 in plain words", play: always(500, "text/plain", "disk is on fire"), kind: failed, say: `"disk is on fire"`},
		{name: "501", play: always(501, "", ""), kind: failed, say: "no CalDAV at this address"},
		{name: "502", play: always(502, "text/html", "<html>Bad Gateway</html>"), kind: failed, say: "behind it does not"},
		{name: "503", play: always(503, "", ""), kind: failed, say: "under maintenance"},
		{name: "503 with words", play: always(503, "application/xml", sabre("System in maintenance mode.")), kind: failed, say: `"System in maintenance mode."`},
		{name: "503 with Retry-After", play: always(503, "", "", "Retry-After", "60"), kind: failed, say: "asks to wait 1m0s"},
		{name: "504", play: always(504, "", ""), kind: failed, say: "behind it does not"},
		{name: "507", play: always(507, "", ""), kind: failed, say: "quota"},
		{name: "a redirect down from TLS, elsewhere", play: always(301, "", "", "Location", "http://dav.example.org/remote.php/dav/"), kind: failed, say: "or give https://dav.example.org/remote.php/dav/ as"},
		{name: "a redirect that outranks 405", play: func(*bench) script {
			return func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("Location", "http://dav.example.org/dav/")
				w.WriteHeader(map[bool]int{true: 302, false: 405}[r.URL.Path == "/.well-known/caldav"])
				return true
			}
		}, kind: failed, say: "redirect to http://dav.example.org refused"},
		{name: "a redirect that does not outrank 403", start: "/dav/", play: func(*bench) script {
			return func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("Location", "http://dav.example.org/dav/")
				w.WriteHeader(map[bool]int{true: 302, false: 403}[r.URL.Path == "/.well-known/caldav"])
				return true
			}
		}, kind: refused, say: "refused (403)"},
		{name: "another person's address", start: "/bob/calendars/", play: func(*bench) script { return nil }, kind: refused, say: "own calendars give"},
		{name: "a redirect without an end", play: func(*bench) script {
			return func(w http.ResponseWriter, r *http.Request) bool {
				http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
				return true
			}
		}, kind: failed, say: "more than 5 redirects"},
	}
}

// pageManners are answers with 200 or 207 that are none of DAV.
func pageManners() []manner {
	const failed = calbell.KindFailed
	return []manner{
		{name: "a web page", play: always(200, "text/html", "<!DOCTYPE html><html><body>Welcome</body></html>"), kind: failed, say: "web page"},
		{name: "a web page without a type", play: always(200, "application/xml", "\n<!doctype HTML><html>"), kind: failed, say: "web page"},
		{name: "XHTML", play: always(200, "application/xhtml", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>`), kind: failed, say: "web page"},
		{name: "JSON", play: always(200, "application/json", `{"status":"ok"}`), kind: failed, say: "answers with JSON"},
		{name: "JSON of no type, with signs of XML", play: always(200, "", `[{"a":"<b>&c"}]`), kind: failed, say: "answers with JSON"},
		{name: "text", play: always(200, "text/plain", "It works!"), kind: failed, say: "answers with text"},
		{name: "nothing", play: always(200, "", ""), kind: failed, say: "the answer is empty"},
		{name: "space", play: always(207, "application/xml", " \n\t"), kind: failed, say: "the answer is empty"},
		{name: "other XML", play: always(200, "application/xml", `<rss/>`), kind: failed, say: "begins with <rss>"},
		{name: "a multistatus that ends in the middle", play: always(207, "application/xml", `<multistatus xmlns="DAV:"><response><href>/</href>`), kind: failed, say: "ends in the middle"},
		{name: "an empty multistatus", play: always(207, "application/xml", `<multistatus xmlns="DAV:"/>`), kind: failed, say: "empty list"},
		{name: "204", play: always(204, "", ""), kind: failed, say: "204 instead of 207"},
	}
}

// signInManners are refusals of a sign-in, by what the server takes.
func signInManners() []manner {
	const refused = calbell.KindRefused
	ask := func(offers ...string) func(*bench) script {
		var header []string
		for _, o := range offers {
			header = append(header, "WWW-Authenticate", o)
		}
		return always(401, "", "", header...)
	}
	return []manner{
		{name: "401", play: ask(), kind: refused, say: "Check username and password"},
		{name: "401 with Basic", play: ask(`Basic realm="x"`), kind: refused, say: `refused (401) by 127.0.0.1`},
		{name: "401 with Digest", play: ask(`Digest realm="x", nonce="1", qop="auth"`), kind: refused, say: "Check username and password"},
		{name: "401 with Negotiate", play: ask("Negotiate", "NTLM"), kind: refused, say: "takes Negotiate, NTLM and no password"},
		{name: "401 with Bearer", play: ask(`Bearer realm="x"`), kind: refused, say: "Give the account a token"},
		{name: "401 with Bearer and Basic", play: ask(`Bearer, Basic realm="x"`), kind: refused, say: "Check username and password"},
		{name: "401 with words", play: always(401, "text/xml", `<e:error xmlns:e="DAV:"><s:message xmlns:s="http://sabredav.org/ns">Password login forbidden</s:message></e:error>`), kind: refused, say: `"Password login forbidden"`},
	}
}
