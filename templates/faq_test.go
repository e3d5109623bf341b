package templates

import (
	"strings"
	"testing"
	"time"

	"calbell"
)

// The four variables that people bring from Infomaniak's calendar, as they use them there.

func faqData(subject, location, description string) Data {
	zurich := mustZone("Europe/Zurich")
	start := time.Date(2026, 11, 23, 14, 0, 0, 0, zurich)
	return Data{Zone: zurich, Due: start.Add(-15 * time.Minute), Now: start.Add(-15 * time.Minute), Instance: &calbell.Instance{
		Start: start, End: start.Add(time.Hour), Summary: subject, Location: location, Description: description,
	}}
}

func TestFAQ(t *testing.T) {
	for _, c := range []struct {
		name, src string
		kind      calbell.WebhookKind
		d         Data
		want      string
	}{
		{
			"one line with a code span", "Reminder: `%subject%` on %date%", calbell.KindKChat, faqData("Sync", "", ""),
			"Reminder: `Sync` on Monday 23 November 2026, 14:00",
		}, {
			"two lines", "**%subject%**, %date%, %location%\n%description%\n", calbell.KindKChat, faqData("Sync", "Room 4", "Agenda"),
			"**Sync**, Monday 23 November 2026, 14:00, Room 4\nAgenda",
		}, {
			"two lines, the second empty", "**%subject%**, %date%, %location%\n%description%\n", calbell.KindKChat, faqData("Sync", "Room 4", ""),
			"**Sync**, Monday 23 November 2026, 14:00, Room 4",
		}, {
			"two lines, nothing but a title", "**%subject%**, %date%, %location%\n%description%\n", calbell.KindKChat, faqData("Sync", "", ""),
			"**Sync**, Monday 23 November 2026, 14:00,",
		}, {
			"three lines for slack", "*%subject%*\n%date% - %location%\n%description%", calbell.KindSlack, faqData("Q&A <1>", "Room 4", "Bring *all* figures"),
			"*Q&amp;A &lt;1&gt;*\nMonday 23 November 2026, 14:00 - Room 4\nBring ∗all∗ figures",
		}, {
			"ordinary text stays readable", "%subject%, %location%\n%description%", calbell.KindKChat,
			faqData("Q&A (50%) - part_1 v1.2, 3 * 4 > 2 & #5!", "Room 4 [west] ~20 m", "see https://example.org/a_b?x=1&y=[2] or anna@example.org"),
			"Q&A (50%) - part_1 v1.2, 3 * 4 > 2 & #5!, Room 4 [west] ~20 m\nsee <https://example.org/a_b?x=1&y=[2]> or anna@example.org",
		}, {
			"ordinary text in slack", "%subject%, %location%", calbell.KindSlack, faqData("part_1 * 2 ~ 3", "a*b c_d", ""),
			"part_1 * 2 ~ 3, a*b c_d",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := renderText(t, c.kind, c.src, c.d); got != c.want {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestFAQTable(t *testing.T) {
	src := "### Reminder\n\n| What | When | Where |\n|:-----|:----:|------:|\n| %subject% | %date% | `%location%` |\n"
	for _, d := range []Data{
		faqData("Sync", "Room 4", ""), faqData("a | b\n| c |", "x | `y` \\| z", ""), faqData("| --- |", "|", ""),
	} {
		counts := judgeMarkdown(renderText(t, calbell.KindKChat, src, d))
		if counts["Table"] != 1 || counts["TableRow"] != 1 || counts["TableCell"] != 6 || counts["CodeSpan"] != 1 || counts["Heading"] != 1 {
			t.Errorf("%q: %v", d.Instance.Summary, counts)
		}
	}
}

// The code span around the subject stays one code span that ends where it ended.
func TestCodeSpanStaysWhole(t *testing.T) {
	for name, attack := range attacks {
		got := renderText(t, calbell.KindKChat, "before `%subject%` after", faqData(attack, "", ""))
		inner, ok := strings.CutPrefix(got, "before `")
		inner, ok2 := strings.CutSuffix(inner, "` after")
		if !ok || !ok2 || strings.Contains(inner, "`") || strings.Contains(inner, "\n") || inner == "" {
			t.Errorf("%s: %q", name, got)
		}
		if counts := judgeMarkdown(got); counts["CodeSpan"] != 1 || len(counts) != 1 {
			t.Errorf("%s: %v in %q", name, counts, got)
		}
	}
}
