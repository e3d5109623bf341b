package webhooktest

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"
)

// Request is a received request.
type Request struct {
	At      time.Time // when its body had been read
	Method  string
	Path    string // as sent, with the query
	Host    string
	Remote  string // the client's address: the same for requests on one connection
	Header  http.Header
	Body    []byte
	ID      string         // the Webhook-Id header
	Text    string         // "text" of the payload
	Payload map[string]any // from a JSON body or payload=<json>; nil when there is none
	// Err is why the body could not be parsed as a payload; nil when it could.
	Err error
}

func newRequest(r *http.Request, early bool) Request {
	q := Request{
		Method: r.Method, Path: r.URL.RequestURI(), Host: r.Host, Remote: r.RemoteAddr,
		Header: r.Header.Clone(), ID: r.Header.Get("Webhook-Id"),
	}
	if !early {
		q.Body, q.Err = io.ReadAll(io.LimitReader(r.Body, maxBody))
		if q.Err == nil {
			q.Payload, q.Err = payload(r.Header.Get("Content-Type"), q.Body)
		}
		q.Text, _ = q.Payload["text"].(string)
	}
	q.At = time.Now()
	return q
}

// payload decodes a body as the chats do.
func payload(contentType string, body []byte) (map[string]any, error) {
	if kind, _, _ := mime.ParseMediaType(contentType); kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		body = []byte(form.Get("payload"))
	}
	var p map[string]any
	err := json.Unmarshal(body, &p)
	return p, err
}
