package yamltree

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/token"
)

// Hide keeps a value, and what is below it, out of excerpts and messages.
func (d *Document) Hide(n *Node) {
	d.hidden = append(d.hidden, hidden{n, "…"})
	for _, item := range n.Items {
		d.Hide(item)
	}
	for _, e := range n.Entries {
		d.Hide(e.Value)
	}
}

// HideSecret keeps a secret out of them, but for the part of a URL that tells nothing.
func (d *Document) HideSecret(n *Node) { d.hidden = append(d.hidden, hidden{n, ""}) }

// AddSecret keeps a text out of messages that was read from elsewhere.
func (d *Document) AddSecret(text string) { d.elsewhere = append(d.elsewhere, text) }

// IsHidden reports whether a value is kept out of them.
func (d *Document) IsHidden(n *Node) bool {
	return slices.ContainsFunc(d.hidden, func(h hidden) bool { return h.Node == n })
}

// hidden is a value that is not shown, and what is shown in its place: "" for the part of
// a URL that tells nothing.
type hidden struct {
	*Node
	as string
}

// secretKey finds a key that holds, or sounds as if it held, a secret.
var secretKey = regexp.MustCompile(`(?i)\b(?:url|uri|pas+[a-z]*|pwd|secret|token)["']?[ \t]*[:=][ \t]*`)

// bareSecretKey finds one at the beginning of a line whose colon is missing.
var bareSecretKey = regexp.MustCompile(`(?i)^[ \t]*(?:-[ \t]+|\{[ \t]*)?["']?(?:url|uri|pas+[a-z]*|pwd|secret|token)(?:_file|_credential)?["']?[ \t]+`)

// secretWords are the words that the keys above contain. Lines are searched for them first:
// that costs a tenth of what the expressions cost.
var secretWords = [...]string{"url", "uri", "pas", "pwd", "secret", "token"}

// secretTails returns the bytes of a line behind which a secret may stand.
func secretTails(line string) (at []int) {
	lower := strings.ToLower(strings.ReplaceAll(line, "ſ", "s")) // (?i) takes ſ for an s
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

// origin is the part of a URL that may be shown: it holds no path, query or userinfo.
var origin = regexp.MustCompile(`^["']?[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9.:\[\]-]+(?:/|["']?$)`)

// MaskURL shows the scheme and host of a URL, which often are what is wrong, and of
// anything else nothing.
func MaskURL(s string) string {
	shown := origin.FindString(s)
	if shown == s && s != "" {
		return s
	}
	return shown + "[secret]"
}

// urlShape finds URLs, and hostPath what is one but for its scheme, network's end excepted.
var (
	urlShape = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+`)
	hostPath = regexp.MustCompile(`(^|[^\w./-])((?:[A-Za-z]+:?//?)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?/)[^\s"'<>]+`)
	network  = regexp.MustCompile(`/[0-9]{1,3}$`)
)

// MaskURLs leaves the paths of URLs out of a text.
func MaskURLs(text string) string {
	text = urlShape.ReplaceAllStringFunc(text, MaskURL)
	return hostPath.ReplaceAllStringFunc(text, func(found string) string {
		if network.MatchString(found) {
			return found // 10.0.0.0/8
		}
		return hostPath.ReplaceAllString(found, "$1$2[secret]")
	})
}

// mask leaves out of a message what looks like the path of a URL, and what is known to be a
// secret: anywhere if it looks like one, and within quotes, where values are repeated, in any
// case. It is for texts made when all of the file has been read.
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

// quotedShape finds what strconv.Quote writes.
var quotedShape = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// maskWord is mask for an argument of a message, whose quotation marks stand in the text around it.
func (d *Document) maskWord(word string) string {
	if quoted := strconv.Quote(word); d.mask(quoted) != quoted {
		return "[secret]"
	}
	return d.mask(word)
}

// MaskValue leaves the same out of a value that is shown by itself, but for parts of URLs: those
// may well be the name of the user beside.
func (d *Document) MaskValue(text string) string {
	text = MaskURLs(text)
	for _, at := range secretTails(text) {
		if end := at + strings.IndexByte(text[at:]+"\n", '\n'); end > at {
			return d.MaskValue(text[:at]) + "[secret]" + text[end:]
		}
	}
	return d.secrets().named.Replace(text)
}

// known are the secrets of a file, as they are looked for: all of them, those that look
// random, and those that a key names.
type known struct{ all, random, named *strings.Replacer }

// minSecret is how long a text is at least that is looked for as a secret: what is shorter is
// part of too many words. minNamed is that for texts without quotes.
const (
	minSecret = 4
	minNamed  = 6
)

// secrets finds the secrets of the file, of its broken lines too: the values that are hidden,
// the secrets that were read from elsewhere, what follows a key that sounds like one of a
// secret, and the paths of URLs; each as a whole and in its parts.
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

// blockLines returns the lines that are text of a block scalar, such as a template: "url:" is
// a word there.
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

// found are the texts that secrets have, and those of the paths of URLs.
type found struct {
	in           *Document
	named, paths map[string]bool
}

// add adds a text, and the parts that a message may quote by themselves.
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

// isBreak reports whether a character separates the parts of a secret that a message may
// quote by themselves.
func isBreak(r rune) bool { return strings.ContainsRune(" \t\n\"'`,;:/\\?&#%=*!|>@[]{}", r) }

// looksRandom reports whether a text is hardly a word: such a text is no part of a message
// unless it was put there.
func looksRandom(text string) bool {
	return len(text) >= minNamed && strings.ContainsAny(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") || len(text) >= 4*minSecret
}

// replacer replaces the texts of some sets by "[secret]", the longest first: a part of a
// secret must not leave the rest of it.
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
