package form

import (
	"strings"
	"time"

	"calbell"
)

// ReadQuiet parses the quiet hours: two times, and whether weekends are quiet. Empty fields
// mean no quiet hours. Programs may send them as one text.
func (f Form) ReadQuiet(q **calbell.Quiet) error {
	*q = nil
	text := f.Trimmed("quiet")
	if !f.IsSent("quiet") {
		text = f.quietText()
	}
	if !f.IsSent("quiet") && (f.Trimmed("quiet_from") == "") != (f.Trimmed("quiet_to") == "") {
		return FieldError("quiet", calbell.Text{}, &calbell.Error{Kind: calbell.KindUsage, What: calbell.Plain(f.T("webhook.quiet.both"))})
	}
	if text == "" {
		return nil
	}
	read, err := calbell.ParseQuiet(text)
	if err != nil {
		return FieldError("quiet", calbell.HintOf(err), err)
	}
	*q = &read
	return nil
}

// quietText returns the fields in the notation of [calbell.ParseQuiet].
func (f Form) quietText() string {
	var words []string
	from, to := f.Trimmed("quiet_from"), f.Trimmed("quiet_to")
	if from != "" || to != "" {
		words = append(words, from+"-"+to)
	}
	if f.Checked("quiet_weekends") {
		words = append(words, "working", f.Trimmed("quiet_working"))
	}
	if len(words) > 0 && f.Checked("quiet_drop") {
		words = append(words, "drop")
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

// QuietField is the values of the fields of the quiet hours.
type QuietField struct {
	From, To       string
	Weekends, Drop bool
	Working        string // the working days, if they were given: "mon,tue"; "": the usual five
	Days           string // the same in words
}

// Quiet returns the fields of quiet hours with the sent values, else the stored ones.
func (f Form) Quiet(stored *calbell.Quiet) (held QuietField) {
	if stored == nil {
		return QuietField{
			From: f.Trimmed("quiet_from"), To: f.Trimmed("quiet_to"), Weekends: f.Checked("quiet_weekends"), Drop: f.Checked("quiet_drop"),
		}
	}
	q := *stored
	if q.From != q.To {
		held.From, held.To = f.Clock(time.Time{}.Add(q.From)), f.Clock(time.Time{}.Add(q.To))
	}
	held.Weekends, held.Drop = q.WorkingDays, q.Drop
	if q.WorkingDays && len(q.Working) > 0 {
		var days []string
		for _, d := range q.Working {
			days = append(days, f.WeekDay(time.Date(2006, 1, 1+int(d), 0, 0, 0, 0, time.UTC))) // 1 January 2006 was a Sunday
		}
		held.Days = strings.Join(days, ", ")
		held.Working = strings.TrimPrefix(calbell.Quiet{WorkingDays: true, Working: q.Working}.String(), "working ")
	}
	return held
}
