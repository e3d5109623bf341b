package transport

import (
	"encoding/base64"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"calbell/caldav/dav"
	"calbell/internal/scheme"
)

const (
	// maxErrorBytes is how much of an error's body is read, for what it says.
	maxErrorBytes = 64 << 10
	// maxWords bounds what is repeated of a server's own words, in bytes: a sentence or two.
	maxWords = 200
	// maxSchemes and maxScheme bound the ways to sign in that are repeated, and the name of each:
	// real servers offer up to four.
	maxSchemes, maxScheme = 8, 30
)

// statusError reads what a refusal says about itself.
func (c *Client) statusError(q Request, resp *http.Response, at *url.URL, body io.Reader) error {
	e := &StatusError{
		Method:     q.Method,
		Host:       at.Host,
		Status:     resp.StatusCode,
		RetryAfter: retryAfter(resp.Header, time.Now()),
		Schemes:    schemes(resp.Header),
		Elsewhere:  !CredentialsMayGo(q.URL, at),
		At:         at,
	}
	e.Digest = slices.ContainsFunc(challenges(resp.Header), func(offer string) bool { return readChallenge(offer) != nil })
	text, _ := io.ReadAll(io.LimitReader(body, maxErrorBytes)) // a part says as much
	if at.Scheme == scheme.HTTP {                              // else a proxy says so of what is behind it
		e.Spoken = scheme.OfAnswer(resp.StatusCode, text)
	}
	condition, words := dav.ReadError(text)
	e.Condition = clean(condition, maxWords)
	if words == "" && c.o.Guard == nil {
		words = plainWords(resp, text)
	}
	// What stands in a subscription's URL is secret, and another server's words are not the account's.
	if !c.o.Secret && !e.Elsewhere && !c.betrays(words) {
		e.Message = clean(words, maxWords)
	}
	return e
}

// plainWords returns what a refusal says in plain text, beyond the name of its status. It is not for
// accounts of page users: they would read what an inner service says to any question.
func plainWords(resp *http.Response, text []byte) string {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	words := strings.TrimSpace(string(text))
	name := http.StatusText(resp.StatusCode)
	if kind != "text/plain" || strings.HasPrefix(words, "<") || strings.HasPrefix(words, "{") || strings.HasSuffix(strings.ToLower(words), strings.ToLower(name)) {
		return ""
	}
	return words
}

// betrays reports whether a text holds what signs the account in, or what it could be guessed by.
// Servers that mean to give it away have other ways: this is for those that echo requests.
func (c *Client) betrays(text string) bool {
	password, token := c.account.Password.Reveal(), c.account.Token.Reveal()
	secrets := []string{
		password, token, url.QueryEscape(password), url.PathEscape(password),
		base64.StdEncoding.EncodeToString([]byte(c.account.Username + ":" + password)),
	}
	return strings.Contains(text, "nonce=") || slices.ContainsFunc(secrets, func(s string) bool {
		return s != "" && strings.Contains(strings.ToLower(text), strings.ToLower(s))
	})
}

// clean returns a text in one line without control characters, and of at most limit bytes.
func clean(text string, limit int) string {
	text = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case !unicode.IsPrint(r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, text)), " ")
	if len(text) <= limit {
		return text
	}
	end := limit - len("…")
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.TrimSpace(text[:end]) + "…"
}

// challenges takes the WWW-Authenticate of an answer apart: each may be a list (RFC 9110 §11.6.1),
// whose commas stand between the parameters of one challenge, too.
func challenges(h http.Header) (out []string) {
	for _, line := range h.Values("WWW-Authenticate") {
		begun := len(out)
		for _, part := range splitOutsideQuotes(line) {
			name, _, _ := strings.Cut(part, " ")
			switch {
			case part == "":
			case strings.Contains(name, "=") && len(out) > begun:
				out[len(out)-1] += ", " + part
			default:
				out = append(out, part)
			}
		}
	}
	return out
}

// splitOutsideQuotes splits a list at its commas.
func splitOutsideQuotes(list string) (parts []string) {
	quoted, from := false, 0
	for i := range len(list) {
		switch {
		case list[i] == '"' && (i == 0 || list[i-1] != '\\'):
			quoted = !quoted
		case list[i] == ',' && !quoted:
			parts = append(parts, strings.TrimSpace(list[from:i]))
			from = i + 1
		}
	}
	return append(parts, strings.TrimSpace(list[from:]))
}

// schemes returns the names of the ways to sign in that an answer offers.
func schemes(h http.Header) (names []string) {
	for _, ch := range challenges(h) {
		name, _, _ := strings.Cut(ch, " ")
		name = clean(name, maxScheme)
		if name != "" && len(names) < maxSchemes && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
