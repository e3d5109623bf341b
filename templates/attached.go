package templates

import "calbell"

// attachedRounds bounds how often attachments are rendered again, shorter each time.
const attachedRounds = 6

// attached renders the attachments. What the chat does not take as a whole is rendered again with
// shorter texts, so that a long event is shortened and not refused.
func (h *Hook) attached(s *scope) any {
	render := func() any {
		if h.card {
			return s.card()
		}
		return s.tree(h.attachments)
	}
	full, all := s.limit, render()
	for range attachedRounds {
		size, most := h.chat.SizeOf(all), h.chat.Attached
		if most == 0 || size <= most || full > calbell.MaxMessageRunes || s.limit <= calbell.MinMaxLength {
			break
		}
		s.limit = max(calbell.MinMaxLength, s.limit*most/size*9/10)
		all = render()
	}
	s.limit = full
	return all
}
