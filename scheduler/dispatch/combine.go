package dispatch

import (
	"strings"
	"time"
	"unicode/utf8"

	"calbell"
)

const (
	// combineFrom is the minimum number of reminders of one webhook and second that are
	// combined.
	combineFrom = 6
	// combineMost is the maximum number: more never fit into a message.
	combineMost = 100
)

// combines reports whether the webhook's reminders may share a message: its definition asks for
// it, and the message is only a text.
func (h *hook) combines() bool {
	return h.Combine && h.Attachments == nil && h.Blocks == nil && h.Style != "card" && h.Payload == nil && h.err == nil
}

// alone reports whether a reminder needs its own message: it is a notice, it may be a repeat
// and is marked as such, or a shared message was refused, perhaps because of this reminder.
func alone(c calbell.Claim) bool {
	n := len(c.Tries)
	return c.Notice != nil || c.PossibleRepeat || n > 0 && c.Tries[n-1].Verdict == calbell.MessageRefused
}

// bundles groups the claims that are to share a message; all others stay alone. It keeps the
// order, earliest first.
func (d *Dispatcher) bundles(claims []calbell.Claim) [][]calbell.Claim {
	type second struct {
		webhook calbell.WebhookID
		at      int64
	}
	many := map[second]int{}
	key := func(c calbell.Claim) second { return second{c.Webhook, c.Due.Unix()} }
	for _, c := range claims {
		if h := d.hooks[c.Webhook]; h != nil && h.combines() && !alone(c) {
			many[key(c)]++
		}
	}
	var out [][]calbell.Claim
	place := map[second]int{} // index in out of each second's bundle
	for _, c := range claims {
		k := key(c)
		if many[k] < combineFrom || alone(c) {
			out = append(out, []calbell.Claim{c})
			continue
		}
		i, begun := place[k]
		if !begun {
			i = len(out)
			place[k] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], c)
	}
	return out
}

// message renders the message of a job. Of several claims, those that do not fit, or have
// another channel or name, are left for the next message.
func (d *Dispatcher) message(j job, now time.Time) (m calbell.Message, left []calbell.Claim) {
	policy := d.policy()
	m = d.render(policy, j.claims[0], j.hook, now)
	texts, size, blank := []string{m.Text}, utf8.RuneCountInString(m.Text), strings.Contains(m.Text, "\n")
	for _, c := range j.claims[1:] {
		other := d.render(policy, c, j.hook, now)
		size += utf8.RuneCountInString(other.Text) + 2 // for a blank line in between
		if size > j.hook.Cut() || m.Envelope != other.Envelope {
			left = append(left, c)
			size -= utf8.RuneCountInString(other.Text) + 2
			continue
		}
		if other.NoPreviews && !m.NoPreviews { // in one post, previews appear for all
			m.NoPreviews, m.Attachments = true, other.Attachments
		}
		texts = append(texts, other.Text)
		blank = blank || strings.Contains(other.Text, "\n")
	}
	between := "\n"
	if blank {
		between = "\n\n"
	}
	m.Text = strings.Join(texts, between)
	return m, left
}
