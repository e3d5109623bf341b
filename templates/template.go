package templates

import (
	"time"

	"calbell"
	"calbell/templates/markup"
	"calbell/webhook/dialect"
)

// Default is the template of a kchat webhook that has none: what, when and where in two
// lines, then the way to join and the notes, where there are any.
const Default = "**%subject%**\n%date%[[, %location%]]\n[[%link%\n]]%description%"

// DefaultSlack is [Default] in Slack's dialect, where one asterisk makes bold.
const DefaultSlack = "*%subject%*\n%date%[[, %location%]]\n[[%link%\n]]%description%"

// DefaultJSON is [Default] for receivers that show plain text.
const DefaultJSON = "%subject%\n%date%[[, %location%]]\n[[%link%\n]]%description%"

// DefaultFor returns the message, in a markup, of a webhook that has none of its own.
func DefaultFor(m markup.Markup) string {
	switch m {
	case markup.Mrkdwn:
		return DefaultSlack
	case markup.None:
		return DefaultJSON
	}
	return Default
}

// Data is what one message is about.
type Data struct {
	ID       calbell.ReminderID
	Instance *calbell.Instance // not changed; nil renders as an instance without properties
	Alarm    calbell.Alarm
	Calendar string         // name of the calendar
	Due      time.Time      // when the reminder fell due
	Now      time.Time      // when it is rendered; from one minute after Due on, it is late
	Zone     *time.Location // the reader's; nil = UTC. A webhook's own zone wins
	Locale   string         // "en", "fr-CH", …; unknown ones fall back by language, then to en. A webhook's own wins
	Repeat   bool           // add the "(possible repeat)" line
	// Busy keeps the event's words back, and of the calendar what names it: only when it is.
	Busy bool
	// Notice is told in the place of the webhook's own text; nil for a reminder.
	Notice *calbell.Notice
	// Say says in the language of a locale the reason and the next step of a notice, which are
	// English; nil: they stay so.
	Say func(locale string, text calbell.Text) string
}

// Template is a compiled template. It may be used by many goroutines at once.
type Template struct {
	nodes []node
	size  int // nodes in all
}

// Render writes the text of a message for a kind of chat, late and repeat line included,
// in the language and zone of d. A webhook with more than a text has [Hook.Render].
func (t *Template) Render(kind calbell.WebhookKind, d Data) string {
	s := newScope(&d)
	s.chat = dialect.Of(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind}})
	return s.message(t)
}
