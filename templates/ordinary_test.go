package templates

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"calbell"
)

// ordinary are texts as people write them, none of which means harm.
var ordinary = []string{
	"Board meeting", "1:1 Ana/Ben", "C++ and F# evening", "Lunch 11:45-12:30", "6*7 = 42", "Fee: $15 - $25", "M&M Inc. <draft>", "Q&A / demo",
	"v2.0.1_rc3", "__main__ walk-through", "build my_lib_v3", "**NEW** office", "~45 min retro", "[INT] Talk w/ Acme (int.)", "(maybe) trip",
	`"So-called" review`, "From Perl -> Raku", "TODO: call mum", "30% off", "#2 priority", "#offsite", "- bring chairs", "+ families", "3) Wrap-up",
	"> as discussed", "Tel +41 44 555 01 00", "Hall B | floor 3", "write to ana@example.org", "Tea @ 4pm", `share C:\docs\old`, `\\host\dir`, "a_1, a_2", "CO_2",
	"run`make`", "`grep` class", "1'200.75", "¼ h", "🎉 Party", "TBD...", "Later…", "--", "!?", "05/06", "2x4", "x<3y", "***", "Réunion « budget » : 18 h",
	"Spaß mit Größe (KW 7)", "„Abend“ für Zoë", "Perché sì? Città_3", "www.example.org", "example.org/path/to_x", "snake_case_ and _x", "2 * 3 * 4", "5 stars: ****",
}

// ordinaryNotes are notes of several lines, with the addresses in them that are to be links.
var ordinaryNotes = []struct {
	text  string
	links []string
}{
	{"Topics:\n- budget\n- people\n- else", nil},
	{"1. Hello\n2. Show\n3. Q&A", nil},
	{"* one\n* two", nil},
	{"Dear all,\n\nread https://example.org/doc/p_q_r.html first.\n\nBest,\nBen", []string{"https://example.org/doc/p_q_r.html"}},
	{"Dial +41 (44) 555-0100,,987654#\nPIN 987#", nil},
	{"Ana Muster <ana.muster@example.org>", nil},
	{"Join<https://meet.example.org/l/19%3aroom%40thread.v2/0?c=%7b%22x%22%7d>\nID: 9 8 7\nCode: aB*_1", []string{"https://meet.example.org/l/19%3aroom%40thread.v2/0?c=%7b%22x%22%7d"}},
	{"-::~:~::~:~::-\nVideo: https://video.example.org/abc-defg\n-::~:~::~:~::-", []string{"https://video.example.org/abc-defg"}},
	{"The plan (https://example.org/plan) and [issue X-1].", []string{"https://example.org/plan"}},
	{"x | y\n1 | 2", nil},
	{"Notes:\n   three blanks", nil},
	{"~~off~~ on\n= = =\nTitle\n====\nend", nil},
	{"See **https://example.org/room** or *https://example.org/b_*", []string{"https://example.org/room", "https://example.org/b"}},
	{"Plan: *https://example.org/a* | **https://example.org/b** > c", []string{"https://example.org/a", "https://example.org/b"}},
	{"Map: https://maps.example.org/@46.94,7.44,15z\nWiki: https://example.org/wiki/Bern_(Stadt)", []string{"https://maps.example.org/@46.94,7.44,15z", "https://example.org/wiki/Bern_(Stadt)"}},
	{"https://example.org/?f[]=1;g=2 | http://[2001:db8::5]/y", []string{"https://example.org/?f[]=1;g=2", "http://[2001:db8::5]/y"}},
}

// slackSeen is what a reader of Slack sees, lookalikes read as what they stand for.
func slackSeen(message string) string {
	message = regexp.MustCompile(`<([a-z]+://[^>|]*)>`).ReplaceAllString(message, "$1")
	message = strings.NewReplacer("∗", "*", "＿", "_", "∼", "~", "›", ">", "'", "`", breaker, "").Replace(message)
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(message)
}

// blanks are those that a reader does not count.
var blanks = regexp.MustCompile(`\s+`)

func squeezed(text string) string { return strings.TrimSpace(blanks.ReplaceAllString(text, " ")) }

// What people write reads as they wrote it, in each chat and in each place.
func TestOrdinaryTexts(t *testing.T) {
	texts := ordinary
	for _, n := range ordinaryNotes {
		texts = append(texts, n.text)
	}
	for _, src := range []string{"", "%subject%: %description%", "- %description%", "> %description%", "%subject|bold%", "| a |\n|---|\n| %location% |"} {
		for _, text := range texts {
			if strings.Contains(src, "---") && strings.Contains(text, "https://") {
				continue // beside bars of the template no brackets keep an address from a mark
			}
			d := Data{Instance: &calbell.Instance{Summary: text, Location: text, Description: text}}
			seen := strings.ReplaceAll(plainText(renderText(t, calbell.KindKChat, src, d)), breaker, "")
			if !strings.Contains(squeezed(seen), squeezed(text)) {
				t.Errorf("kchat, %q of %q: a reader sees %q", src, text, seen)
			}
			seen = strings.ReplaceAll(slackSeen(renderText(t, calbell.KindSlack, src, d)), "\n>", "\n")
			if !strings.Contains(squeezed(seen), squeezed(strings.ReplaceAll(text, "'", "`"))) {
				t.Errorf("slack, %q of %q: a reader sees %q", src, text, seen)
			}
		}
	}
}

func TestLinksOfOrdinaryNotes(t *testing.T) {
	for _, n := range ordinaryNotes {
		d := Data{Instance: &calbell.Instance{Summary: "Plan", Description: n.text}}
		for kind, links := range map[calbell.WebhookKind]func(string) []string{calbell.KindKChat: mattermostLinks, calbell.KindSlack: slackLinks} {
			message := renderText(t, kind, "", d)
			if got, want := fmt.Sprint(links(message)), fmt.Sprint(n.links); got != want {
				t.Errorf("%s, %q: links %s, want %s\n%s", kind, n.text, got, want, message)
			}
		}
	}
}
