package templates

import (
	"calbell"
	"calbell/webhook/dialect"
)

// Chats show a picture of the first address of a message, or a card with a title that the
// other server chooses. Whoever writes the event would choose what the channel sees.

// headed notes whose addresses the text of the message has, which was written last.
func (s *scope) headed(text string) string {
	s.addressed = s.last.Addresses()
	return text
}

// previews sets what a message needs so that the chat shows none of what stands behind its
// addresses. Slack has a field for it. Mattermost shows none beside an attachment; there is
// one already, or a small one is made, which names the calendar.
func (h *Hook) previews(s *scope, m *calbell.Message) {
	a := s.addressed
	unwanted := a.Value
	if h.chat.Previews == dialect.PreviewsFirst {
		unwanted = a.Leader
	}
	if h.allowed != nil {
		unwanted = !*h.allowed && (a.Any || h.chat.Previews == dialect.PreviewsAll)
	}
	m.NoPreviews = unwanted && h.chat.Previews != dialect.PreviewsUnknown
	if m.NoPreviews && h.chat.Previews == dialect.PreviewsFirst && isNone(m.Attachments) {
		footer := "Calbell"
		if name := s.text(cardCalendar); s.d.Notice == nil && name != "" {
			footer = name
		}
		m.Attachments = []any{map[string]any{"color": cardColor, "footer": footer}}
	}
}

// isNone reports whether a message has no attachments.
func isNone(attachments any) bool {
	list, ok := attachments.([]any)
	return attachments == nil || ok && len(list) == 0
}
