package templates

import (
	"strconv"
	"strings"

	"calbell"
	"calbell/templates/markup"

	"golang.org/x/net/html"
)

// maxTokens bounds the tags of one description; Outlook writes some thousand.
const maxTokens = 20000

// description is the event's notes, with HTML made readable and our own routing lines
// ("#remind …") left out: they speak to Calbell, not to people.
func (s *scope) description() string {
	text := Plain(s.in.Description)
	if !strings.ContainsAny(text, "#_-=*~") { // neither a routing line nor a rule
		return text
	}
	var kept []string
	for line := range strings.SplitSeq(text, "\n") {
		switch word := strings.TrimSpace(line); {
		case calbell.IsRemindLine(line):
		case isRule(word):
			kept = append(kept, "———")
		default:
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// Plain returns a description as people read it: HTML, which Google and Outlook write, as
// text; other text is as it is. What is longer than any message is cut.
func Plain(description string) string {
	text := markup.Head(description)
	if looksLikeHTML(text) {
		return htmlText(text)
	}
	if strings.Contains(text, "&") { // Google writes "Q&amp;A" also where there is no tag
		text = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#39;", "'", "&nbsp;", " ").Replace(text)
	}
	return text
}

// isRule reports whether a line is drawn with one mark over and over, as Outlook draws one
// around an invitation to Teams.
func isRule(line string) bool {
	const shortest = 10
	return len(line) >= shortest && strings.IndexByte("_-=*~", line[0]) >= 0 && run(line, line[0]) == len(line)
}

// looksLikeHTML reports whether a text has tags that calendars write. "a < b" and
// "<anna@example.org>" have none.
func looksLikeHTML(text string) bool {
	last := strings.LastIndexByte(text, '>')
	for i := 0; i < last; i++ {
		at := strings.IndexByte(text[i:last], '<')
		if at < 0 {
			return false
		}
		i += at
		if isFormatting(tagName(strings.TrimPrefix(text[i+1:], "/"))) {
			return true
		}
	}
	return false
}

// tagName returns the letters and digits at the beginning of s; "" when something else
// follows than what may follow a tag's name.
func tagName(s string) string {
	end := 0
	for end < len(s) && end < 12 && (s[end]|0x20 >= 'a' && s[end]|0x20 <= 'z' || s[end] >= '0' && s[end] <= '9' || s[end] == '!') {
		end++
	}
	if end == len(s) || !strings.ContainsRune(" \t\r\n/>", rune(s[end])) {
		return ""
	}
	return strings.ToLower(s[:end])
}

// isFormatting knows the elements that calendars write; "<team>" is no HTML.
func isFormatting(name string) bool {
	switch name {
	case "html", "!doctype", "body", "head", "p", "br", "div", "span", "a", "b", "i", "u", "s", "ul", "ol", "li", "strong", "em",
		"table", "tr", "td", "th", "tbody", "h1", "h2", "h3", "h4", "h5", "h6", "font", "pre", "blockquote", "hr", "img", "code", "small":
		return true
	}
	return false
}

// htmlText reads HTML as text: blocks become lines, items get a dash, a link shows its
// address beside its words.
func htmlText(src string) string {
	z := html.NewTokenizer(strings.NewReader(markup.Head(src)))
	w := &htmlWriter{lines: !hasBlocks(src)}
	for range maxTokens {
		switch z.Next() {
		case html.ErrorToken:
			w.closeLink()
			return strings.TrimSpace(w.b.String())
		case html.TextToken:
			if w.hidden == "" {
				w.words(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			w.open(t)
		case html.EndTagToken:
			name, _ := z.TagName()
			w.close(string(name))
		}
	}
	return strings.TrimSpace(w.b.String())
}

// htmlWriter lays text out.
type htmlWriter struct {
	b       strings.Builder
	newline int    // newlines owed before the next word
	space   bool   // a space owed before the next word
	hidden  string // the element whose content is not shown
	pre     int    // depth of <pre>
	lines   bool   // newlines in the text count
	item    bool   // the mark of a list item is written, and nothing after it
	lists   []int  // those that are open: the number of the next item, or bulleted
	href    string // of the link that is open
	linkAt  int    // where its words begin
}

// words adds running text: white space counts as one space.
func (w *htmlWriter) words(text string) {
	if w.pre > 0 {
		w.raw(text)
		return
	}
	text = strings.ReplaceAll(text, "\u00a0", " ")
	for _, r := range text {
		switch {
		case r == '\n' && w.lines:
			w.newline++
		case r == ' ' || r == '\t' || r == '\r' || r == '\n':
			w.space = true
		default:
			w.rune(r)
		}
	}
}

// hasBlocks reports whether a text is laid out by tags. Else it is plain text with a bold
// word or a link in it, as some calendars write it, and its newlines count.
func hasBlocks(src string) bool {
	src = strings.ToLower(markup.Head(src))
	for _, tag := range []string{"<br", "<p>", "<p ", "<div", "<li", "<tr", "<html", "<body"} {
		if strings.Contains(src, tag) {
			return true
		}
	}
	return false
}

// rune writes a character, after the blanks that are owed: space at the end of a block or
// before a line break is never written.
func (w *htmlWriter) rune(r rune) {
	switch {
	case w.b.Len() == 0:
	case w.newline > 0:
		w.b.WriteString(strings.Repeat("\n", min(w.newline, 2)))
	case w.space:
		w.b.WriteByte(' ')
	}
	w.newline, w.space, w.item = 0, false, false
	w.b.WriteRune(r)
}

// raw writes preformatted text.
func (w *htmlWriter) raw(text string) {
	if w.newline > 0 && w.b.Len() > 0 {
		w.b.WriteByte('\n')
	}
	w.newline, w.space = 0, false
	w.b.WriteString(text)
}

// open lays out for the element that begins here.
func (w *htmlWriter) open(t html.Token) {
	switch t.Data {
	case "p", "div", "span":
		if w.item { // the text of an item stands beside its dash
			return
		}
	}
	switch t.Data {
	case "script", "style", "title", "head", "template":
		if t.Type == html.StartTagToken && w.hidden == "" {
			w.hidden = t.Data
		}
	case "br":
		w.newline++
	case "ul", "ol":
		w.openList(t)
		w.newline = max(w.newline, 2)
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote", "hr":
		w.newline = max(w.newline, 2)
	case "pre":
		w.newline = max(w.newline, 1)
		w.pre++
	case "div", "tr":
		w.newline = max(w.newline, 1)
	case "li":
		w.newline = 1
		w.itemMark(t)
		w.space, w.item = true, true
	case "td", "th":
		w.space = true
	case "a":
		w.closeLink()
		w.href, w.linkAt = attribute(t, "href"), w.b.Len()
	}
}

// close lays out for the element that ends here. Ends without a beginning are harmless.
func (w *htmlWriter) close(name string) {
	switch name {
	case w.hidden:
		w.hidden = ""
	case "br": // browsers read it as <br>
		w.newline++
	case "ul", "ol":
		w.lists = w.lists[:max(len(w.lists)-1, 0)]
		w.newline = max(w.newline, 2)
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote":
		w.newline = max(w.newline, 2)
	case "pre":
		w.newline = max(w.newline, 1)
		w.pre = max(w.pre-1, 0)
	case "div", "tr", "li":
		w.newline = max(w.newline, 1)
	case "a":
		w.closeLink()
	}
}

// bulleted stands for the number of items that have none.
const bulleted = -1

// openList begins a list, numbered from its "start" on or without numbers.
func (w *htmlWriter) openList(t html.Token) {
	next := bulleted
	if t.Data == "ol" {
		next = ordinal(attribute(t, "start"), 1)
	}
	w.lists = append(w.lists, next)
}

// itemMark writes what stands before an item of the innermost list: its number, or a dash.
func (w *htmlWriter) itemMark(t html.Token) {
	if len(w.lists) == 0 || w.lists[len(w.lists)-1] == bulleted {
		w.rune('-')
		return
	}
	next := &w.lists[len(w.lists)-1]
	n := ordinal(attribute(t, "value"), *next)
	for _, r := range strconv.Itoa(n) + "." {
		w.rune(r)
	}
	*next = n + 1
}

// ordinal reads the number of an item; otherwise what is not one.
func ordinal(text string, otherwise int) int {
	const longest = 9 // digits of one that Markdown reads
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 || len(text) > longest {
		return otherwise
	}
	return n
}

// closeLink shows the address of a link, unless its words do.
func (w *htmlWriter) closeLink() {
	href := strings.TrimSpace(w.href)
	w.href = ""
	text := strings.TrimSpace(w.b.String()[min(w.linkAt, w.b.Len()):])
	bare := strings.TrimPrefix(href, "mailto:")
	switch {
	case !markup.IsWeb(href) && bare == href, sameAddress(text, bare):
	case text == "":
		w.space = true
		for _, r := range bare {
			w.rune(r)
		}
	default:
		w.b.WriteString(" (" + bare + ")")
	}
}

// sameAddress compares as people read: without scheme and closing slash.
func sameAddress(a, b string) bool {
	bare := func(s string) string {
		s = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(s), "https://"), "http://")
		return strings.TrimSuffix(s, "/")
	}
	return bare(a) == bare(b)
}

// attribute returns an attribute's value; "" when there is none.
func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
