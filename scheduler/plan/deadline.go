package plan

import (
	"time"

	"calbell"
)

// MaxLate limits how late a missed reminder is posted to a webhook with missed: send.
const MaxLate = 30 * 24 * time.Hour

// The policies for reminders that could not be sent in time ([calbell.Webhook.Missed]).
const (
	missedDigest = "digest"
	missedSend   = "send"
)

// TellsMissed reports whether a webhook's policy lists missed reminders in a notice.
func TellsMissed(missed string) bool { return missed == "" || missed == missedDigest }

// Deadline returns when a delivery expires: the later of the late window and the end of its
// instance, at most a day after the start of its validity (see [calbell.Delivery.Counts]).
// missed is the policy of its webhook; "send" extends the limit to a month.
func Deadline(d calbell.Delivery, lateWindow time.Duration, missed string) time.Time {
	from := d.Counts()
	// Reminders missed in an outage of days are reported when it is over.
	digest := d.Notice != nil && d.Notice.Kind == calbell.NoticeMissed
	if digest || missed == missedSend && d.Notice == nil {
		return from.Add(MaxLate)
	}
	end := from.Add(lateWindow)
	if d.End.After(end) {
		end = d.End
	}
	if last := from.Add(calbell.MaxRetry); end.After(last) {
		end = last
	}
	return end
}
