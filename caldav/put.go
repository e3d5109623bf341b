package caldav

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"calbell"
	"calbell/caldav/transport"
	"calbell/internal/failpoint"
)

// ErrChanged says that nothing was written, because the server holds something else than the
// writer knows: the object was changed or deleted meanwhile, or is there already. Whoever
// wrote syncs, and decides anew.
var ErrChanged = calbell.Errorf("caldav:changed-server-meanwhile", "it was changed on the server meanwhile")

// maxPutAnswer is how much is read of what a server says beside the status.
const maxPutAnswer = 64 << 10

// Put writes one object of a calendar, each line ended by CRLF and all else as it is: over the
// version that has the tag ifMatch, or as a new one when ifMatch is "". Where the server holds another version the error has
// [ErrChanged] in its chain, and nothing is written. The tag returned is that of what was
// written; "" when the server did not say, as it does when it has stored the text in its own
// way (RFC 4791 §5.3.4): the next sync brings it. Errors are [*calbell.Error]. After one of
// kind KindUnreachable the object may have been written all the same.
//
// Nothing is written to where a redirect leads away from the account's server.
func (c *Client) Put(ctx context.Context, cal calbell.Calendar, href calbell.Href, raw []byte, ifMatch calbell.ETag) (calbell.ETag, error) {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	subject := calbell.T("caldav:write-to", "write to calendar %q", cal.Name)
	base, err := url.Parse(cal.URL)
	raw = withCRLF(raw)
	switch {
	case c.subscribes(cal) || cal.Level == calbell.LevelFile:
		return "", &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("caldav:subscription-which-can-only", "%s: it is a subscription, which can only be read", subject)}
	case err != nil || base.Host == "" || !strings.HasPrefix(string(href), "/"):
		return "", &calbell.Error{Kind: calbell.KindConfig, What: calbell.T("caldav:url-unreadable", "%s: its url cannot be read", subject)}
	case len(raw) > calbell.MaxObjectBytes:
		return "", &calbell.Error{Kind: calbell.KindFailed, What: calbell.T("caldav:event-more-than-mb", "%s: the event has more than %d MB", subject, calbell.MaxObjectBytes>>20)}
	}
	q := transport.Request{
		Method: http.MethodPut, URL: urlOf(base, href), Body: raw, Limit: maxPutAnswer, Writes: true,
		Header: http.Header{"Content-Type": {"text/calendar; charset=utf-8"}},
	}
	if ifMatch == "" {
		q.Header.Set("If-None-Match", "*")
	} else {
		// Strong, whatever a proxy that compresses made of it: a weak one matches nothing.
		q.Header.Set("If-Match", `"`+opaque(ifMatch)+`"`)
	}
	if err := failpoint.Before(failpoint.Put); err != nil {
		return "", c.explainPut(subject, ifMatch, err)
	}
	c.CloseIdle() // a write is not repeated: its connection must not be one that the server has closed
	var tag calbell.ETag
	err = c.wire.Do(ctx, q, func(a *transport.Answer) error {
		tag = calbell.ETag(strings.TrimSpace(a.Header.Get("ETag")))
		_, err := io.Copy(io.Discard, a.Body)
		if errors.Is(err, transport.ErrTooLarge) {
			err = nil // what it says beside the status is nobody's business
		}
		return err
	})
	if err == nil {
		err = failpoint.After(failpoint.Put)
	}
	return tag, c.explainPut(subject, ifMatch, err)
}

// withCRLF ends every line with CRLF (RFC 5545 §3.1), whatever it ended with. A text that came out
// of an answer in XML has lost its CRs, which any XML parser folds away, and sabre/dav stores what
// it is sent.
func withCRLF(text []byte) []byte {
	out := make([]byte, 0, len(text)+bytes.Count(text, []byte("\n")))
	for i, c := range text {
		if c == '\n' && (i == 0 || text[i-1] != '\r') {
			out = append(out, '\r')
		}
		out = append(out, c)
	}
	return out
}

// explainPut is explain for what is refused to writers only.
func (c *Client) explainPut(subject calbell.Text, ifMatch calbell.ETag, err error) error {
	var status *transport.StatusError
	if !errors.As(err, &status) || status.RetryAfter > 0 || status.Elsewhere {
		return c.explain(subject, err)
	}
	out := &calbell.Error{Kind: calbell.KindRefused, Err: status}
	switch s := status.Status; {
	case s == http.StatusPreconditionFailed, ifMatch != "" && (s == http.StatusNotFound || s == http.StatusGone):
		out.Kind, out.What, out.Err = calbell.KindFailed, subject, calbell.Errorf("caldav:changed-there", "%w: %w", ErrChanged, status)
	case s == http.StatusForbidden && (status.Condition == "" || status.Condition == "need-privileges"), s == http.StatusMethodNotAllowed:
		out.What = calbell.Chain(subject, c.refused(s, status.Host))
		out.Hint = calbell.T("caldav:may-shared-you-reading", "It may be shared with you for reading only.")
	case s == http.StatusForbidden, s == http.StatusConflict, s == http.StatusBadRequest, s == http.StatusUnprocessableEntity,
		s == http.StatusUnsupportedMediaType, s == http.StatusRequestEntityTooLarge, s == http.StatusInsufficientStorage:
		out.What = calbell.T("caldav:does-not-take-event", "%s: %s does not take the event", subject, status.Host)
	default:
		return c.explain(subject, err)
	}
	return out
}

// maxNameBytes bounds the name that an object gets from its UID: file systems take 255.
const maxNameBytes = 120

// NewHref returns where an object with this UID is to be made in a calendar: a name that
// every server takes, the same for the same UID.
func NewHref(cal calbell.Calendar, uid calbell.UID) calbell.Href {
	name := string(uid)
	odd := strings.ContainsFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	})
	if odd || name == "" || len(name) > maxNameBytes {
		name = digest32([]byte(uid))
	}
	path := "/"
	if base, err := url.Parse(cal.URL); err == nil {
		path = strings.TrimSuffix(base.EscapedPath(), "/") + "/"
	}
	return calbell.Href(path + name + ".ics")
}
