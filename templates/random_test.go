package templates

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"

	"calbell"
)

var rounds = flag.Int("rounds", 2000, "messages of random marks that TestRandomMarks makes")

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
	return b.String()
}

// harmlessText is a word in place of a text, or nothing in place of nothing.
func harmlessText(shown string) string {
	switch {
	case shown == "":
		return ""
	case isWeb(shown):
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
			*field.harmless = harmlessText(clean(*field.got, false))
		}
		in.Description = randomText(r)
		same.Description = harmlessText(clean((&scope{in: in}).description(), true))
		src := places[r.IntN(len(places))]
		for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack} {
			got, want := renderText(t, kind, src, Data{Instance: in}), renderText(t, kind, src, Data{Instance: same})
			if diff := difference(kind, got, want); diff != "" {
				t.Errorf("%s, %q: %s\n%q\n%q\n%s", kind, src, diff, in.Summary, in.Description, got)
			}
		}
	}
}
