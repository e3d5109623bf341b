package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"calbell"
)

// maxWords limits the part of an answer that is quoted in one line: a reason is a sentence, and
// longer texts are shown with the delivery.
const maxWords = 200

// title matches the title of a page.
var title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title`)

// reason returns why an answer is not a success; words are the server's own, masked.
func reason(a answer, v calbell.Verdict, words string) calbell.Text {
	status, host := statusLine(a.status), elsewhere(a.header)
	switch {
	case v == calbell.Unknown:
		return calbell.T("webhook:answered-but-text-lost", "answered %s, but its text was lost: %v", status, a.err)
	case a.status < 200 || a.status > 599:
		return calbell.T("webhook:answered-which-makes-no", "answered %s, which makes no sense here", status)
	case a.status >= 300 && a.status <= 399 && host != "":
		return calbell.T("webhook:answered-redirect-to", "answered %s to host %q; redirects are not followed", status, host)
	case a.status >= 300 && a.status <= 399:
		return calbell.T("webhook:answered-redirect", "answered %s; redirects are not followed", status)
	case isPage(a) && words != "":
		return calbell.T("webhook:answered-page-titled", "answered %s with the web page %q", status, words)
	case isPage(a):
		return calbell.T("webhook:answered-page", "answered %s with a web page", status)
	case v == calbell.Unrecognised && len(bytes.TrimSpace(a.body)) == 0:
		return calbell.T("webhook:answered-without-text-where", "answered %s without text, where %q was expected", status, "ok")
	case v == calbell.Unrecognised && words != "":
		return calbell.T("webhook:answered-not-yes-but", "answered %s, but not %q: %s", status, "ok", words)
	case v == calbell.Unrecognised:
		return calbell.T("webhook:answered-not-yes", "answered %s, but not %q", status, "ok")
	case words != "" && !isStatusLine(a):
		return calbell.T("webhook:answered-words", "answered %s: %s", status, words)
	}
	return calbell.T("webhook:answered", "answered %s", status)
}

// statusLine returns a status with its name, if it has one.
func statusLine(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// wordsOfAnswer returns the text of an answer for one line: the title of a page, the message of
// a JSON object, or a short text; "" when there is none. The caller masks it.
func wordsOfAnswer(a answer) string {
	text := string(a.body)
	var fields map[string]json.RawMessage
	switch {
	case a.header.Get("Content-Encoding") != "" || !utf8.Valid(a.body) || a.cut && !isPage(a):
		return ""
	case isPage(a):
		found := title.FindSubmatch(a.body)
		if found == nil {
			return ""
		}
		text = html.UnescapeString(string(found[1]))
	case json.Unmarshal(a.body, &fields) == nil:
		text = message(fields)
	case strings.ContainsAny(text[:min(len(text), 1)], "{["):
		return "" // JSON without a message, or a part of JSON
	}
	return oneLine(text)
}

// message returns the reason for people in a JSON object, or else its code.
func message(fields map[string]json.RawMessage) string {
	for _, name := range []string{"message", "description", "detail", "error", "reason", "title", "code", "id"} {
		var text string
		var inner map[string]json.RawMessage
		switch {
		case json.Unmarshal(fields[name], &text) == nil && strings.TrimSpace(text) != "":
			return text
		case name == "error" && json.Unmarshal(fields[name], &inner) == nil && message(inner) != "":
			return message(inner)
		}
	}
	return ""
}
