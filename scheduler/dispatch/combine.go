package dispatch

import (
	"strings"
	"time"
	"unicode/utf8"

	"calbell"
)

const (
	// combineFrom is how many reminders of one webhook must fall due in one second for them
	// to become one message.
	combineFrom = 6
	// combineMost is how many may: more than fit into a message.
	combineMost = 100
)

// combines reports whether the webhook's reminders may share a message: its definition asks
// for it, and the message is nothing but a text.
func (h *hook) combines() bool {
	return h.Combine && h.Attachments == nil && h.Blocks == nil && h.Style != "card" && h.Payload == nil && h.err == nil
}

// alone reports whether a reminder has a message of its own whatever its webhook says: it is news,
// the mark of a repeat is about it alone, or a message with others in it was refused, perhaps
// because of this one.
func alone(c calbell.Claim) bool {
	n := len(c.Tries)
	return c.Notice != nil || c.PossibleRepeat || n > 0 && c.Tries[n-1].Verdict == calbell.MessageRefused
}

// bundles gathers the claims that are to share a message; all others stay alone. Claims come
// earliest first and stay so.
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
	place := map[second]int{} // where in out the bundle of a second is
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

// message renders what a job posts. Of several, those that do not fit, or that would appear
// elsewhere or as somebody else, are left for the next message.
func (d *Dispatcher) message(j job, now time.Time) (m calbell.Message, left []calbell.Claim) {
	policy := d.policy()
	m = d.render(policy, j.claims[0], j.hook, now)
	texts, size, blank := []string{m.Text}, utf8.RuneCountInString(m.Text), strings.Contains(m.Text, "\n")
	for _, c := range j.claims[1:] {
		other := d.render(policy, c, j.hook, now)
		size += utf8.RuneCountInString(other.Text) + 2 // a blank line between, at most
		if size > j.hook.Cut() || m.Envelope != other.Envelope {
			left = append(left, c)
			size -= utf8.RuneCountInString(other.Text) + 2
			continue
		}
		if other.NoPreviews && !m.NoPreviews { // in one post they would appear for all
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
