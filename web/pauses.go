package web

import (
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/web/form"
)

// pauseRoutes registers the page of pauses.
func (w *site) pauseRoutes() {
	w.page("GET /pauses", on(pausePages.pausePage))
	w.page("POST /pauses", on(pausePages.pause))
	w.page("POST /pauses/end", on(pausePages.endPause))
}

// pausePage is the list of pauses, and the form for a new one.
type pausePage struct {
	pausePages
	What  []form.Choice
	Until []form.Choice
}

// Of returns the scope of a pause as the form that ends it sends it.
func (p pausePage) Of(row types.PauseRow) string {
	return "calendar:" + string(row.Calendar) + " webhook:" + string(row.Webhook)
}

func (v pausePages) pausePage() error {
	p := pausePage{pausePages: v}
	if v.Who.Admin {
		p.What = append(p.What, form.Choice{Value: "everything", Text: v.T("pauses.everything")})
	}
	for _, c := range v.Status.Calendars {
		p.What = append(p.What, form.Choice{Value: "calendar:" + string(c.ID), Text: v.T("calendar") + " " + c.Name})
	}
	for _, w := range v.Status.Webhooks {
		if w.Editable || v.Who.Admin {
			p.What = append(p.What, form.Choice{Value: "webhook:" + string(w.ID), Text: v.T("webhook") + " " + w.Name})
		}
	}
	form.Choose(p.What, v.Trimmed("what"))
	for _, key := range []string{"1h", "evening", "morning", "monday", "week", "own"} {
		if key == "own" || v.until(key, "").After(v.Now) {
			p.Until = append(p.Until, form.Choice{Value: key, Text: v.T("pauses." + key)})
		}
	}
	form.Choose(p.Until, v.Trimmed("for"))
	return v.show("pauses", v.T("pauses.title"), p)
}

// until returns the end for a choice of the form; zero for an invalid one.
func (v pausePages) until(choice, own string) time.Time {
	day := func(days, hour int) time.Time {
		return time.Date(v.Now.Year(), v.Now.Month(), v.Now.Day()+days, hour, 0, 0, 0, v.Zone)
	}
	switch choice {
	case "1h":
		return v.Now.Add(time.Hour)
	case "evening":
		return day(0, 18)
	case "morning":
		return day(1, 8)
	case "monday":
		return day(7-(int(v.Now.Weekday())+6)%7, 8)
	case "week":
		return v.Now.AddDate(0, 0, 7)
	}
	t, _ := time.ParseInLocation("2006-01-02T15:04", own, v.Zone) // zero for an invalid time
	return t
}

func (v pausePages) pause() error {
	r := pauseOf(v.Trimmed("what"))
	r.Until = v.until(v.Trimmed("for"), v.Trimmed("until"))
	if !r.Until.After(v.Now) {
		return v.again(&calbell.Error{
			Kind: calbell.KindUsage, What: calbell.Plain(v.T("pauses.past")), Fields: []calbell.FieldError{{Name: "until", What: calbell.Plain(v.T("pauses.past"))}},
		}, v.pausePage)
	}
	if _, err := v.site.s.Pauses.Set(v.ctx(), v.Who, "", r); err != nil {
		return v.again(err, v.pausePage)
	}
	return v.done("/pauses", "paused")
}

func (v pausePages) endPause() error {
	var r types.PauseRequest
	for _, part := range strings.Fields(v.Trimmed("of")) {
		one := pauseOf(part)
		r.Calendar, r.Webhook = r.Calendar+one.Calendar, r.Webhook+one.Webhook
	}
	if _, err := v.site.s.Pauses.Set(v.ctx(), v.Who, "", r); err != nil {
		return v.again(err, v.pausePage)
	}
	return v.done("/pauses", "resumed")
}

// pauseOf parses the scope that a form sends: a calendar, a webhook or everything.
func pauseOf(text string) (r types.PauseRequest) {
	kind, id, _ := strings.Cut(text, ":")
	switch kind {
	case "calendar":
		r.Calendar = id
	case "webhook":
		r.Webhook = id
	}
	return r
}
