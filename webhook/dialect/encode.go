package dialect

import (
	"bytes"
	"encoding/json"
	"net/url"

	"calbell"
)

// The encodings of a body.
const (
	encodingJSON = "json"
	encodingForm = "form" // payload=<json>, the format of the first incoming webhooks
)

// Encode returns the body of the POST and its Content-Type. The same message always has the
// same bytes. It fails only when a tree contains something that JSON cannot express (NaN, a
// cycle).
func Encode(w calbell.Webhook, m calbell.Message) (body []byte, contentType string, err error) {
	body, err = marshal(Of(w).Body(m))
	if err != nil {
		return nil, "", calbell.Errorf("dialect:encode-message", "encode message: %w", err)
	}
	if w.Encoding == encodingForm {
		return []byte("payload=" + url.QueryEscape(string(body))), "application/x-www-form-urlencoded", nil
	}
	return body, "application/json", nil
}

// marshal writes JSON with & < > unescaped: Slack's own escapes would double in length, and
// nobody reads this as HTML.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
