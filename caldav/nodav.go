package caldav

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"calbell"

	"calbell/caldav/dav"
	"calbell/caldav/transport"
)

// headBytes is how much of an answer is kept to tell what it is, if it is no multistatus.
const headBytes = 256

// headReader keeps the beginning of what is read.
type headReader struct {
	r    io.Reader
	head []byte
}

// Read implements io.Reader.
func (h *headReader) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.head = append(h.head, p[:min(n, headBytes-len(h.head))]...)
	return n, err
}

// notDAV returns the error for an answer that cannot be read, by what it is likely to be.
func notDAV(a *transport.Answer, head []byte, err error) error {
	if err == nil || final(err) {
		return err
	}
	host := a.URL.Host
	var root dav.RootError
	switch {
	case errors.As(err, &root) && strings.EqualFold(string(root), "html"), saysHTML(a), beginsHTML(head):
		return &transport.AnswerError{Why: calbell.T("caldav:answers-web-page-instead", "%s answers with a web page instead of calendar data (a sign-in page, or the wrong address)", host)}
	case errors.Is(err, dav.ErrText) && (saysType(a, "json") || beginsWith(head, "{") || beginsWith(head, "[")):
		return &transport.AnswerError{Why: calbell.T("caldav:answers-json-instead-calendar", "%s answers with JSON instead of calendar data (another service, or the wrong address)", host)}
	case errors.Is(err, dav.ErrText):
		return &transport.AnswerError{Why: calbell.T("caldav:answers-text-instead-calendar", "%s answers with text instead of calendar data (another service, or the wrong address)", host)}
	}
	return &transport.AnswerError{Why: calbell.T("caldav:answer-cannot-read", "the answer of %s cannot be read", host), Err: err}
}

func saysHTML(a *transport.Answer) bool { return saysType(a, "html") }

func saysType(a *transport.Answer, kind string) bool {
	return strings.Contains(strings.ToLower(a.Header.Get("Content-Type")), kind)
}

// beginsHTML reports whether a text begins as web pages do, whatever its type is said to be.
func beginsHTML(head []byte) bool {
	return beginsWith(head, "<!doctype") || beginsWith(head, "<html")
}

func beginsWith(head []byte, begin string) bool {
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))
	return bytes.EqualFold(head[:min(len(head), len(begin))], []byte(begin))
}
