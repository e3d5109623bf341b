package caldav

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"calbell/caldav/dav"
	"calbell/caldav/ics"
	"calbell/caldav/transport"

	"calbell"
)

// The properties that are asked for.
const (
	pResourceType  = "DAV:|resourcetype"
	pDisplayName   = "DAV:|displayname"
	pETag          = "DAV:|getetag"
	pPrincipal     = "DAV:|current-user-principal"
	pPrivileges    = "DAV:|current-user-privilege-set"
	pOwner         = "DAV:|owner"
	pShareAccess   = "DAV:|share-access"
	pOCOwner       = "http://owncloud.org/ns|owner-principal"
	pSyncToken     = "DAV:|sync-token"
	pPrincipals    = "DAV:|principal-collection-set"
	pProxyRead     = "http://calendarserver.org/ns/|calendar-proxy-read-for"
	pProxyWrite    = "http://calendarserver.org/ns/|calendar-proxy-write-for"
	pSource        = "http://calendarserver.org/ns/|source"
	tSubscribed    = "http://calendarserver.org/ns/|subscribed"
	tAnonymous     = "DAV:|unauthenticated"
	pHomeSet       = "urn:ietf:params:xml:ns:caldav|calendar-home-set"
	pAddresses     = "urn:ietf:params:xml:ns:caldav|calendar-user-address-set"
	pComponents    = "urn:ietf:params:xml:ns:caldav|supported-calendar-component-set"
	pTimeZone      = "urn:ietf:params:xml:ns:caldav|calendar-timezone"
	pTimeZoneID    = "urn:ietf:params:xml:ns:caldav|calendar-timezone-id"
	pCalendarData  = "urn:ietf:params:xml:ns:caldav|calendar-data"
	pColor         = "http://apple.com/ns/ical/|calendar-color"
	pCTag          = "http://calendarserver.org/ns/|getctag"
	tCalendar      = "urn:ietf:params:xml:ns:caldav|calendar"
	tInbox         = "urn:ietf:params:xml:ns:caldav|schedule-inbox"
	tDeleted       = "http://nextcloud.com/ns|deleted-calendar"
	tTrash         = "http://nextcloud.com/ns|trash-bin"
	tShared        = "DAV:|shared"
	tSharedOwner   = "DAV:|shared-owner"
	tNotShared     = "DAV:|not-shared"
	tCSShared      = "http://calendarserver.org/ns/|shared"
	tCSSharedOwner = "http://calendarserver.org/ns/|shared-owner"
	tCollection    = "DAV:|collection"
	tPrincipal     = "DAV:|principal"
)

// maxTokenBytes bounds a sync-token and a ctag, which are stored with the calendar: real ones
// are URLs or numbers.
const maxTokenBytes = 4 << 10

// multistatus is what an answer says beside its responses.
type multistatus struct {
	url       *url.URL // where the answer came from
	syncToken string
	responses int
}

// query is a PROPFIND or REPORT.
type query struct {
	method string
	url    *url.URL
	depth  string
	body   []byte
	bounds dav.Bounds // of the answer
}

// ask sends a query and has each take the responses, in order.
func (c *Client) ask(ctx context.Context, q query, each func(dav.Response) error) (multistatus, error) {
	var out multistatus
	held := c.hold(q.url.Host)
	defer held.release()
	err := c.wire.Do(ctx, transport.Request{Method: q.method, URL: q.url, Depth: q.depth, Body: q.body, Limit: c.o.MaxBytes}, func(a *transport.Answer) error {
		out.url = a.URL
		head := &headReader{r: a.Body}
		a.Body = head
		if a.Status != http.StatusMultiStatus && a.Status != http.StatusOK {
			return &transport.AnswerError{Why: calbell.T("caldav:answered-instead-207", "%s was answered %d instead of 207", q.method, a.Status)}
		}
		var err error
		out.syncToken, err = dav.Read(a.Body, a.URL, q.bounds, held.reach, func(r dav.Response) error {
			if out.responses++; out.responses > maxResponses {
				return calbell.Errorf("caldav:more-than-entries", "it has more than %d entries", maxResponses)
			}
			return each(r)
		})
		if err == nil && len(out.syncToken) > maxTokenBytes {
			err = calbell.Errorf("caldav:sync-token-more-than", "its sync-token has more than %d bytes", maxTokenBytes)
		}
		return notDAV(a, head.head, err)
	})
	return out, err
}

// isPage reports whether an answer is a page for people. Scripts that write calendars often leave
// the type at that of pages.
func isPage(a *transport.Answer, text []byte) bool {
	return saysHTML(a) && !ics.Begins(text)
}

// get fetches one object's text of at most limit bytes, whose memory held counts. A page for
// people in its place is an error.
func (c *Client) get(ctx context.Context, u *url.URL, limit int64, held *hold) (text []byte, etag calbell.ETag, err error) {
	q := transport.Request{Method: http.MethodGet, URL: u, Limit: limit}
	err = c.wire.Do(ctx, q, func(a *transport.Answer) error {
		etag = calbell.ETag(strings.TrimSpace(a.Header.Get("ETag")))
		if text, err = readText(a.Body, held); err == nil && isPage(a, text) {
			err = notDAV(a, text, calbell.Errorf("caldav:page", "a page"))
		}
		return err
	})
	return text, etag, err
}

// The pieces in which a text is read: the first one, and the largest.
const firstPiece, largestPiece = 8 << 10, 1 << 20

// readText reads a text to its end. It is gathered in pieces that are put together once: a slice
// that is copied as it grows takes more than twice its size.
func readText(r io.Reader, held *hold) ([]byte, error) {
	var pieces [][]byte
	for size := 0; ; {
		part := make([]byte, min(max(size, firstPiece), largestPiece))
		n, err := fill(r, part)
		if size += n; n > 0 {
			if err := held.add(n); err != nil {
				return nil, err
			}
			pieces = append(pieces, part[:n])
		}
		switch {
		case err == io.EOF:
			return bytes.Join(pieces, nil), nil
		case err != nil:
			return nil, err
		}
	}
}

// fill reads until p is full. Unlike [io.ReadFull] it returns the reader's own error.
func fill(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
	}
	return n, err
}
