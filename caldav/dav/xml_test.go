package dav

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"calbell"
)

// readAll reads a multistatus and returns its responses.
func readAll(text string) (root *Node, out []Response, err error) {
	root, err = readXML(strings.NewReader(text), BoundsOfTexts(), nil, func(n *Node) error {
		out = append(out, readResponse(n)...)
		return nil
	})
	return root, out, err
}

func wrap(responses string) string {
	return `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">` + responses + `</d:multistatus>`
}

func TestReadMultistatus(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"one found", wrap(`<d:response><d:href>/a.ics</d:href><d:propstat><d:prop><d:getetag>"1"</d:getetag></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`), `/a.ics 0 "1"`},
		{"default namespace", `<multistatus xmlns="DAV:"><response><href>/a.ics</href><propstat><prop><getetag>"1"</getetag></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>`, `/a.ics 0 "1"`},
		{"byte order mark", "\xef\xbb\xbf" + wrap(`<d:response><d:href>/a.ics</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>`), `/a.ics 404 `},
		{"status without words", wrap(`<d:response><d:href>/a.ics</d:href><d:status>HTTP/1.1 404</d:status></d:response>`), `/a.ics 404 `},
		{"property not found", wrap(`<d:response><d:href>/a.ics</d:href><d:propstat><d:prop><d:getetag/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat></d:response>`), `/a.ics 0 `},
		{"propstat without status", wrap(`<d:response><d:href>/a.ics</d:href><d:propstat><d:prop><d:getetag>W/"1"</d:getetag></d:prop></d:propstat></d:response>`), `/a.ics 0 W/"1"`},
		{"several hrefs", wrap(`<d:response><d:href>/a.ics</d:href><d:href>/b.ics</d:href><d:status>HTTP/1.1 410 Gone</d:status></d:response>`), `/a.ics 410 |/b.ics 410 `},
		{"space around", wrap("<d:response>\n <d:href>\n  /a.ics\n </d:href>\n <d:status>  HTTP/2 404 x y </d:status></d:response>"), `/a.ics 404 `},
		{"escaped and CDATA", wrap(`<d:response><d:href>/a&amp;b<![CDATA[&c]]>.ics</d:href></d:response>`), `/a&b&c.ics 0 `},
		{"no href", wrap(`<d:response><d:status>HTTP/1.1 200 OK</d:status></d:response>`), ``},
		{"status is a word", wrap(`<d:response><d:href>/a</d:href><d:status>HTTP/1.1 fine</d:status></d:response>`), `/a 0 `},
		{"unknown elements", wrap(`<x/><d:response><x><y/></x><d:href>/a</d:href></d:response><!-- words --><?pi?>`), `/a 0 `},
		{"nothing", wrap(``), ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, responses, err := readAll(tt.text)
			if err != nil || root.Name != nMultistatus {
				t.Fatal(err)
			}
			var got []string
			for _, r := range responses {
				got = append(got, fmt.Sprintf("%s %d %s", r.Href, r.Status, r.Prop("DAV:|getetag").Value()))
			}
			if s := strings.Join(got, "|"); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
		})
	}
}

func TestReadSyncTokenAfterResponses(t *testing.T) {
	root, _, err := readAll(wrap(`<d:response><d:href>/a</d:href></d:response><d:sync-token> data:,7 </d:sync-token>`))
	if err != nil || root.Kid(nSyncToken).Value() != "data:,7" {
		t.Errorf("%v, %v", root, err)
	}
}

// TestTextIsKept: the text of an object arrives as it was, but for the ends of lines, which
// XML turns into line feeds.
func TestTextIsKept(t *testing.T) {
	const text = "BEGIN:VCALENDAR\nSUMMARY:a <b> & \"c\" 'd' é ]]>\n END\nEND:VCALENDAR\n"
	body := wrap(`<d:response><d:href>/a</d:href><d:propstat><d:prop><c:calendar-data>` + escape(text) + `</c:calendar-data></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`)
	_, got, err := readAll(body)
	if err != nil || len(got) != 1 || got[0].Prop("urn:ietf:params:xml:ns:caldav|calendar-data").Raw() != text {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestEachErrorEndsReading(t *testing.T) {
	stop := errors.New("stop")
	n := 0
	_, err := readXML(strings.NewReader(wrap(strings.Repeat(`<d:response><d:href>/a</d:href></d:response>`, 5))), BoundsOfProps(), nil, func(*Node) error {
		n++
		return stop
	})
	if n != 1 || !errors.Is(err, stop) {
		t.Errorf("%d calls, %v", n, err)
	}
}

func TestReadErrorIsKept(t *testing.T) {
	torn := errors.New("torn")
	text := wrap(`<d:response><d:href>/a</d:href></d:response>`)
	_, err := readXML(io.MultiReader(strings.NewReader(text[:len(text)-5]), errorReader{torn}), BoundsOfProps(), nil, nil)
	if !errors.Is(err, torn) {
		t.Errorf("got %v", err)
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func TestReadError(t *testing.T) {
	const sabre = `<s:sabredav-version xmlns:s="http://sabredav.org/ns">4.7.0</s:sabredav-version><s:exception xmlns:s="http://sabredav.org/ns">X</s:exception>`
	tests := []struct{ text, condition, words string }{
		{`<?xml version="1.0"?><d:error xmlns:d="DAV:"><d:valid-sync-token/></d:error>`, "valid-sync-token", ""},
		{`<error xmlns="DAV:"><number-of-matches-within-limits/></error>`, "number-of-matches-within-limits", ""},
		{`<d:error xmlns:d="DAV:"><c:no-uid-conflict xmlns:c="urn:ietf:params:xml:ns:caldav"><d:href>/a</d:href></c:no-uid-conflict></d:error>`, "no-uid-conflict", ""},
		{`<d:error xmlns:d="DAV:">` + sabre + `<s:message xmlns:s="http://sabredav.org/ns">System in maintenance mode.</s:message></d:error>`, "", "System in maintenance mode."},
		{`<d:error xmlns:d="DAV:">` + sabre + `<d:need-privileges/></d:error>`, "need-privileges", ""},
		{`<d:error xmlns:d="DAV:"><x:hint xmlns:x="http://example.org/ns">app password</x:hint></d:error>`, "", ""},
		{`<error xmlns="DAV:"><quota-not-exceeded/><error-description xmlns="http://twistedmatrix.com/xml_namespace/dav/">Too much</error-description></error>`, "quota-not-exceeded", "Too much"},
		{`<d:error xmlns:d="DAV:"/>`, "", ""},
		{`<error><valid-sync-token/></error>`, "", ""},
		{`<html><body>no</body></html>`, "", ""},
		{`Forbidden`, "", ""},
		{``, "", ""},
	}
	for _, tt := range tests {
		if condition, words := ReadError([]byte(tt.text)); condition != tt.condition || words != tt.words {
			t.Errorf("%s: got %q, %q", tt.text, condition, words)
		}
	}
}

func TestBodiesAreXML(t *testing.T) {
	odd := `/a<b>&"c'%20.ics`
	tests := []struct {
		name, root string
		body       []byte
	}{
		{"propfind", "DAV:|propfind", Propfind("DAV:|getetag", "http://apple.com/ns/ical/|calendar-color", "urn:ietf:params:xml:ns:caldav|calendar-home-set")},
		{"sync", "DAV:|sync-collection", SyncCollection(odd, "DAV:|getetag")},
		{"multiget", "urn:ietf:params:xml:ns:caldav|calendar-multiget", Multiget([]calbell.Href{calbell.Href(odd), "/b"}, "DAV:|getetag")},
	}
	for _, tt := range tests {
		root, err := readXML(strings.NewReader(string(tt.body)), BoundsOfProps(), nil, nil)
		if err != nil || root.Name != tt.root {
			t.Errorf("%s: %v, %s", tt.name, err, tt.body)
			continue
		}
		switch tt.name {
		case "sync":
			if root.Kid(nSyncToken).Value() != odd || root.Kid("DAV:|sync-level").Value() != "1" {
				t.Errorf("%s", tt.body)
			}
		case "multiget":
			if got := root.Hrefs(); !slices.Equal(got, []string{odd, "/b"}) {
				t.Errorf("hrefs %q", got)
			}
		case "propfind":
			var names []string
			for _, k := range root.Kid(nProp).Kids {
				names = append(names, k.Name)
			}
			if !slices.Equal(names, []string{"DAV:|getetag", "http://apple.com/ns/ical/|calendar-color", "urn:ietf:params:xml:ns:caldav|calendar-home-set"}) {
				t.Errorf("asks for %q", names)
			}
		}
	}
}

func FuzzReadXML(f *testing.F) {
	f.Add(wrap(`<d:response><d:href>/a.ics</d:href><d:propstat><d:prop><d:getetag>"1"</d:getetag></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response><d:sync-token>1</d:sync-token>`))
	f.Add("\xef\xbb\xbf<a b='c'>&lt;<![CDATA[x]]></a>")
	f.Add(`<!DOCTYPE x><x/>`)
	f.Fuzz(func(t *testing.T, text string) {
		root, responses, err := readAll(text)
		if (root == nil) == (err == nil) {
			t.Fatalf("root %v and error %v", root, err)
		}
		for _, r := range responses {
			if r.Href == "" || strings.TrimSpace(r.Href) != r.Href {
				t.Errorf("href %q", r.Href)
			}
			for name := range maps.Keys(r.props) {
				if !strings.Contains(name, "|") {
					t.Errorf("property %q", name)
				}
			}
		}
	})
}

// BenchmarkReadListing reads a listing of 10,000 ETags.
func BenchmarkReadListing(b *testing.B) {
	var text strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&text, `<d:response><d:href>/alice/calendars/team/event-%d.ics</d:href><d:propstat><d:prop><d:getetag>"%x"</d:getetag></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`, i, i*7919)
	}
	listing := wrap(text.String())
	b.SetBytes(int64(len(listing)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		_, err := readXML(strings.NewReader(listing), BoundsOfListing(), nil, func(node *Node) error {
			n += len(readResponse(node))
			return nil
		})
		if err != nil || n != 10_000 {
			b.Fatal(n, err)
		}
	}
}
