package templates

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"calbell"
	"calbell/webhook/dialect"
)

// Chats show a picture of the first address of a message, or a card with a title that the
// other server chooses. Whoever writes the event would choose what the channel sees.

// addresses tells whose addresses the text that was written last has.
type addresses struct {
	any    bool // there are some
	event  bool // there are some of event text
	leader bool // the first one is of event text
}

// stretch is a part of what was written that a value made.
type stretch struct{ from, to int }

// addresses surveys what was written. Of an address whose host a value writes, the value is the
// author.
func (w *writer) addresses(slack bool) addresses {
	var a addresses
	for i := range w.b {
		from, to := beginsAddress(w.b, i)
		if to == 0 {
			continue
		}
		theirs := w.byValue(from, to+1)
		a.leader = a.leader || theirs && !a.any
		a.any, a.event = true, a.event || theirs
	}
	for _, v := range w.written {
		a.event = a.event || slack && hasName(w.b[v.from:v.to])
	}
	// The server looks for no address in code: one of the template there takes no place.
	a.leader = a.leader || a.event && w.survey != nil && w.literal['`'] > 0
	return a
}

// beginsAddress returns where the beginning of an address stands, up to its host, whose colon or
// first letter is text[i]: a scheme, or "www" with up to three digits. to is 0 when there is none.
func beginsAddress(text []byte, i int) (from, to int) {
	switch {
	case text[i] == ':' && bytes.HasPrefix(text[i:], []byte("://")):
		for _, scheme := range []string{"https", "http", "ftp"} {
			if n := len(scheme); i >= n && strings.EqualFold(string(text[i-n:i]), scheme) {
				return i - n, i + len("://")
			}
		}
	case text[i] == 'w' && bytes.HasPrefix(text[i:], []byte("www")) && (i == 0 || !isAlnum(text[i-1])):
		const most = 3
		n := i + len("www")
		if n += min(most, digits(string(text[n:min(n+most, len(text))]))); n < len(text) && text[n] == '.' {
			return i, n + 1
		}
	}
	return 0, 0
}

// hasName reports whether a text has what could be the name of a host, of which Slack makes a
// link without a scheme too: a dot between a word and a letter.
func hasName(text []byte) bool {
	for i := 1; i+2 < len(text); i++ {
		if text[i] == '.' && text[i-1] > ' ' && isLetter(text[i+1]) && isLetter(text[i+2]) {
			return true
		}
	}
	return false
}

// isLetter takes what is not ASCII for a letter.
func isLetter(c byte) bool { return isASCIILetter(c) || c >= utf8.RuneSelf }

// byValue reports whether a value made a part of what stands from one place to the other.
func (w *writer) byValue(from, to int) bool {
	return slices.ContainsFunc(w.written, func(v stretch) bool { return from < v.to && to > v.from })
}

// headed notes whose addresses the text of the message has, which was written last.
func (s *scope) headed(text string) string {
	if s.chat.Markup != dialect.None {
		s.addressed = s.last.addresses(s.chat.Markup == dialect.Mrkdwn)
	}
	return text
}

// previews sets what a message needs so that the chat shows none of what stands behind its
// addresses. Slack has a field for it. Mattermost shows none beside an attachment; there is
// one already, or a small one is made, which names the calendar.
func (h *Hook) previews(s *scope, m *calbell.Message) {
	a := s.addressed
	unwanted := a.event
	if h.chat.Previews == dialect.PreviewsFirst {
		unwanted = a.leader
	}
	if h.allowed != nil {
		unwanted = !*h.allowed && (a.any || h.chat.Previews == dialect.PreviewsAll)
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
