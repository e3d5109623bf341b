package plan

import (
	"time"

	"calbell"
)

// MaxLate limits how late a reminder is posted to a webhook that wants missed ones too.
const MaxLate = 30 * 24 * time.Hour

// The policies for what nobody could send in time ([calbell.Webhook.Missed]).
const (
	missedDigest = "digest"
	missedSend   = "send"
)

// TellsMissed reports whether reminders that were missed are listed in a notice, by the policy of
// their webhook.
func TellsMissed(missed string) bool { return missed == "" || missed == missedDigest }

// Deadline is the end of a delivery's worth: the later of the late window and the end of
// its instance, at most a day after its worth began to count (see [calbell.Delivery.Counts]).
// missed is the policy of its webhook; "send" makes that a month.
func Deadline(d calbell.Delivery, lateWindow time.Duration, missed string) time.Time {
	from := d.Counts()
	// What was missed in an outage of days is told when it is over.
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
