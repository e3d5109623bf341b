package caldav_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"calbell"
	"calbell/caldav"
)

// TestBehindTLS: a server behind a proxy that ends TLS takes itself for one without. Its redirects are
// refused, and told as the reason whatever else was answered, with the address that was meant; its
// hrefs are read as what they mean.
func TestBehindTLS(t *testing.T) {
	for name, front := range map[string]http.HandlerFunc{
		"405": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusMethodNotAllowed) },
		"404": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"501": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotImplemented) },
		"a web page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>Welcome</html>")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStranger(t, true, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/.well-known/caldav":
					http.Redirect(w, r, "http://"+r.Host+"/remote.php/dav/", http.StatusMovedPermanently)
				case "/remote.php/dav/":
					pages(map[string]string{r.URL.Path: about(r.URL.Path, `<d:current-user-principal><d:href>http://`+r.Host+`/p/</d:href></d:current-user-principal>`)})(w, r)
				case "/p/", "/home/":
					pages(map[string]string{"/p/": about("/p/", `<c:calendar-home-set><d:href>http://`+r.Host+`/home/</d:href></c:calendar-home-set>`), "/home/": calendarAt("http://"+r.Host+"/home/a/", "A")})(w, r)
				default:
					front(w, r)
				}
			})
			options := caldav.Options{Transport: anyCertificate()}
			_, err := newClient(t, s.URL, options).Discover(t.Context())
			meant := s.URL + "/remote.php/dav/"
			if calbell.KindOf(err) != calbell.KindFailed || !strings.Contains(err.Error(), "redirect to http://") || !strings.Contains(calbell.HintOf(err).English, "overwriteprotocol), or give "+meant+" as") {
				t.Errorf("%v\n%s", err, calbell.HintOf(err))
			}
			d, err := newClient(t, meant, options).Discover(t.Context())
			if got := found(d, s.URL); err != nil || len(got) != 1 || got[0] != "A /home/a/" {
				t.Errorf("by the address that was meant: %v, %v", got, err)
			}
		})
	}
}
