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

// Between Calbell and a chat stand proxies, ingresses, portals and bot checks, and each of them
// answers in the chat's place while the chat restarts. Only an answer in the chat's own words
// tells anything about the webhook; every other one is an outage.

const (
	// pageStart is how much of a body is searched for the beginning of a page: comments and
	// declarations stand before it.
	pageStart = 1024
	// maxYes bounds a body that is read as a yes in JSON; known ones have less than 100 bytes.
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

// isForeign reports whether an answer that is no success was given by something in between and
// not by the chat.
func isForeign(w calbell.Webhook, a answer) bool {
	switch {
	case scheme.OfAnswer(a.status, a.body) != "": // no chat was reached: by this URL, or by a proxy before it
		return !wantsHTTPS(w, a)
	case a.status >= 300 && a.status <= 399, a.status == http.StatusProxyAuthRequired, a.header.Get("Cf-Mitigated") != "":
		return true
	case a.status == http.StatusRequestEntityTooLarge:
		return false // whoever sets the limit, this message is beyond it
	case isPage(a):
		return true
	case a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity:
		return false // a message may be refused without a word, and must not be tried for hours
	}
	return !inOwnWords(a) || dialect.Of(w).Success == dialect.SuccessOK && saysOnlyStatus(a)
}

// saysOnlyStatus reports whether the JSON of an answer repeats its status and says nothing else,
// as gateways do; kChat and Slack always give more.
func saysOnlyStatus(a answer) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal(a.body, &fields) != nil {
		return false
	}
	return !slices.ContainsFunc(reasons(a.body), func(r string) bool { return !isStatusLine(answer{status: a.status, body: []byte(r)}) })
}

// isStatusLine reports whether a body repeats its status and says nothing else.
func isStatusLine(a answer) bool {
	text := strings.ToLower(strings.Trim(string(bytes.TrimSpace(a.body)), ".!\""))
	text = strings.TrimLeft(strings.TrimPrefix(text, strconv.Itoa(a.status)), " :-")
	return text == "" || text == strings.ToLower(http.StatusText(a.status))
}

// inOwnWords reports whether a refusal of the webhook is one that a chat writes: JSON with a
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

// isTarget reports whether a word stands for what a webhook posts to, or for its key.
func isTarget(w string) bool {
	return slices.Contains([]string{"channel", "channels", "user", "token", "team", "workspace", "room", "stream"}, w)
}

// isGateway reports whether a reason, in small letters, is one of those that API gateways (Kong,
// Amazon's, APISIX) give in JSON for an address that they do not route.
func isGateway(reason string) bool {
	return slices.ContainsFunc([]string{
		"no route matched", "route not found", "missing authentication token", "no healthy upstream", "upstream",
		"no available server", "service unavailable", "backend",
	}, func(s string) bool { return strings.Contains(reason, s) })
}

// yes reports what the body of a 2xx says: yes is true for the word "ok" and for the JSON that
// chats answer when they accepted, no for JSON that says the opposite.
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

// speaksOfLength reports whether a refusal of a message says that it is too long, as Discord and
// Telegram say it.
func speaksOfLength(a answer) bool {
	text := strings.ToLower(string(a.body[:min(len(a.body), pageStart)]))
	return slices.ContainsFunc([]string{"fewer in length", "too long", "too large", "maxlength", "max_length"}, func(s string) bool { return strings.Contains(text, s) })
}
