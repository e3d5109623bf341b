package caldavtest

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	nsDAV    = "DAV:"
	nsCalDAV = "urn:ietf:params:xml:ns:caldav"
	nsServer = "http://calendarserver.org/ns/"
	nsApple  = "http://apple.com/ns/ical/"
	// nsOwnCloud is Nextcloud's too.
	nsOwnCloud = "http://owncloud.org/ns"
)

// element is any XML element, good enough to read, change and write a multistatus.
type element struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Kids    []*element `xml:",any"`
}

func el(space, local, text string, kids ...*element) *element {
	return &element{XMLName: xml.Name{Space: space, Local: local}, Text: text, Kids: kids}
}

func (e *element) kid(local string) *element {
	for _, k := range e.Kids {
		if k.XMLName.Local == local {
			return k
		}
	}
	return nil
}

// decorate adds to a multistatus what go-webdav does not know: properties of calendars,
// and the texts of objects byte for byte. Any other answer stays as it is.
func (s *Server) decorate(rec *recorder) {
	if rec.status != http.StatusMultiStatus {
		return
	}
	var root element
	if xml.Unmarshal(rec.body.Bytes(), &root) != nil {
		return
	}
	root.dropNamespaces()
	s.mu.Lock()
	for _, resp := range root.Kids {
		s.decorateResponse(resp)
	}
	s.mu.Unlock()
	rec.body.Reset()
	writeXML(&rec.body, &root)
}

// dropNamespaces takes out xmlns attributes, which the encoder writes by itself.
func (e *element) dropNamespaces() {
	e.Attrs = slices.DeleteFunc(e.Attrs, func(a xml.Attr) bool { return a.Name.Local == "xmlns" || a.Name.Space == "xmlns" })
	for _, k := range e.Kids {
		k.dropNamespaces()
	}
}

func writeXML(b *bytes.Buffer, root *element) {
	b.WriteString(xml.Header)
	_ = xml.NewEncoder(b).Encode(root) // cannot fail: a buffer, and elements that were read before
}

func (s *Server) decorateResponse(resp *element) {
	href := resp.kid("href")
	if href == nil {
		return
	}
	u, err := url.Parse(href.Text)
	if err != nil {
		return
	}
	c, name := s.find(u.Path)
	switch {
	case c == nil:
		s.addFound(resp, principalProps(u.Path))
	case name == "":
		owner, _, _ := split(u.Path)
		s.addFound(resp, append(c.props(), c.sharing(s.o.Sharing, owner)...))
		c.mark(resp, s.o.Sharing)
	default:
		if data := found(resp, "calendar-data"); data != nil {
			data.Text = string(c.objects[name].raw)
		}
	}
}

// addFound moves properties from "not found" to "found".
func (s *Server) addFound(resp *element, props []*element) {
	var missing, ok *element
	for _, stat := range resp.Kids {
		if stat.XMLName.Local != "propstat" || stat.kid("status") == nil {
			continue
		}
		switch {
		case strings.Contains(stat.kid("status").Text, " 404 "):
			missing = stat.kid("prop")
		case strings.Contains(stat.kid("status").Text, " 200 "):
			ok = stat.kid("prop")
		}
	}
	if missing == nil {
		return
	}
	var add []*element
	missing.Kids = slices.DeleteFunc(missing.Kids, func(asked *element) bool {
		i := slices.IndexFunc(props, func(p *element) bool { return p.XMLName == asked.XMLName })
		if i >= 0 {
			add = append(add, props[i])
		}
		return i >= 0
	})
	switch {
	case len(add) == 0:
	case ok != nil:
		ok.Kids = append(ok.Kids, add...)
	default:
		resp.Kids = append(resp.Kids, propstat(http.StatusOK, add...))
	}
}

// found returns a property of a response that was found; nil when it was not.
func found(resp *element, local string) *element {
	for _, stat := range resp.Kids {
		status, prop := stat.kid("status"), stat.kid("prop")
		if status != nil && prop != nil && strings.Contains(status.Text, " 200 ") {
			if p := prop.kid(local); p != nil {
				return p
			}
		}
	}
	return nil
}

func propstat(status int, props ...*element) *element {
	return el(nsDAV, "propstat", "", el(nsDAV, "prop", "", props...), statusElement(status))
}

func statusElement(status int) *element {
	return el(nsDAV, "status", fmt.Sprintf("HTTP/1.1 %d %s", status, http.StatusText(status)))
}

// principalProps gives a principal its address: NAME@example.org.
func principalProps(path string) []*element {
	owner, _, _ := split(path)
	if path != principalPath(owner) {
		return nil
	}
	return []*element{el(nsCalDAV, "calendar-user-address-set", "",
		el(nsDAV, "href", "mailto:"+owner+"@example.org"), el(nsDAV, "href", path))}
}

func (c *calendar) props() []*element {
	out := []*element{
		el(nsServer, "getctag", strconv.Quote(strconv.Itoa(c.serial))),
		el(nsDAV, "sync-token", c.token(c.serial)),
	}
	if c.Color != "" {
		out = append(out, el(nsApple, "calendar-color", c.Color))
	}
	if c.TimeZone != "" {
		out = append(out, el(nsCalDAV, "calendar-timezone-id", c.TimeZone))
	}
	return out
}

// sharing are the properties that tell whose a calendar of user's is.
func (c *calendar) sharing(how Sharing, user string) []*element {
	href := func(name string) *element { return el(nsDAV, "href", principalPath(name)) }
	owner := cmp.Or(c.SharedBy, user)
	switch how {
	case SharingOwner:
		return []*element{el(nsDAV, "owner", "", href(owner))}
	case SharingAccess:
		access := "not-shared"
		if c.SharedBy != "" {
			access = "read-write"
		}
		return []*element{el(nsDAV, "owner", "", href(user)), el(nsDAV, "share-access", "", el(nsDAV, access, ""))}
	case SharingPrincipal:
		return []*element{el(nsOwnCloud, "owner-principal", strings.Trim(principalPath(owner), "/"))}
	}
	return nil
}

// mark changes what go-webdav says of the kind of a calendar.
func (c *calendar) mark(resp *element, how Sharing) {
	if kind := found(resp, "resourcetype"); kind != nil && how == SharingMark && c.SharedBy != "" {
		kind.Kids = append(kind.Kids, el(nsServer, "shared", ""))
	}
}

const tokenPrefix = "http://calbell.example.org/sync/"

func (c *calendar) token(serial int) string { return tokenPrefix + strconv.Itoa(serial) }

// serial reads a token; "" is 0, the beginning. ok is false for one that was never given out.
func (c *calendar) readToken(token string) (serial int, ok bool) {
	if token == "" {
		return 0, true
	}
	digits, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok {
		return 0, false
	}
	serial, err := strconv.Atoi(digits)
	// A token from the future is taken as the newest, as sabre/dav does.
	return min(serial, c.serial), err == nil && serial >= 0
}

// serveSync answers a sync-collection report (RFC 6578).
func (s *Server) serveSync(w http.ResponseWriter, r *http.Request, body []byte) {
	var req struct {
		Token string `xml:"DAV: sync-token"`
		Limit int    `xml:"DAV: limit>nresults"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, name := s.find(r.URL.Path)
	switch {
	case s.o.NoReport:
		http.Error(w, "no such report", http.StatusNotImplemented)
		return
	case c == nil || name != "":
		http.Error(w, "no calendar there", http.StatusNotFound)
		return
	case xml.Unmarshal(body, &req) != nil, r.Header.Get("Depth") != "" && r.Header.Get("Depth") != "0":
		http.Error(w, "malformed report", http.StatusBadRequest)
		return
	}
	since, ok := c.readToken(req.Token)
	var b bytes.Buffer
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	if !ok {
		w.WriteHeader(http.StatusForbidden)
		writeXML(&b, el(nsDAV, "error", "", el(nsDAV, "valid-sync-token", "")))
		_, _ = w.Write(b.Bytes())
		return
	}
	w.WriteHeader(http.StatusMultiStatus)
	writeXML(&b, c.delta(userOf(r.Context()), since, req.Token == "", s.pageSize(req.Limit)))
	_, _ = w.Write(b.Bytes())
}

func (s *Server) pageSize(asked int) int {
	if asked > 0 && (s.o.PageSize == 0 || asked < s.o.PageSize) {
		return asked
	}
	return s.o.PageSize
}

// delta lists what changed after a serial number, oldest first so that it can break off
// between two changes. The first answer, to an empty token, has no deletions.
func (c *calendar) delta(owner string, since int, first bool, page int) *element {
	root := el(nsDAV, "multistatus", "")
	upTo := since
	for _, name := range slices.SortedFunc(maps.Keys(c.changed), c.byChange) {
		o, exists := c.objects[name]
		serial := c.changed[name]
		if serial <= since && !first || first && !exists {
			continue
		}
		if page > 0 && len(root.Kids) >= page && serial > upTo {
			more := el(nsDAV, "response", "", c.href(owner, ""), statusElement(http.StatusInsufficientStorage))
			root.Kids = append(root.Kids, more, el(nsDAV, "sync-token", c.token(upTo)))
			return root
		}
		upTo = serial
		status := statusElement(http.StatusNotFound)
		if exists {
			status = propstat(http.StatusOK, el(nsDAV, "getetag", strconv.Quote(o.etag)))
		}
		root.Kids = append(root.Kids, el(nsDAV, "response", "", c.href(owner, name), status))
	}
	root.Kids = append(root.Kids, el(nsDAV, "sync-token", c.token(c.serial)))
	return root
}

func (c *calendar) byChange(a, b string) int {
	return cmp.Or(cmp.Compare(c.changed[a], c.changed[b]), cmp.Compare(a, b))
}

func (c *calendar) href(owner, name string) *element {
	u := url.URL{Path: calendarPath(owner, c.Path) + name}
	return el(nsDAV, "href", u.EscapedPath())
}
