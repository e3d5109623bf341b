package scheduler

import (
	"context"
	"fmt"
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

// combines says whether the webhook's reminders may share a message: its definition asks
// for it, and the message is nothing but a text.
func (h *hook) combines() bool {
	return h.Combine && h.Attachments == nil && h.Blocks == nil && h.Style != "card" && h.Payload == nil && h.err == nil
}

// alone says whether a reminder has a message of its own whatever its webhook says: it is news,
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
	planner := d.planner()
	m = d.render(planner, j.claims[0], j.hook, now)
	texts, size, blank := []string{m.Text}, utf8.RuneCountInString(m.Text), strings.Contains(m.Text, "\n")
	for _, c := range j.claims[1:] {
		other := d.render(planner, c, j.hook, now)
		size += utf8.RuneCountInString(other.Text) + 2 // a blank line between, at most
		if size > j.hook.Cut() || !sameEnvelope(m, other) {
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

// render makes a claim's message. An object that a library panics about leaves what was
// planned of it, subject and date: it takes down neither its reminder nor those beside it.
func (d *Dispatcher) render(p *Planner, c calbell.Claim, h *hook, now time.Time) (m calbell.Message) {
	defer func() {
		if v := recover(); v != nil && c.Object != nil {
			d.log.Error("an event could not be read for its reminder", "webhook", h.ID, "id", c.ID, "panic", fmt.Sprint(v))
			c.Object = nil
			m = p.Render(c, d.messages.of(h), now)
		} else if v != nil {
			panic(v)
		}
	}()
	c.Delivery = h.counted(c.Delivery)
	return p.Render(c, d.messages.of(h), now)
}

// sameEnvelope says whether two messages would appear in one place, as from one sender.
func sameEnvelope(a, b calbell.Message) bool {
	return a.Channel == b.Channel && a.Username == b.Username && a.IconURL == b.IconURL && a.IconEmoji == b.IconEmoji && a.Type == b.Type
}

// giveBack ends claims without a post: they fall due again as they were.
func (d *Dispatcher) giveBack(r result, claims []calbell.Claim, now time.Time) {
	for _, c := range claims {
		r.claim, r.try, r.ended = c, nil, now
		r.outcome = calbell.Outcome{ID: c.ID, Status: calbell.StatusPlanned, NextAt: c.NextAt}
		if c.Attempts > 0 || c.PossibleRepeat {
			r.outcome.Status = calbell.StatusWaiting
		}
		d.results <- r
	}
}

const (
	// lookAgain is how long a claim may wait for its turn before it is looked up once more:
	// its event may have been cancelled meanwhile.
	lookAgain = time.Second
	// oldClaim is how long it may wait at all: it must be posted and recorded within its lease.
	oldClaim = calbell.Lease / 2
)

// sendable parts the claims of a job that may still be posted from those that may not: all of
// them when the webhook has asked for a rest meanwhile.
func (d *Dispatcher) sendable(ctx context.Context, j job, now time.Time) (yes, no []calbell.Claim) {
	waited := now.Sub(j.note.ended)
	switch {
	case j.lane.resting(now) && !j.last || waited > oldClaim:
		return nil, j.claims
	case waited < lookAgain:
		return j.claims, nil
	}
	for _, c := range j.claims {
		// What cannot be looked up goes: a cancelled one too many is better than one lost.
		if stored, err := d.store.Delivery(ctx, c.ID); err == nil && !stored.Wanted() {
			no = append(no, c)
			continue
		}
		yes = append(yes, c)
	}
	return yes, no
}

// post makes an attempt and reports how it ended, for each reminder in it. What may not be
// posted any more is given back, and cancelled on the way when nothing wants it.
func (d *Dispatcher) post(ctx context.Context, j job) {
	begun := time.Now()
	send, back := d.sendable(ctx, j, begun)
	d.giveBack(j.note, back, begun)
	if j.claims = send; len(send) == 0 {
		return
	}
	try, left := d.attempt(ctx, j, begun)
	r := j.note
	r.try, r.ended = &try, time.Now()
	r.shared = len(j.claims)-len(left) > 1
	j.lane.learn(try, r.ended)
	sent := 0
	for _, c := range j.claims {
		if len(left) > 0 && left[0].ID == c.ID {
			left = left[1:]
			d.giveBack(j.note, []calbell.Claim{c}, r.ended)
			continue
		}
		r.claim, r.follows = c, sent > 0
		sent++
		d.results <- r
	}
}
