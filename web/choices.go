package web

import (
	"calbell"
	"calbell/api/types"
	"calbell/web/form"
)

// webhookChoices returns the webhooks that the viewer may use; none is the label for no
// webhook.
func (v *view) webhookChoices(chosen, none string) []form.Choice {
	return webhookChoices(v.Status.Webhooks, chosen, none)
}

// webhooksFor returns those of webhookChoices to which every one of the accounts may send,
// so that every choice works.
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

// ownerChoices returns the possible owners of a thing; nil for members, who own what they
// create. For an admin without accounts the default is the admins together, because a rule
// or webhook of their own would have no effect.
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

// usualOwner returns the default owner of an admin's new things, by the accounts that they
// may see.
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
