package templates

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"calbell"
	"calbell/templates/dates"
	"calbell/webhook/dialect"
)

//go:generate go test -run ^TestMessagesPage$ -update

// TestMessagesPage writes the reference of messages from the tables of the code, with what
// each example becomes, and compares it with the page that people read.
func TestMessagesPage(t *testing.T) {
	const file = "../docs/messages.md"
	p := &page{t: t}
	p.language()
	p.days()
	p.safety()
	p.payload()
	p.notices()
	if *update {
		if err := os.WriteFile(file, []byte(p.b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(p.b.String(), "\n")); diff != "" {
		t.Errorf("%s is not current; go generate ./templates writes it (-page +code):\n%s", file, diff)
	}
}

// page is the reference as far as it is written.
type page struct {
	t *testing.T
	b strings.Builder
}

func (p *page) say(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

// row writes a table's row; bars and line ends would end a cell.
func (p *page) row(cells ...string) {
	for i, c := range cells {
		cells[i] = strings.NewReplacer("|", "\\|", "\n", " ⏎ ").Replace(c)
	}
	p.say("| %s |", strings.Join(cells, " | "))
}

// code writes a text as code, in a fence that it cannot close.
func (p *page) code(text string) { p.say("~~~~\n%s\n~~~~\n", text) }

// span writes a text as a code span; nothing stays nothing.
func span(text string) string {
	if text == "" {
		return ""
	}
	return "`` " + text + " ``"
}

// event is the sample that the examples show: Monday, 14:00 in Zurich, in 15 minutes.
func (p *page) event(name string) Data {
	zurich := mustZone("Europe/Zurich")
	d, ok := Sample(name, time.Date(2026, 11, 23, 13, 45, 0, 0, zurich), zurich)
	if !ok {
		p.t.Fatalf("no sample %q", name)
	}
	return d
}

func (p *page) text(w calbell.Webhook, d Data) string {
	if w.Name == "" {
		w.Name = "Team chat"
	}
	return hookText(p.t, w, d)
}

func (p *page) language() {
	p.say(`# Messages: what a template may say

A webhook's template is text with variables. Everything below is written by the program's
own tests from the tables that it works with, and every example was rendered by it.
%scalbell render%s shows what a template of yours becomes, without posting anything.

~~~~yaml
webhooks:
  - name: team
    template: |
      **%%subject%%**, %%date%%[[, %%location%%]]
      %%description%%
~~~~

## Variables

The examples are those of a meeting on Monday 23 November 2026, 14:00 to 15:30 in Zurich,
shown 15 minutes before.

| Variable | What it is | Example |
|---|---|---|`, "`", "`")
	for _, v := range Variables() {
		p.row("`%"+v.Name+"%`", v.Meaning, span(p.text(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindJSON, Template: "x%" + v.Name + "%"}}, p.event("timed"))[1:]))
	}
	p.say(`
A variable that the event has nothing for is empty. A name that does not exist is refused
when the webhook is saved, with its place and the nearest name; in a webhook that was
stored long ago it is printed as it stands.

%s is a percent sign; %s and %s need none, since no variable is called so.

A part in double square brackets is left out when all variables in it are empty:
%s has no comma when there is no place. Without a variable the
brackets are text.

## Modifiers

| Modifier | What it does | Example | Becomes |
|---|---|---|---|`, "`%%`", "`50% off`", "`%20`", "`%date%[[, %location%]]`")
	for _, m := range Modifiers() {
		p.row("`"+m.Name+"`", m.Meaning, span(m.Example), span(p.text(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: m.Example}}, p.event("timed"))))
	}
	p.say(`
Several are written one after the other: %s.
Values are never read again as templates: an event called %s shows exactly that.
`, span("%description|first-line|max:80%"), span("%location%"))
}

func (p *page) days() {
	p.say("## Dates and languages\n\nThe patterns are those of Unicode's CLDR %s. Times are in the webhook's zone; the zone of an\nevent is named where it is another one.\n", dates.CLDRVersion)
	p.say("| Locale | `%%date%%` | `%%start\\|short%%` | `%%when%%` | all day, two days |\n|---|---|---|---|---|")
	for _, l := range Locales() {
		w := func(src string) calbell.Webhook {
			return calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindJSON, Template: src, Locale: l}}
		}
		d := p.event("timed")
		p.row("`"+l+"`", p.text(w("%date%"), d), p.text(w("%start|short%"), d), p.text(w("%when%"), d), p.text(w("%date%"), p.event("all-day")))
	}
	d := p.event("timed")
	d.Now, d.Repeat = d.Now.Add(12*time.Minute), true
	p.say("\nA message that comes late, or that may have come before, says so in its last lines, in the\nwebhook's language:\n")
	p.code(p.text(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "%subject% at %time%"}}, d))
}

func (p *page) safety() {
	p.say(`## What event text cannot do

Whoever can send an invitation writes text that reaches the chat. In values, and only
there, Calbell takes the power from mentions, links that hide their address, images,
headings, tables and code, each by the rules of the webhook's kind. What would not be
rendered anyway stays as it is. The template's own text keeps all its power, unless the
webhook says %s: then it mentions nobody either.

| In an event's title | kchat | slack |
|---|---|---|`, "`mentions: deny`")
	for _, attack := range []string{
		"@channel", "<!channel>", "[your bank](https://example.org/trap)", "<https://example.org/trap|your bank>",
		"![x](https://example.org/x.png)", "# Heading", "`code`", "**bold** _it_", "Q&A <1>", "3 * 4, part_1, 50%", "mail ops@example.org",
	} {
		d := faqData(attack, "", "")
		p.row(span(attack), span(p.text(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "%subject%"}}, d)), span(p.text(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindSlack, Template: "%subject%"}}, d)))
	}
	p.say(`
An address stays a link to where it says. Where a mark follows it, or where its own brackets and
stars would end it, it is written in angle brackets, %s, which neither chat shows.
A value in an address of the template is written as a part of it: %s.
`, "`<https://example.org/room>`", "`https://example.org/?q=%subject%`")
	p.say(`
Chats show a picture, or a card with a title, of what stands behind an address; the other server
chooses both. So previews are off where event text has the address: in kchat the first one of the
message, the only one that is shown, and in slack any. In kchat an attachment sees to it; where there
is none, a small one names the calendar. Links stay links. %s forbids previews of all addresses,
%s allows them; beside attachments Mattermost shows none in any case.
`, "`previews: false`", "`previews: true`")
	p.say("\nA mention is parted by a space that takes no room. A template that puts the title into a\ncode span keeps one, whatever the title holds:\n")
	p.code("`%subject%`  →  " + p.text(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "`%subject%`"}}, faqData("a ``` b ` c", "", "")))
	p.say("A message is cut after %d characters, or `max_length` of the webhook, with an ellipsis and\nbetween whole characters; the template's own text stays whole. The attachments of one message are\nshortened to %d characters of JSON in kchat, as Mattermost before 6.0 takes no more, unless `max_length` is larger than %d.\n",
		calbell.MaxMessageRunes, dialect.Of(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}).Attached, calbell.MaxMessageRunes)
}

func (p *page) payload() {
	p.say("## The default message\n")
	for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack, calbell.KindJSON} {
		p.say("%s:\n", kind)
		p.code(defaultFor(dialect.Of(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind}}).Markup, false))
	}
	p.say("For each sample of `calbell render --sample` it becomes, in kchat:\n")
	for _, name := range Samples() {
		p.say("%s:\n", name)
		p.code(p.text(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}, p.event(name)))
	}
	h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Style: styleCard}})
	if err != nil {
		p.t.Fatal(err)
	}
	m := h.Render(p.event("timed"))
	card, err := json.MarshalIndent(map[string]any{"text": m.Text, "attachments": m.Attachments}, "", "  ")
	if err != nil {
		p.t.Fatal(err)
	}
	p.say(`## Payload

%s, %s, %s, %s and %s are posted under these names and
may hold variables, as may every text in %s. The channel is its name, not its
display name; %s is a direct message. A server may forbid to choose name and picture,
and the webhooks of Slack apps ignore them. %s must begin with %s. %s
sends the same as %s.

With %s the event is shown in an attachment too, whose labels speak the
webhook's language:
`, "`channel`", "`username`", "`icon_url`", "`icon_emoji`", "`type`", "`attachments`", "`@user`", "`type`", "`custom_`", "`encoding: form`", "`payload=<json>`", "`style: card`")
	p.code(string(card))
	p.say(`A webhook of kind slack may give %s, which Slack shows in the place of the text; the
text remains for notifications. What an event has nothing for is left out whole, a section,
a field or a button with an empty address, since Slack refuses a message for one empty
text; texts are cut to what a block takes; and a late or repeated message says so in one
more block. Event text is escaped by the rules of the part that it stands in: those of mrkdwn,
of Markdown in a block of type markdown, none in rich text and in what screen readers say. These
`, "`blocks`")
	p.code("blocks:\n  - type: section\n    text: {type: mrkdwn, text: \"*%subject%* %when%\"}\n  - type: section\n    text: {type: mrkdwn, text: \"%location%\"}\n  - type: actions\n    elements:\n      - {type: button, text: {type: plain_text, text: Join}, url: \"%link%\"}")
	p.say("become:\n")
	p.code(p.exampleBlocks())
	p.say("A webhook of kind json may give its whole body as `payload`, a tree whose texts are\ntemplates. Without one it is posted `{\"text\": …}`.\n")
}

func (p *page) notices() {
	p.say("## Calbell's own messages\n\nWhat was missed, and news of trouble, are told in the webhook's language. Its template is not\nused for them; channel, name and picture are.\n")
	one := calbell.Notice{
		Subject: "team", Reason: calbell.Plain("answered 404 Not Found: no_service"), Hint: calbell.Plain("make a new one in the chat"), Since: noticeSince,
		Items: missedNotice(2, 0).Items[:1], More: 1,
	}
	words := map[string][2]string{ // the program takes them from the words of the page
		"fr": {"a répondu 404 Not Found : no_service", "créez-en un nouveau dans la messagerie"},
		"de": {"antwortete 404 Not Found: no_service", "im Chat einen neuen anlegen"},
		"it": {"ha risposto 404 Not Found: no_service", "createne uno nuovo nella chat"},
	}
	missed := missedNotice(2, 3)
	for _, l := range []string{"en", "fr", "de", "it"} {
		for _, kind := range []calbell.NoticeKind{calbell.NoticeMissed, calbell.NoticeSuspended} {
			n := one
			n.Kind = kind
			if w, ok := words[l]; ok {
				n.Reason, n.Hint = calbell.Plain(w[0]), calbell.Plain(w[1])
			}
			if kind == calbell.NoticeMissed {
				n = missed
			}
			p.code(noticed(p.t, calbell.KindKChat, l, n).Text)
		}
	}
	p.digests()
	p.say("A program can tell them apart: kind json gets them as `{\"text\": …, \"notice\": {\"kind\": …}}`.")
}

func (p *page) digests() {
	p.say(`A digest is the agenda of a day or of several, and a correction says in one line that an
announced event takes place at another time, or not at all:
`)
	all := agendaNotices("Weekly review")
	for _, l := range []string{"en", "fr", "de", "it"} {
		for _, name := range []string{"agenda-day", "moved", "moved-today", "cancelled"} {
			p.code(noticed(p.t, calbell.KindKChat, l, all[name]).Text)
		}
	}
	p.say("A digest of several days has a heading for each day that has events:\n")
	p.code(noticed(p.t, calbell.KindKChat, "en", all["agenda-week"]).Text)
	p.say("Its first line and the line of each event may be templates of your own. The line knows\n%s;\nthe head %s, where the subject is the digest's\nname and the date its day or days.\n", namesOf(rowVariables()), namesOf(headVariables()))
}

// namesOf writes variables as code, some to a line.
func namesOf(names []string) string {
	var b strings.Builder
	for i, name := range names {
		switch {
		case i > 0 && i%8 == 0:
			b.WriteString("\n")
		case i > 0:
			b.WriteString(" ")
		}
		b.WriteString("`%" + name + "%`")
	}
	return b.String()
}

// exampleBlocks are the blocks of the page, rendered for the sample without a place.
func (p *page) exampleBlocks() string {
	text := func(kind, text string) map[string]any { return map[string]any{"type": kind, "text": text} }
	h, err := CompileHook(calbell.Webhook{
		WebhookSpec: calbell.WebhookSpec{
			Kind: calbell.KindSlack,
			Blocks: []any{
				map[string]any{"type": "section", "text": text("mrkdwn", "*%subject%* %when%")},
				map[string]any{"type": "section", "text": text("mrkdwn", "%location%")},
				map[string]any{"type": "actions", "elements": []any{map[string]any{"type": "button", "text": text("plain_text", "Join"), "url": "%link%"}}},
			},
		},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	d := p.event("timed")
	d.Instance.Location = ""
	b, err := json.MarshalIndent(h.Render(d).Blocks, "", "  ")
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}
