package web

import (
	"calbell"
	"calbell/api/types"
	"calbell/web/form"
)

// webhookChoices are the webhooks that the viewer sees; none is the text of choosing none.
func (v *view) webhookChoices(chosen, none string) []form.Choice {
	return webhookChoices(v.Status.Webhooks, chosen, none)
}

// webhooksFor are those of webhookChoices to which reminders of every one of these accounts may
// go: what is offered is what works.
func (v *view) webhooksFor(chosen, none string, accounts ...string) ([]form.Choice, error) {
	rows, err := v.site.s.Webhooks.ListFor(v.ctx(), v.Who, accounts...)
	return webhookChoices(rows, chosen, none), err
}

func webhookChoices(rows []types.WebhookRow, chosen, none string) []form.Choice {
	list := []form.Choice{{Value: "", Text: none}}
	for _, w := range rows {
		list = append(list, form.Choice{Value: string(w.ID), Text: w.Name, Chosen: string(w.ID) == chosen || chosen != "" && calbell.Slug(w.Name) == calbell.Slug(chosen)})
	}
	return list
}

// ownerChoices say whose something can be; none for those who are no admins, whose all that
// they make is. Who has no account of their own means the house's as a rule: else nothing
// would come of it.
func (v *view) ownerChoices(isNew bool, owner string) ([]form.Choice, error) {
	if !v.Who.Admin {
		return nil, nil
	}
	chosen := v.Trimmed("owner")
	switch {
	case chosen != "":
	case !isNew && owner == "":
		chosen = form.OwnerHouse
	case isNew:
		rows, err := v.site.s.Accounts.List(v.ctx(), v.Who)
		if err != nil {
			return nil, err
		}
		chosen = usualOwner(rows)
	}
	return v.OwnerChoices(chosen), nil
}

// usualOwner is whose an admin's new things are, by the accounts that they see.
func usualOwner(rows []types.AccountRow) string {
	house := false
	for _, a := range rows {
		if a.Owner != "" {
			return form.OwnerMe
		}
		house = true
	}
	if house {
		return form.OwnerHouse
	}
	return form.OwnerMe
}
