package scheme

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
)

// The schemes that a server may use.
const (
	HTTP  = "http"
	HTTPS = "https"
)

// recordStarts are the first bytes of answers of plain http servers to a TLS handshake: a status line, or a
// page without one, because the request could not be parsed.
var recordStarts = []string{"HTTP/", "<!DOC", "<!doc", "<html", "<HTML", "<head"}

// OfError returns the scheme that a server uses when a request with the other one failed
// with err; "" when the error does not show it.
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

// wantsTLS are texts, in lower case, with which https servers reject a plain http request: those of Go,
// nginx, Apache, HAProxy and Jetty.
var wantsTLS = []string{
	"client sent an http request to an https server", "plain http request was sent to https port",
	"speaking plain http to an ssl-enabled server", "this combination of host and port requires tls",
	"this web server is running in ssl mode", "http request was sent to https port",
}

// maxRead limits how much of a body is searched, in bytes; these pages are short.
const maxRead = 4 << 10

// OfAnswer returns [HTTPS] when the answer to a plain http request asks for https,
// otherwise "".
func OfAnswer(status int, body []byte) string {
	if status != http.StatusBadRequest && status != 497 { // 497 is nginx's own status, which it usually sends as 400
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
