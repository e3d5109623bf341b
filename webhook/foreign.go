package webhook

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"calbell/webhook/dialect"

	"calbell"
	"calbell/internal/scheme"
)

// Proxies, ingresses, portals and bot checks stand between Calbell and a chat, and answer in
// its place while it restarts. Only an answer in the chat's own words says anything about the
// webhook; every other answer is an outage.

const (
	// pageStart is how much of a body is searched for the start of a page: comments and
	// declarations may precede it.
	pageStart = 1024
	// maxYes limits a JSON body that is read as a confirmation; known ones have less than 100
	// bytes.
	maxYes = 4 << 10
)

// isPage reports whether an answer is an HTML page. Some receivers declare text/html and send a
// word or JSON, as PHP does by default: the body decides, unless it cannot be read.
func isPage(a answer) bool {
	start := bytes.ReplaceAll(a.body[:min(len(a.body), pageStart)], []byte{0}, nil) // UTF-16 too
	for _, mark := range []string{"\ufeff", "\xff\xfe", "\xfe\xff"} {
		start = bytes.TrimPrefix(start, []byte(mark))
	}
	start = bytes.ToLower(bytes.TrimSpace(start))
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body"} {
		if bytes.HasPrefix(start, []byte("<")) && bytes.Contains(start, []byte(tag)) {
			return true
		}
	}
	kind := strings.ToLower(a.header.Get("Content-Type"))
	if !strings.HasPrefix(kind, "text/html") && !strings.HasPrefix(kind, "application/xhtml") {
		return false
	}
	encoding := a.header.Get("Content-Encoding")
	packed := encoding != "" && !strings.EqualFold(encoding, "identity") && len(a.body) > 0
	return packed || bytes.HasPrefix(start, []byte("<")) || a.err != nil
}

// isForeign reports whether a failure came from something between Calbell and the chat.
func isForeign(w calbell.Webhook, a answer) bool {
	switch {
	case scheme.OfAnswer(a.status, a.body) != "": // this URL, or a proxy, did not reach the chat
		return !wantsHTTPS(w, a)
	case a.status >= 300 && a.status <= 399, a.status == http.StatusProxyAuthRequired, a.header.Get("Cf-Mitigated") != "":
		return true
	case a.status == http.StatusRequestEntityTooLarge:
		return false // whoever sets the limit, this message exceeds it
	case isPage(a):
		return true
	case a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity:
		return false // a chat may refuse a message without a reason; it must not be retried for hours
	}
	return !inOwnWords(a) || dialect.Of(w).Success == dialect.SuccessOK && saysOnlyStatus(a)
}

// saysOnlyStatus reports whether the JSON of an answer only repeats its status, as gateways do;
// kChat and Slack always give more.
func saysOnlyStatus(a answer) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal(a.body, &fields) != nil {
		return false
	}
	return !slices.ContainsFunc(reasons(a.body), func(r string) bool { return !isStatusLine(answer{status: a.status, body: []byte(r)}) })
}

// isStatusLine reports whether a body only repeats the status.
func isStatusLine(a answer) bool {
	text := strings.ToLower(strings.Trim(string(bytes.TrimSpace(a.body)), ".!\""))
	text = strings.TrimLeft(strings.TrimPrefix(text, strconv.Itoa(a.status)), " :-")
	return text == "" || text == strings.ToLower(http.StatusText(a.status))
}

// inOwnWords reports whether the chat itself wrote a refusal of the webhook: JSON with a
// reason, one of Slack's codes, or a sentence about the webhook, its token or its channel.
func inOwnWords(a answer) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal(a.body, &fields) == nil {
		return !slices.ContainsFunc(reasons(a.body), isGateway) && (len(reasons(a.body)) > 0 || len(fields["error"]) > 0)
	}
	return namesHook(a.body) || slices.ContainsFunc(reasons(a.body), func(r string) bool {
		words := wordsOf(strings.ReplaceAll(r, "_", " "))
		return sentenceNames(words, isHook) || sentenceNames(words, isTarget)
	})
}

// isTarget reports whether a word means the destination of a webhook, or its key.
func isTarget(w string) bool {
	return slices.Contains([]string{"channel", "channels", "user", "token", "team", "workspace", "room", "stream"}, w)
}

// isGateway reports whether a reason, in lower case, is one that API gateways (Kong, Amazon's,
// APISIX) give in JSON for an unknown route.
func isGateway(reason string) bool {
	return slices.ContainsFunc([]string{
		"no route matched", "route not found", "missing authentication token", "no healthy upstream", "upstream",
		"no available server", "service unavailable", "backend",
	}, func(s string) bool { return strings.Contains(reason, s) })
}

// yes parses the body of a 2xx: yes is true for the word "ok" and for a chat's JSON
// confirmation, no for JSON that says the opposite.
func yes(a answer) (yes, no bool) {
	if a.cut || len(a.body) > maxYes {
		return false, false
	}
	if strings.EqualFold(string(bytes.TrimSpace(a.body)), "ok") {
		return true, false
	}
	var fields map[string]any
	if json.Unmarshal(a.body, &fields) != nil {
		return false, false
	}
	for _, key := range []string{"ok", "success", "result", "status"} {
		switch v := fields[key].(type) {
		case bool:
			yes, no = yes || v, no || !v
		case string:
			word := strings.ToLower(v)
			yes = yes || word == "success" || word == "ok"
			no = no || slices.Contains([]string{"error", "fail", "failed", "failure"}, word)
		}
	}
	return yes && !no, no
}

// speaksOfLength reports whether a chat refused a message as too long, in the words of Discord
// and Telegram.
func speaksOfLength(a answer) bool {
	text := strings.ToLower(string(a.body[:min(len(a.body), pageStart)]))
	return slices.ContainsFunc([]string{"fewer in length", "too long", "too large", "maxlength", "max_length"}, func(s string) bool { return strings.Contains(text, s) })
}
