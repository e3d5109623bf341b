package yamltree

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/token"
)

// Hide excludes a value, and everything below it, from excerpts and messages.
func (d *Document) Hide(n *Node) {
	d.hidden = append(d.hidden, hidden{n, "…"})
	for _, item := range n.Items {
		d.Hide(item)
	}
	for _, e := range n.Entries {
		d.Hide(e.Value)
	}
}

// HideSecret excludes a secret from excerpts and messages, except the scheme and host of a
// URL.
func (d *Document) HideSecret(n *Node) { d.hidden = append(d.hidden, hidden{n, ""}) }

// AddSecret excludes a secret that was read from elsewhere from messages.
func (d *Document) AddSecret(text string) { d.elsewhere = append(d.elsewhere, text) }

// IsHidden reports whether a value is excluded.
func (d *Document) IsHidden(n *Node) bool {
	return slices.ContainsFunc(d.hidden, func(h hidden) bool { return h.Node == n })
}

// hidden is an excluded value and its replacement; "" keeps the scheme and host of a URL.
type hidden struct {
	*Node
	as string
}

// secretKey matches a key that sounds like a secret.
var secretKey = regexp.MustCompile(`(?i)\b(?:url|uri|pas+[a-z]*|pwd|secret|token)["']?[ \t]*[:=][ \t]*`)

// bareSecretKey matches such a key at the beginning of a line without its colon.
var bareSecretKey = regexp.MustCompile(`(?i)^[ \t]*(?:-[ \t]+|\{[ \t]*)?["']?(?:url|uri|pas+[a-z]*|pwd|secret|token)(?:_file|_credential)?["']?[ \t]+`)

// secretWords are contained in the keys above. Lines are searched for them first, which costs a tenth of
// matching the expressions.
var secretWords = [...]string{"url", "uri", "pas", "pwd", "secret", "token"}

// secretTails returns the byte positions in a line after which a secret may follow.
func secretTails(line string) (at []int) {
	lower := strings.ToLower(strings.ReplaceAll(line, "ſ", "s")) // (?i) matches ſ as s
	if !slices.ContainsFunc(secretWords[:], func(word string) bool { return strings.Contains(lower, word) }) {
		return nil
	}
	for _, m := range secretKey.FindAllStringIndex(line, -1) {
		at = append(at, m[1])
	}
	if m := bareSecretKey.FindStringIndex(line); m != nil && at == nil {
		at = append(at, m[1])
	}
	return at
}

// origin matches the part of a URL that may be shown, which has no path, query or user information.
var origin = regexp.MustCompile(`^["']?[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9.:\[\]-]+(?:/|["']?$)`)

// MaskURL replaces what follows the scheme and host of a URL, which are often the mistake, by
// "[secret]". Any other text is replaced as a whole.
func MaskURL(s string) string {
	shown := origin.FindString(s)
	if shown == s && s != "" {
		return s
	}
	return shown + "[secret]"
}

// urlShape matches URLs. hostPath matches URLs without a scheme, but also networks such as 10.0.0.0/8.
var (
	urlShape = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+`)
	hostPath = regexp.MustCompile(`(^|[^\w./-])((?:[A-Za-z]+:?//?)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?/)[^\s"'<>]+`)
	network  = regexp.MustCompile(`/[0-9]{1,3}$`)
)

// MaskURLs removes the paths of URLs from a text.
func MaskURLs(text string) string {
	text = urlShape.ReplaceAllStringFunc(text, MaskURL)
	return hostPath.ReplaceAllStringFunc(text, func(found string) string {
		if network.MatchString(found) {
			return found // 10.0.0.0/8
		}
		return hostPath.ReplaceAllString(found, "$1$2[secret]")
	})
}

// mask removes from a message what looks like the path of a URL, and known secrets: those
// that look random anywhere, others within quotes, where messages repeat values. It needs
// the whole file to have been read.
func (d *Document) mask(text string) string {
	known := d.secrets()
	text = MaskURLs(text)
	text = quotedShape.ReplaceAllStringFunc(text, func(quoted string) string {
		if word := quoted[1 : len(quoted)-1]; d.Harmless(word) || d.nearKey(word) {
			return quoted
		}
		return known.all.Replace(quoted)
	})
	return known.random.Replace(text)
}

// quotedShape matches the output of strconv.Quote.
var quotedShape = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// maskWord is mask for an argument of a message, whose quotation marks are part of the text
// around it.
func (d *Document) maskWord(word string) string {
	if quoted := strconv.Quote(word); d.mask(quoted) != quoted {
		return "[secret]"
	}
	return d.mask(word)
}

// MaskValue is mask for a value that is shown alone. It does not search for parts of URLs, because
// such a part may equal an ordinary value, such as the user name beside it.
func (d *Document) MaskValue(text string) string {
	text = MaskURLs(text)
	for _, at := range secretTails(text) {
		if end := at + strings.IndexByte(text[at:]+"\n", '\n'); end > at {
			return d.MaskValue(text[:at]) + "[secret]" + text[end:]
		}
	}
	return d.secrets().named.Replace(text)
}

// known are the secrets of a file for replacing: all of them, those that look random, and
// those that a key names.
type known struct{ all, random, named *strings.Replacer }

// minSecret is the least length of a secret that is searched for: shorter texts are part of too many
// words. minNamed is that for texts without quotes.
const (
	minSecret = 4
	minNamed  = 6
)

// secrets returns the secrets of the file, including its invalid lines: hidden values,
// secrets read from elsewhere, texts after keys that sound like secrets, and paths of URLs,
// each as a whole and in parts.
func (d *Document) secrets() known {
	d.learn.Do(func() {
		f := found{d, map[string]bool{}, map[string]bool{}}
		for _, text := range d.elsewhere {
			f.add(text)
		}
		for _, h := range d.hidden {
			if h.Kind == Scalar {
				f.add(h.Text)
			}
		}
		inText := d.blockLines()
		for i, line := range d.lines {
			for _, at := range secretTails(line) {
				if !inText[i+1] {
					f.add(line[at:])
				}
			}
			if strings.Contains(line, "://") {
				f.add(strings.Join(urlShape.FindAllString(line, -1), " "))
			}
		}
		d.known.named = replacer(func(text string) bool { return len(text) >= minNamed }, f.named)
		d.known.all = replacer(func(string) bool { return true }, f.named, f.paths)
		d.known.random = replacer(looksRandom, f.named, f.paths)
	})
	return d.known
}

// blockLines returns the lines that are part of a block scalar, such as a template, where
// "url:" is an ordinary word.
func (d *Document) blockLines() map[int]bool {
	lines := map[int]bool{}
	for _, n := range d.Index {
		if n.Kind == Scalar && (n.style == token.LiteralType || n.style == token.FoldedType) && !d.IsHidden(n) {
			for number := n.Place.Line + 1; number <= d.last(n).Line; number++ {
				lines[number] = true
			}
		}
	}
	return lines
}

// found are the texts of secrets, and those of the paths of URLs.
type found struct {
	in           *Document
	named, paths map[string]bool
}

// add adds a text and the parts that a message may quote alone.
func (f found) add(text string) {
	for _, u := range urlShape.FindAllString(text, -1) {
		f.parts(f.paths, strings.TrimPrefix(u, origin.FindString(u)))
	}
	f.parts(f.named, urlShape.ReplaceAllString(text, " "))
}

func (f found) parts(to map[string]bool, text string) {
	for _, part := range append(strings.FieldsFunc(text, isBreak), strings.TrimSpace(text)) {
		if len(part) >= minSecret && !f.in.Harmless(part) {
			to[part] = true
		}
	}
}

// isBreak reports whether a character separates parts of a secret that a message may quote
// alone.
func isBreak(r rune) bool { return strings.ContainsRune(" \t\n\"'`,;:/\\?&#%=*!|>@[]{}", r) }

// looksRandom reports whether a text looks random. Such a text appears in a message only as
// a copy of the secret.
func looksRandom(text string) bool {
	return len(text) >= minNamed && strings.ContainsAny(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") || len(text) >= 4*minSecret
}

// replacer returns a replacer of the wanted texts by "[secret]". Longer texts are replaced
// first, so that replacing a part does not leave the rest of a secret.
func replacer(wanted func(string) bool, sets ...map[string]bool) *strings.Replacer {
	var all []string
	for _, set := range sets {
		for text := range set {
			if wanted(text) {
				all = append(all, text)
			}
		}
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	pairs := make([]string, 0, 2*len(all))
	for _, text := range all {
		pairs = append(pairs, text, "[secret]")
	}
	return strings.NewReplacer(pairs...)
}
