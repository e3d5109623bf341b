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
	// minPart and minLast are how long a part of a URL must be to be masked by itself.
	// The last part of a path is the likeliest secret.
	minPart, minLast = 6, 3
	// maxErrorShown bounds an error in a Try, in bytes.
	maxErrorShown = 400
)

// Masked returns a webhook URL as people may see it: scheme and host, and "[secret]" for
// the rest. It is "[secret]" alone when the URL cannot be read.
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

// mask hides what a URL keeps secret in texts that others wrote. A server that means to
// give the secret away has many ways; this is for those that echo it without a thought.
type mask struct{ parts []string } // longest first

func newMask(u calbell.Secret) mask {
	parts := secretParts(u.Reveal())
	// Longest first: the whole URL is one "[secret]" and not several.
	slices.SortStableFunc(parts, func(a, b string) int { return len(b) - len(a) })
	return mask{parts}
}

// hide replaces the parts, however their letters are cased.
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

// secretParts returns the forms in which a URL's secret may show up in a text.
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
		parts[i] = oneLine(p) // as the texts are in which it is looked for; %ff is not UTF-8
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

// pathParts returns the parts of a path but for the words that every webhook URL has.
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

// queryParts returns the values of a query, and whatever else is long in it.
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

// pieces returns what lies between the marks of a URL, as far as it is long.
func pieces(s string) []string {
	all := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("/?#&=;", r) })
	return slices.DeleteFunc(all, func(p string) bool { return len(p) < minPart })
}

// clean makes an error fit to be shown: masked, one line, bounded.
func (m mask) clean(s string) string { return cutText(m.line(s), maxErrorShown) }

// line returns a text in one line, masked.
func (m mask) line(s string) string { return m.hide(oneLine(s)) }

// text is clean for a text: its arguments are masked and its key stays, unless it is too long, or
// the secret stands in the words of the sentence itself.
func (m mask) text(t calbell.Text) calbell.Text {
	hidden := t.Hide(m.line, m.line)
	if len(hidden.English) > maxErrorShown {
		return calbell.Plain(m.clean(t.English))
	}
	return hidden
}

// shown makes an answer's body fit to be shown. Of a cut body the end is left out, since
// half a secret would not be recognised.
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

// cutText cuts s to at most limit bytes, at a character, and says so with "…".
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
