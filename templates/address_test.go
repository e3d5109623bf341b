package templates

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"calbell"
)

// mattermostLinks reads the addresses of a message as Mattermost's web client does: between
// angle brackets, or where a word begins. It takes most characters, some only when another
// that may belong to an address follows, and brackets in pairs.
func mattermostLinks(message string) []string {
	var links []string
	text := []rune(message)
	start := true // of a token: after an escaped mark, or where no word goes on
	for i := 0; i < len(text); {
		rest := string(text[i:])
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && strings.ContainsRune("`*{}[]()#+-.!_>|~", text[i+1]):
			i, start = i+2, true
			continue
		case c == '<':
			if address, _, ok := strings.Cut(rest[1:], ">"); ok && schemeStart(address) && !strings.Contains(address, " ") {
				links = append(links, unescaped.Replace(address))
				i += len([]rune(address)) + 2
				continue
			}
		case c == '`':
			if n := strings.IndexByte(rest[1:], '`'); n > 0 {
				i += len([]rune(rest[:n+2]))
				continue
			}
		case start && schemeStart(rest):
			n := takenByMattermost(text[i:])
			address := strings.TrimRight(string(text[i:i+n]), "?!.,:*_~'\"")
			links = append(links, unescaped.Replace(address))
			i += len([]rune(address))
			continue
		}
		start = text[i] >= 128 || text[i] != '_' && !isAlnum(text[i])
		i++
	}
	return links
}

// schemeStart reports whether a text begins with an address that names its scheme.
func schemeStart(text string) bool {
	scheme, rest, ok := strings.Cut(text, "://")
	return ok && rest != "" && slices.Contains([]string{"https", "http", "ftp"}, strings.ToLower(scheme))
}

// isAlnum knows ASCII only, as the word boundaries of the chats do.
func isAlnum(c rune) bool {
	return c < unicode.MaxASCII && (unicode.IsLetter(c) || unicode.IsDigit(c))
}

// takenByMattermost returns how many characters its pattern for addresses takes.
func takenByMattermost(text []rune) int {
	goesOn := func(i int) bool {
		return i < len(text) && !unicode.IsSpace(text[i]) && !strings.ContainsRune("()<>", text[i])
	}
	i := slices.Index(text, ':') + 3
	for i < len(text) {
		switch c := text[i]; {
		case c == '(':
			n := slices.Index(text[i:], ')')
			if n < 0 || slices.ContainsFunc(text[i:i+n], unicode.IsSpace) {
				return i
			}
			i += n
		case c == '[' && strings.Trim(before(string(text[i+1:]), "]"), "0123456789abcdef:") == "":
			i += slices.Index(text[i:], ']')
		case c == ')' || unicode.IsSpace(c) || unicode.IsPunct(c) && c > 0x3000:
			return i
		case strings.ContainsRune("`![]{;:'\",<>?«»“”‘’", c) && !goesOn(i+1):
			return i
		}
		i++
	}
	return i
}

func before(s, sep string) string {
	head, _, _ := strings.Cut(s, sep)
	return head
}

// unescaped reads the references that are written for marks.
var unescaped = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&#42;", "*", "&#36;", "$")

// slackLinks reads the addresses of a message in Slack: between angle brackets, or up to a
// blank without the punctuation that ends a sentence.
func slackLinks(message string) []string {
	var links []string
	for i := 0; i < len(message); i++ {
		switch rest := message[i:]; {
		case rest[0] == '<':
			if address, _, ok := strings.Cut(rest[1:], ">"); ok && !strings.Contains(address, "|") {
				links = append(links, unescaped.Replace(address))
				i += len(address) + 1
			}
		case schemeStart(rest):
			address := strings.TrimRight(before(before(rest, " "), "\n"), ".,:;!?'\")")
			links = append(links, unescaped.Replace(address))
			i += len(address) - 1
		}
	}
	return links
}

// Wherever an address stands in an event's text, the chat makes a link of the whole of it and
// of nothing else, and a reader sees what was written.
func TestAddressesStayWhole(t *testing.T) {
	addresses := []string{
		"https://video.example.org/j/86?pwd=a_b-c", "https://example.org/wiki/Zug_(Stadt)", "https://example.org/~ben/plan_.html",
		"https://example.org/_next_/*x*/y", "https://example.org/?a[]=1&b[]=2", "http://[2001:db8::7]:8443/x;v=1", "http://[2001:db8::7]",
		"https://example.org/a;b,c", "https://maps.example.org/@46.20,6.14,17z", "https://intranet/_a_/~b~/", "https://example.org/cost$5$",
		"https://example.org/?x=1&copy;=2", "https://example.org/é/日本", "HTTPS://EXAMPLE.ORG/A", "https://example.org/((a))", "https://example.org/?m=ana@example.org",
	}
	around := []string{
		"%s", "see %s, please", "*%s*", "**%s**", `%s\nRoom 4`, "_%s_", "~~%s~~", "`%s`", "Link:**%s** now", "- *%s*", "(%s)", `"%s"`, "%s.", "<%s>",
		"„%s“", "[%s]", "Plan: %s; then", "%s\nnext", "* %s\n* b", "Zoom: ***%s***!", "_see %s_", "%s…?",
	}
	for _, address := range addresses {
		for _, form := range around {
			notes := fmt.Sprintf(form, address)
			d := Data{Instance: &calbell.Instance{Summary: "Plan", Description: notes}}
			message := renderText(t, calbell.KindKChat, "", d)
			checkLinks(t, message, address, mattermostLinks(message))
			if seen := strings.ReplaceAll(plainText(message), breaker, ""); !strings.Contains(seen, strings.TrimSpace(before(notes, "\n"))) && !strings.Contains(address, "@") && !strings.Contains(address, "copy;") && !strings.Contains(address, "$") {
				t.Errorf("%q: a reader sees %q", notes, seen)
			}
			message = renderText(t, calbell.KindSlack, "", d)
			checkLinks(t, message, address, slackLinks(message))
		}
	}
}

// Marks that stand in pairs in an address end it only where one of them stands before it.
func TestMarksThatEndAnAddress(t *testing.T) {
	for _, c := range []struct{ notes, address string }{
		{"https://example.org/*x*", "https://example.org/*x*"},
		{"see https://example.org/_a_ now", "https://example.org/_a_"},
		{"https://example.org/__init__, or", "https://example.org/__init__"},
		{"_see https://example.org/a_b_", "https://example.org/a_b"},
		{"~~see https://example.org/~ben~~", "https://example.org/~ben"},
		{"*https://example.org/*x**", "https://example.org/*x"},
	} {
		d := Data{Instance: &calbell.Instance{Description: c.notes}}
		message := renderText(t, calbell.KindKChat, "%description%", d)
		checkLinks(t, message, c.address, mattermostLinks(message))
	}
}

// checkLinks compares the only link of a message with the address that it is to lead to.
func checkLinks(t *testing.T, message, address string, links []string) {
	t.Helper()
	for i, l := range links {
		links[i] = strings.NewReplacer("%40", "@", "%3B", ";", "%24", "$").Replace(l)
	}
	if !slices.Equal(links, []string{address}) {
		t.Errorf("links %q, want %q, in %q", links, address, message)
	}
}
