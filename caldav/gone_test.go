package caldav_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"calbell"
	"calbell/caldav/caldavtest"
)

// TestGone: only the server itself can say that a calendar is gone.
func TestGone(t *testing.T) {
	var elsewhere *httptest.Server
	multi := func(inner string) script {
		return func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusMultiStatus)
			fmt.Fprintf(w, `<d:multistatus xmlns:d="DAV:" xmlns:n="http://nextcloud.com/ns" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:response><d:href>%s</d:href>%s</d:response></d:multistatus>`, r.URL.EscapedPath(), inner)
			return true
		}
	}
	kinds := func(kinds string) script {
		return multi(`<d:propstat><d:prop><d:resourcetype><d:collection/>` + kinds + `</d:resourcetype></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>`)
	}
	status := func(code int) script {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			http.Error(w, http.StatusText(code), code)
			return true
		}
	}
	const none, missing, removed = calbell.AbsenceNone, calbell.AbsenceMissing, calbell.AbsenceRemoved
	for name, tt := range map[string]struct {
		answer script
		gone   calbell.Absence
		fails  bool
	}{
		"it is there":                 {nil, none, false},
		"404":                         {status(404), missing, false},
		"410":                         {status(410), removed, false},
		"401":                         {status(401), none, true},
		"403":                         {status(403), none, true},
		"500":                         {status(500), none, true},
		"404 in a 207":                {multi(`<d:status>HTTP/1.1 404 Not Found</d:status>`), missing, false},
		"404 of the property":         {multi(`<d:propstat><d:prop><d:resourcetype/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>`), none, false},
		"another collection":          {kinds(""), none, false},
		"deleted, in Nextcloud's bin": {kinds("<n:deleted-calendar/>"), removed, false},
		"a page": {func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>")
			return true
		}, none, true},
		"404 of another server": {func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, elsewhere.URL, http.StatusMovedPermanently)
			return true
		}, none, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, caldavtest.Options{})
			elsewhere = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "" {
					t.Error("credentials went elsewhere")
				}
				http.NotFound(w, r)
			}))
			defer elsewhere.Close()
			b.play(tt.answer)
			gone, err := b.client.Gone(t.Context(), b.cal)
			if gone != tt.gone || (err != nil) != tt.fails {
				t.Errorf("gone %v, %v", gone, err)
			}
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("the password is in %v", err)
			}
		})
	}
}
