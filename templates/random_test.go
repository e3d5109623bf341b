package templates

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"calbell"
	"calbell/templates/markup"
)

var rounds = flag.Int("rounds", 600, "messages of random marks that TestRandomMarks makes")

// marks are the pieces that random values are made of.
var marks = []string{
	"`", "``", "```", "*", "**", "_", "__", "~", "~~", "~~~", "[", "]", "(", ")", "](", "][", "]:", "![", "<", ">", "|", "@",
	"channel", "all", "!", "#", "##", `\`, `\\`, "\n", "\n\n", " ", "  ", "    ", "a", "b1", "é", "1", ".", "-", "--", "---", "=", "==",
	":", "&", ";", "lt;", "amp", "https://evil.example/", "http://e", "www.evil.example", "$", "+", "\t", "&lt;", "&#64;", "<!channel>",
	"<@U1>", "<b>", "</", "<!--", "-->", "- ", "1. ", "> ", "# ", "[x]", "[ ]", "|---|", "anna@evil.example", "evil.example", "'", "\"", "{", "}", "^", "/", "?", "%", "%subject%", ",",
	"\u200b", "\u202e", "\u00a0", "…", "ftp://evil.example", "mailto:a@evil.example",
}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(12) {
		b.WriteString(marks[r.IntN(len(marks))])
	}
	if markup.Clean(b.String(), false) == "" {
		return "x" // a template may differ by what it leaves out
	}
	return b.String()
}

// templateMarks are the pieces that random templates are made of: what people write, and
// what nobody should.
var templateMarks = []string{
	"%subject%", "%subject%", "%subject%", "%location%", "%description%", "%organizer%", " ", " ", "\n", "\n\n", "a", "word ",
	" `", "` ", " ``", "\n```\n", "*", "**", "_", "~~", "[", "](", ")", "](https://example.org/", "<", ">", "|", "#", "\n# ", "\n> ", "\n- ", "\n1. ",
	"!", "(", ":", "\\", "-", "\n---\n", "\n| a | b |\n|---|---|\n| ", " |\n", "[[", "]]", " %subject|code%", "%description|quote%", "%location|bold%",
	"https://example.org/", "&", ";", "$", "\n    ", "\n~~~\n", " `y` ", "[docs](https://example.org)", "@%organizer% ", "\\%subject%", "[%subject%]",
}

// targets counts the links and images that lead to a text of the event.
func targets(message string) int {
	n := 0
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader([]byte(message)))
	_ = ast.Walk(doc, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		var target []byte
		switch node := node.(type) {
		case *ast.Link:
			target = node.Destination
		case *ast.Image:
			target = node.Destination
		}
		if entering && bytes.Contains(target, []byte("evil")) {
			n++
		}
		return ast.WalkContinue, nil
	})
	return n
}

// In a template that nobody would write, text of an event may lose marks of the template
// their power. It must not gain any: no link to where it wants, no mention, no tag.
func TestRandomTemplates(t *testing.T) {
	r := rand.New(rand.NewPCG(9, uint64(*rounds)))
	for range *rounds {
		in := &calbell.Instance{Summary: randomText(r), Location: randomText(r), Description: randomText(r)}
		in.Organizer.Name = randomText(r)
		same := &calbell.Instance{Summary: "evil", Location: "evil", Description: "evil", Organizer: calbell.Person{Name: "evil"}}
		var b strings.Builder
		for range 1 + r.IntN(10) {
			b.WriteString(templateMarks[r.IntN(len(templateMarks))])
		}
		for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack} {
			h, _ := CompileHookLenient(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind, Template: b.String()}})
			got, want := h.Render(Data{Instance: in}).Text, h.Render(Data{Instance: same}).Text
			diff := gained(kind, got, want)
			if diff != "" {
				t.Errorf("%s, %q: %s\n%q\n%q\n%s", kind, b.String(), diff, in.Summary, in.Description, got)
			}
		}
	}
}

// gained names the dangerous things that got has more of than want.
func gained(kind calbell.WebhookKind, got, want string) string {
	counts, harmless := judge(kind, got), judge(kind, want)
	if kind == calbell.KindKChat {
		counts["target"], harmless["target"] = targets(got), targets(want)
	}
	for _, k := range []string{"target", "mention", "group mention", "slack form", "RawHTML", "HTMLBlock", "control"} {
		if counts[k] > harmless[k] {
			return fmt.Sprintf("%s: %d, want %d", k, counts[k], harmless[k])
		}
	}
	return ""
}

// harmlessText is a word in place of a text, or nothing in place of nothing.
func harmlessText(shown string) string {
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

func TestRandomMarks(t *testing.T) {
	r := rand.New(rand.NewPCG(7, uint64(*rounds)))
	for range *rounds {
		in, same := &calbell.Instance{}, &calbell.Instance{}
		for _, field := range []struct{ got, harmless *string }{
			{&in.Summary, &same.Summary}, {&in.Location, &same.Location}, {&in.URL, &same.URL}, {&in.Organizer.Name, &same.Organizer.Name},
		} {
			*field.got = randomText(r)
			*field.harmless = harmlessText(markup.Clean(*field.got, false))
		}
		in.Description = randomText(r)
		same.Description = harmlessText(markup.Clean((&scope{in: in}).description(), true))
		src := places[r.IntN(len(places))]
		for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack} {
			got, want := renderText(t, kind, src, Data{Instance: in}), renderText(t, kind, src, Data{Instance: same})
			if diff := difference(kind, got, want); diff != "" {
				t.Errorf("%s, %q: %s\n%q\n%q\n%s", kind, src, diff, in.Summary, in.Description, got)
			}
		}
	}
}
