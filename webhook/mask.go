package webhook

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"calbell"
)

const (
	masked = "[secret]"
	// minPart and minLast are the minimum lengths of a URL's part to be masked by itself. The
	// last part of a path is the likeliest secret.
	minPart, minLast = 6, 3
	// maxErrorShown limits an error in a Try, in bytes.
	maxErrorShown = 400
)

// Masked returns a webhook URL for display: scheme and host, and "[secret]" for the rest. It
// returns only "[secret]" when the URL cannot be parsed.
func Masked(u calbell.Secret) string {
	parsed, err := url.Parse(u.Reveal())
	switch {
	case u == "":
		return ""
	case err != nil || parsed.Host == "":
		return masked
	}
	return parsed.Scheme + "://" + parsed.Host + "/" + masked
}

// mask hides the secret parts of a URL in foreign texts. It protects from servers that echo the
// URL carelessly, not from those that leak it on purpose.
type mask struct{ parts []string } // longest first

func newMask(u calbell.Secret) mask {
	parts := secretParts(u.Reveal())
	// Longest first: the whole URL is one "[secret]" and not several.
	slices.SortStableFunc(parts, func(a, b string) int { return len(b) - len(a) })
	return mask{parts}
}

// hide replaces the secret parts, ignoring letter case.
func (m mask) hide(s string) string {
	if len(m.parts) == 0 {
		return s
	}
	quoted := make([]string, len(m.parts))
	for i, p := range m.parts {
		quoted[i] = bounded(p)
	}
	return regexp.MustCompile(`(?i)`+strings.Join(quoted, "|")).ReplaceAllLiteralString(s, masked)
}

// bounded returns a pattern for a part; a short one counts as a whole word only.
func bounded(p string) string {
	q := regexp.QuoteMeta(p)
	isWord := func(r rune) bool { return r == '_' || r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	if len(p) < 8 && !strings.ContainsFunc(p, func(r rune) bool { return !isWord(r) }) {
		return `\b` + q + `\b`
	}
	return q
}

// secretParts returns the forms in which a URL's secret may appear in a text.
func secretParts(raw string) []string {
	parts := []string{raw}
	u, err := url.Parse(raw)
	if err != nil {
		_, rest, _ := strings.Cut(raw, "://")
		parts = append(parts, pieces(rest)...)
	} else {
		parts = append(parts, u.String(), u.RequestURI(), u.EscapedPath(), u.Path, u.RawQuery, u.Fragment)
		parts = slices.Concat(parts, userParts(u.User), pathParts(u), queryParts(u), pieces(u.Fragment))
	}
	for i, p := range parts {
		parts[i] = oneLine(p) // like the texts that are searched; %ff is not UTF-8
	}
	parts = slices.DeleteFunc(parts, func(p string) bool { return len(p) < minLast })
	slices.Sort(parts)
	return slices.Compact(parts)
}

func userParts(u *url.Userinfo) []string {
	if u == nil {
		return nil
	}
	password, _ := u.Password()
	// As the Authorization header has it, which receivers for testing echo.
	basic := base64.StdEncoding.EncodeToString([]byte(u.Username() + ":" + password))
	return []string{u.String(), u.Username(), password, basic}
}

// pathParts returns the parts of a path except the words that every webhook URL has.
func pathParts(u *url.URL) []string {
	var parts []string
	for _, path := range []string{u.EscapedPath(), u.Path} {
		all := strings.Split(strings.Trim(path, "/"), "/")
		for i, p := range all {
			if i == len(all)-1 || len(p) >= minPart && !slices.Contains([]string{"services", "webhook", "webhooks", "incoming"}, p) {
				parts = append(parts, p)
			}
		}
	}
	return parts
}

// queryParts returns the values of a query, and any other long part of it.
func queryParts(u *url.URL) []string {
	parts := pieces(u.RawQuery)
	for key, values := range u.Query() {
		parts = append(append(parts, pieces(key)...), values...)
		for _, v := range values {
			parts = append(parts, strings.Split(v, "/")...)
		}
	}
	return parts
}

// pieces returns the parts of a URL between separators that are long enough to mask.
func pieces(s string) []string {
	all := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("/?#&=;", r) })
	return slices.DeleteFunc(all, func(p string) bool { return len(p) < minPart })
}

// clean prepares an error for display: masked, on one line, limited in length.
func (m mask) clean(s string) string { return cutText(m.line(s), maxErrorShown) }

// line returns a text in one line, masked.
func (m mask) line(s string) string { return m.hide(oneLine(s)) }

// text masks the arguments of a text and keeps its key, unless the text is too long or its own
// words contain the secret.
func (m mask) text(t calbell.Text) calbell.Text {
	hidden := t.Hide(m.line, m.line)
	if len(hidden.English) > maxErrorShown {
		return calbell.Plain(m.clean(t.English))
	}
	return hidden
}

// shown prepares an answer's body for display. It drops the end of a cut body, since half a
// secret would not be recognised.
func (m mask) shown(body []byte, cut bool) string {
	if cut && len(m.parts) > 0 {
		body = body[:max(0, len(body)-len(m.parts[0]))]
	}
	return cutText(m.hide(oneLine(string(body))), calbell.MaxAnswerShown)
}

// oneLine returns the printable characters of s, runs of white space as one space.
func oneLine(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			gap = b.Len() > 0
			continue
		case !unicode.IsPrint(r): // format and bidi controls, unassigned
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// cutText cuts s to at most limit bytes, at a character, and appends "…".
func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimSpace(s[:end]) + "…"
}
