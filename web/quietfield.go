package web

import (
	"strings"
	"time"

	"calbell"
)

// quiet reads the quiet hours: two times, and whether weekends are quiet as a whole. All empty are
// none. A program may send them as one text.
func (v fields) quiet(q **calbell.Quiet) error {
	*q = nil
	text := v.value("quiet")
	if !v.sent("quiet") {
		text = v.quietText()
	}
	if !v.sent("quiet") && (v.value("quiet_from") == "") != (v.value("quiet_to") == "") {
		return fieldError("quiet", "", &calbell.Error{Kind: calbell.KindUsage, What: v.T("webhook.quiet.both")})
	}
	if text == "" {
		return nil
	}
	read, err := calbell.ParseQuiet(text)
	if err != nil {
		return fieldError("quiet", calbell.HintOf(err), err)
	}
	*q = &read
	return nil
}

// quietText writes what the fields hold as [calbell.ParseQuiet] reads it.
func (v fields) quietText() string {
	var words []string
	from, to := v.value("quiet_from"), v.value("quiet_to")
	if from != "" || to != "" {
		words = append(words, from+"-"+to)
	}
	if v.value("quiet_weekends") != "" {
		words = append(words, "working", v.value("quiet_working"))
	}
	if len(words) > 0 && v.value("quiet_drop") != "" {
		words = append(words, "drop")
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

// quietField is what the fields of the quiet hours hold.
type quietField struct {
	From, To       string
	Weekends, Drop bool
	Working        string // the days that are no weekend, where they were named: "mon,tue"; "": the usual five
	Days           string // the same in words
}

// Quiet are the quiet hours as the fields hold them: as they were sent, else as they are stored.
func (p webhookForm) Quiet() (f quietField) {
	if p.F.Quiet == nil {
		return quietField{
			From: p.value("quiet_from"), To: p.value("quiet_to"), Weekends: p.value("quiet_weekends") != "", Drop: p.value("quiet_drop") != "",
		}
	}
	q := *p.F.Quiet
	if q.From != q.To {
		f.From, f.To = p.Clock(time.Time{}.Add(q.From)), p.Clock(time.Time{}.Add(q.To))
	}
	f.Weekends, f.Drop = q.WorkingDays, q.Drop
	if q.WorkingDays && len(q.Working) > 0 {
		var days []string
		for _, d := range q.Working {
			days = append(days, p.WeekDay(time.Date(2006, 1, 1+int(d), 0, 0, 0, 0, time.UTC))) // a Sunday and on
		}
		f.Days = strings.Join(days, ", ")
		f.Working = strings.TrimPrefix(calbell.Quiet{WorkingDays: true, Working: q.Working}.String(), "working ")
	}
	return f
}
