package templates

import "calbell/templates/markup"

// styleCard is the style whose attachment is made here.
const styleCard = "card"

// cardColor is the bar beside a card.
const cardColor = "#2f6fde"

// cardWords are the labels of a card.
type cardWords struct{ when, where, join string }

// The parts of a card. They are read once and never written; a test sees to it that they
// compile.
var (
	cardSummary = own("[[%subject%, ]]%date%[[, %location%]]")
	cardWhen    = own("%date%[[ (%duration%)]]")
	cardWhere   = own("%location%")
	cardNotes   = own("%description%")
	cardLink    = own("%link%")

	cardCalendar = own("%calendar%")
)

// card is the attachment of "style: card": when and where side by side, the notes, and the
// way into the meeting. What an event does not have is left out.
func (s *scope) card() []any {
	fields := []any{cardField(s.loc.card.when, s.text(cardWhen))}
	if where := s.text(cardWhere); where != "" {
		fields = append(fields, cardField(s.loc.card.where, where))
	}
	summary := s.plain(cardSummary)
	if s.chat.Markup == markup.Mrkdwn {
		summary = s.text(cardSummary) // Slack reads <…> in every text
	}
	a := map[string]any{"color": cardColor, "fallback": summary, "fields": fields}
	if notes := s.text(cardNotes); notes != "" {
		a["text"] = notes
	}
	if link := s.plain(cardLink); markup.IsWeb(link) {
		a["title"], a["title_link"] = s.loc.card.join, link
	}
	return []any{a}
}

func cardField(title, value string) any {
	return map[string]any{"title": title, "value": value, "short": true}
}
