package caldavtest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// Sabre behaves as sabre/dav does, on which Nextcloud and Baïkal stand: changes since a
// token come in pages of page members, each but the last with a 507, and one href with %2F
// fails a whole multiget. (A token from its future is answered "no changes" by every
// server of this package; [Server.Rewind] brings that about.)
func Sabre(page int) Manner {
	limit := fmt.Sprintf(`<D:limit xmlns:D="DAV:"><D:nresults>%d</D:nresults></D:limit>`, page)
	return func(s *FaultServer, w http.ResponseWriter, r *http.Request) bool {
		body := bodyOf(r)
		switch {
		case isSync(r) && tokenIn(body) != "":
			end := strings.LastIndex(body, "</") // of the root element
			s.Server.ServeHTTP(w, withBody(r, body[:end]+limit+body[end:]))
			return true
		case isMultiget(r) && strings.Contains(body, "%2F"):
			http.Error(w, "the path is not below the request's", http.StatusBadRequest)
			return true
		}
		return false
	}
}

// tokenIn returns the sync-token of a sync-collection report.
func tokenIn(body string) string {
	_, rest, _ := strings.Cut(body, "sync-token>")
	token, _, _ := strings.Cut(rest, "<")
	return token
}

// DAViCal answers a token that it does not know with 200 and all members there are, as if
// they had changed, and does not say what was deleted.
func DAViCal() Manner {
	return func(s *FaultServer, w http.ResponseWriter, r *http.Request) bool {
		body := bodyOf(r)
		token := tokenIn(body)
		if !isSync(r) || token == "" || s.knows(r.URL.Path, token) {
			return false
		}
		s.rewrite(w, withBody(r, strings.Replace(body, token, "", 1)), func(_ int, text string) (int, string) {
			return http.StatusOK, text
		})
		return true
	}
}

// knows reports whether a token was given out for the calendar at path.
func (s *FaultServer) knows(path, token string) bool {
	s.Server.mu.Lock()
	defer s.Server.mu.Unlock()
	c, _ := s.find(path)
	if c == nil {
		return false
	}
	_, ok := c.readToken(token)
	return ok
}

// ICloud keeps home sets on another host: each user's is below homes, an absolute URL
// without a slash at its end.
func ICloud(homes string) Manner {
	return func(_ *FaultServer, w http.ResponseWriter, r *http.Request) bool {
		owner, _, _ := split(r.URL.Path)
		if r.Method != "PROPFIND" || owner == "" || r.URL.Path != principalPath(owner) {
			return false
		}
		multistatus(w, `<d:response><d:href>`+principalPath(owner)+`</d:href><d:propstat><d:prop><d:resourcetype><d:principal/></d:resourcetype>`+
			`<c:calendar-home-set><d:href>`+homes+homePath(owner)+`</d:href></c:calendar-home-set></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`)
		return true
	}
}

// Google lists objects that are gone a moment later: with each listing that names any
// member come n more, which nobody can fetch.
func Google(n int) Manner {
	var serial atomic.Int64
	return func(s *FaultServer, w http.ResponseWriter, r *http.Request) bool {
		if !isListing(r) || strings.Count(r.URL.Path, "/") < 4 { // no calendar
			return false
		}
		var ghosts strings.Builder
		for range n {
			fmt.Fprintf(&ghosts, `<response xmlns="DAV:"><href>%sghost-%d.ics</href><propstat><prop><getetag>"g"</getetag></prop>`+
				`<status>HTTP/1.1 200 OK</status></propstat></response>`, r.URL.EscapedPath(), serial.Add(1))
		}
		s.rewrite(w, r, func(status int, text string) (int, string) {
			if i := strings.Index(text, "<response"); status == http.StatusMultiStatus && i >= 0 {
				text = text[:i] + ghosts.String() + text[i:]
			}
			return status, text
		})
		return true
	}
}

// Infomaniak answers an empty multistatus at its bare base; the way to the calendars
// begins at /.well-known/caldav.
func Infomaniak() Manner {
	return func(_ *FaultServer, w http.ResponseWriter, r *http.Request) bool {
		if r.Method != "PROPFIND" || r.URL.Path != "/" {
			return false
		}
		multistatus(w, "")
		return true
	}
}

// GMX answers sync-collection with 422.
func GMX() Manner {
	return func(_ *FaultServer, w http.ResponseWriter, r *http.Request) bool {
		if !isSync(r) {
			return false
		}
		http.Error(w, "", http.StatusUnprocessableEntity)
		return true
	}
}

// EmptyListing leaves all members out of listings. With self the calendar itself is still
// listed, so that the answer is that of an empty calendar.
func EmptyListing(self bool) Manner {
	return func(s *FaultServer, w http.ResponseWriter, r *http.Request) bool {
		switch {
		case !isListing(r):
			return false
		case self:
			s.leaveOut(w, r, func(string) bool { return true })
		default:
			multistatus(w, `<d:sync-token>data:,empty</d:sync-token>`)
		}
		return true
	}
}

// HalfMissing leaves every second member out of listings, always the same ones. They can
// be fetched all the same.
func HalfMissing() Manner {
	return func(s *FaultServer, w http.ResponseWriter, r *http.Request) bool {
		if !isListing(r) {
			return false
		}
		s.leaveOut(w, r, func(name string) bool {
			owner, calendar, _ := split(r.URL.Path)
			return slices.Index(s.Names(owner, calendar), name)%2 == 1
		})
		return true
	}
}

// leaveOut answers without the responses about members whose names are to be dropped.
func (s *FaultServer) leaveOut(w http.ResponseWriter, r *http.Request, drop func(name string) bool) {
	one := regexp.MustCompile(`(?s)<response\b.*?</response>`)
	href := regexp.MustCompile(`<href\b[^>]*>([^<]*)</href>`)
	s.rewrite(w, r, func(status int, text string) (int, string) {
		return status, one.ReplaceAllStringFunc(text, func(response string) string {
			path := ""
			if m := href.FindStringSubmatch(response); m != nil {
				path, _ = url.PathUnescape(m[1])
			}
			if _, _, name := split(path); name != "" && drop(name) {
				return ""
			}
			return response
		})
	})
}

// ETags has change rewrite every ETag of a multistatus, quotes included; "" takes the
// property away.
func ETags(change func(etag string) string) Manner {
	property := regexp.MustCompile(`<getetag[^>]*>([^<]*)</getetag>`)
	return func(s *FaultServer, w http.ResponseWriter, r *http.Request) bool {
		if r.Method != "PROPFIND" && r.Method != "REPORT" || bodyOf(r) == "" {
			return false
		}
		s.rewrite(w, r, func(status int, text string) (int, string) {
			return status, property.ReplaceAllStringFunc(text, func(found string) string {
				tag := change(strings.ReplaceAll(property.FindStringSubmatch(found)[1], "&#34;", `"`))
				if tag == "" {
					return ""
				}
				return `<getetag xmlns="DAV:">` + tag + `</getetag>`
			})
		})
		return true
	}
}

// WeakETags marks every ETag as weak, as proxies that compress do.
func WeakETags() Manner { return ETags(func(etag string) string { return "W/" + etag }) }

// ChangingETags gives each answer other ETags.
func ChangingETags() Manner {
	var serial atomic.Int64
	return ETags(func(string) string { return strconv.Quote(strconv.FormatInt(serial.Add(1), 10)) })
}

// NoETags gives none.
func NoETags() Manner { return ETags(func(string) string { return "" }) }
