// Package scheme finds out that a server was spoken to by the wrong one of http and https, from what
// it answered: the messages of TLS, of Go and of other servers say so each in its own way.
package scheme

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
)

// Schemes that a server turned out to speak.
const (
	HTTP  = "http"
	HTTPS = "https"
)

// recordStarts are the first bytes of what servers of plain http answer to a TLS handshake: a status
// line, or, for want of a request that can be read, a page without one.
var recordStarts = []string{"HTTP/", "<!DOC", "<!doc", "<html", "<HTML", "<head"}

// OfError returns the scheme that a server speaks where a request of the other one failed with err;
// "" when the error tells nothing.
func OfError(err error) string {
	var record tls.RecordHeaderError
	switch {
	case err == nil:
		return ""
	case errors.Is(err, http.ErrSchemeMismatch):
		return HTTP
	case errors.As(err, &record):
		for _, start := range recordStarts {
			if string(record.RecordHeader[:]) == start {
				return HTTP
			}
		}
	case strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`): // a TLS alert
		return HTTPS
	}
	return ""
}

// wantsTLS are the words, in small letters, by which servers of https refuse a request by plain http:
// Go's, nginx', Apache's, HAProxy's and Jetty's.
var wantsTLS = []string{
	"client sent an http request to an https server", "plain http request was sent to https port",
	"speaking plain http to an ssl-enabled server", "this combination of host and port requires tls",
	"this web server is running in ssl mode", "http request was sent to https port",
}

// maxRead is how much of a body is searched: these pages are short.
const maxRead = 4 << 10

// OfAnswer returns [HTTPS] when an answer to a request by plain http says that https is wanted; ""
// when it does not.
func OfAnswer(status int, body []byte) string {
	if status != http.StatusBadRequest && status != 497 { // 497 is nginx' own, before it is turned into 400
		return ""
	}
	text := string(bytes.ToLower(body[:min(len(body), maxRead)]))
	for _, words := range wantsTLS {
		if strings.Contains(text, words) {
			return HTTPS
		}
	}
	return ""
}
