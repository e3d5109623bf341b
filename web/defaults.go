package web

import (
	"calbell"
	"calbell/api/types"
)

// webhookChoices are the webhooks that the viewer sees; none is the text of choosing none.
func (v fields) webhookChoices(chosen, none string) []choice {
	return webhookChoices(v.Status.Webhooks, chosen, none)
}

// webhooksFor are those of webhookChoices to which reminders of every one of these accounts may
// go: what is offered is what works.
func (v fields) webhooksFor(chosen, none string, accounts ...string) ([]choice, error) {
	rows, err := v.site.s.Webhooks.ListFor(v.ctx(), v.Who, accounts...)
	return webhookChoices(rows, chosen, none), err
}

func webhookChoices(rows []types.WebhookRow, chosen, none string) []choice {
	list := []choice{{Value: "", Text: none}}
	for _, w := range rows {
		list = append(list, choice{Value: string(w.ID), Text: w.Name, Chosen: string(w.ID) == chosen || chosen != "" && calbell.Slug(w.Name) == calbell.Slug(chosen)})
	}
	return list
}

// modeChoices are how reminders of ours go together with an event's own alarms.
func (v fields) modeChoices(chosen calbell.Mode) []choice {
	if chosen == "" {
		chosen = calbell.ModeFallback
	}
	var list []choice
	for _, m := range []calbell.Mode{calbell.ModeFallback, calbell.ModeAdd, calbell.ModeReplace, calbell.ModeOff} {
		list = append(list, choice{Value: string(m), Text: v.T("mode." + string(m))})
	}
	return choose(list, string(chosen))
}
