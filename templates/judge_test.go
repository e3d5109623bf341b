package templates

import (
	"bytes"
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"calbell"
	"calbell/templates/markup"
)

// breaker parts a sign from a name.
const breaker = "\u200b"

// The judges read a message as the chat does and report what in it has power.

// judgeMarkdown parses Markdown as GitHub's flavour and counts what is more than text.
// Links whose words are their address are left out: they disguise nothing.
func judgeMarkdown(message string) map[string]int {
	source := []byte(message)
	counts := make(map[string]int)
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch kind := n.Kind().String(); kind {
		case "Document", "Paragraph", "TextBlock", "Text", "String", "AutoLink":
		default:
			counts[kind]++
		}
		return ast.WalkContinue, nil
	})
	return counts
}

var (
	codeElement = regexp.MustCompile(`(?s)<pre>.*?</pre>|<code>.*?</code>`)
	anyTag      = regexp.MustCompile(`(?s)<[^>]*>`)
)

// plainText returns what a reader sees, without what stands in code, where nobody looks
// for mentions.
func plainText(message string) string {
	var b bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert([]byte(message), &b); err != nil {
		panic(err)
	}
	return html.UnescapeString(anyTag.ReplaceAllString(codeElement.ReplaceAllString(b.String(), " "), ""))
}

var (
	// mentionForm is what Mattermost's server and clients take for a mention.
	mentionForm = regexp.MustCompile(`(?i)(?:^|[^a-z0-9])@[a-z0-9._-]*[a-z0-9]`)
	groupForm   = regexp.MustCompile(`(?i)(?:^|[^a-z0-9])@(?:channel|all|here|everyone)\b`)
	// slackInMattermost are the forms that Mattermost translates before anything else.
	slackInMattermost = regexp.MustCompile(`<!(?:channel|here|all|everyone)>|<@[A-Za-z0-9]+>|<[^<|]+\|[^>]+>`)
)

// judgeKChat adds what Mattermost has beside Markdown.
func judgeKChat(message string) map[string]int {
	counts := judgeMarkdown(message)
	counts["mention"] = len(mentionForm.FindAllString(plainText(message), -1))
	counts["group mention"] = len(groupForm.FindAllString(message, -1))
	counts["slack form"] = len(slackInMattermost.FindAllString(message, -1))
	return counts
}

var (
	slackControl   = regexp.MustCompile(`<[^>\n]*>`)
	slackLink      = regexp.MustCompile(`<(?i:https?|ftp)://[^\s|<>]+>`) // shows where it leads
	slackEntity    = regexp.MustCompile(`&(?:amp|lt|gt);`)
	slackBlock     = regexp.MustCompile("(?s)```.+?```")
	slackCode      = regexp.MustCompile("`[^`\n]+`")
	slackQuote     = regexp.MustCompile(`(?m)(?:^ *(?:>|&gt;).*(?:\n|$))+`)
	slackQuoteMark = regexp.MustCompile(`(?m)^ *>`)
	slackAddress   = regexp.MustCompile(`https?://\S*[^\s*_~)]`)
	slackMarks     = map[string]*regexp.Regexp{"*": slackMark("*"), "_": slackMark("_"), "~": slackMark("~")}
)

func slackMark(mark string) *regexp.Regexp {
	q := regexp.QuoteMeta(mark)
	return regexp.MustCompile(`(?m)(?:^|[^\pL\pN` + q + `])` + q + `[^\s` + q + `](?:[^\n` + q + `]*[^\s` + q + `])?` + q + `(?:$|[^\pL\pN])`)
}

// judgeSlack reads mrkdwn by its documented rules: three entities, <…> for links and
// mentions, code first, then *bold*, _italic_ and ~strike~ at word boundaries in a line.
func judgeSlack(message string) map[string]int {
	counts := make(map[string]int)
	count := func(name string, re *regexp.Regexp, replacement string) {
		counts[name] = len(re.FindAllString(message, -1))
		message = re.ReplaceAllString(message, replacement)
	}
	count("block", slackBlock, "x")
	count("code", slackCode, "x")
	counts["group mention"] = len(groupForm.FindAllString(slackControl.ReplaceAllStringFunc(message, func(form string) string {
		if slackLink.MatchString(form) {
			return form
		}
		return "x"
	}), -1))
	message = slackLink.ReplaceAllString(message, "x")
	count("control", slackControl, "x")
	counts["quote"] = len(slackQuote.FindAllString(message, -1))
	message = slackQuoteMark.ReplaceAllString(message, "")
	message = slackEntity.ReplaceAllString(message, "x")
	counts["bare"] = strings.Count(message, "<") + strings.Count(message, ">") + strings.Count(message, "&")
	message = slackAddress.ReplaceAllString(message, "x")
	for mark, re := range slackMarks {
		counts["mark "+mark] = len(re.FindAllString(message, -1))
	}
	return counts
}

// judge returns what has power in a message of a kind; nothing has in json.
func judge(kind calbell.WebhookKind, message string) map[string]int {
	switch kind {
	case calbell.KindKChat:
		return judgeKChat(message)
	case calbell.KindSlack:
		return judgeSlack(message)
	}
	return nil
}

// difference names what message has more or less of than the harmless one.
func difference(kind calbell.WebhookKind, message, harmless string) string {
	got, want := judge(kind, message), judge(kind, harmless)
	var out []string
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if k == "control" && got[k] < want[k] {
			continue // an address in the template's own brackets, which shows where it leads
		}
		if got[k] != want[k] {
			out = append(out, fmt.Sprintf("%s: %d, want %d", k, got[k], want[k]))
		}
	}
	for k, n := range want {
		if _, ok := got[k]; !ok && n > 0 {
			out = append(out, fmt.Sprintf("%s: 0, want %d", k, n))
		}
	}
	return strings.Join(out, "; ")
}

// attackData puts one text into every field that a stranger writes.
func attackData(attack string) Data { return dataWith(attack, attack) }

// harmlessData has a word wherever the attack is printed: nothing where nothing of it
// is, two lines for several, an address for an address.
func harmlessData(text, description string) Data {
	harmless := func(shown string) string {
		switch {
		case shown == "":
			return ""
		case markup.IsWeb(shown):
			return "https://x.example/"
		case strings.Contains(shown, "\n"):
			return "x\ny"
		}
		return "x"
	}
	d := dataWith(text, description)
	description = markup.Clean(newScope(&d).description(), true)
	return dataWith(harmless(markup.Clean(text, false)), harmless(description))
}

func dataWith(text, description string) Data {
	start := time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)
	return Data{
		Due: start.Add(-15 * time.Minute), Now: start.Add(-15 * time.Minute), Calendar: text,
		Alarm: calbell.Alarm{Description: text},
		Instance: &calbell.Instance{
			UID: calbell.UID(text), Start: start, End: start.Add(time.Hour),
			Summary: text, Description: description, Location: text, URL: text,
			Categories: []string{text}, Organizer: calbell.Person{Name: text}, Status: text,
			Attendees: []calbell.Person{{Name: text}, {Address: text}},
		},
	}
}

// renderText renders one template for a kind.
func renderText(t testing.TB, kind calbell.WebhookKind, src string, d Data) string {
	t.Helper()
	h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind, Template: src}})
	if err != nil {
		t.Fatalf("compile %q: %v", src, err)
	}
	return h.Render(d).Text
}
