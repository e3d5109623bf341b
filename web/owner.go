package web

import "calbell/api/types"

// The values of the field that says whose something is.
const ownerMe, ownerHouse = "me", "house"

// ownerChoices say whose something can be; none for those who are no admins, whose all that
// they make is. Who has no account of their own means the house's as a rule: else nothing
// would come of it.
func (v fields) ownerChoices(isNew bool, owner string) ([]choice, error) {
	if !v.Who.Admin {
		return nil, nil
	}
	chosen := v.value("owner")
	switch {
	case chosen != "":
	case !isNew && owner == "":
		chosen = ownerHouse
	case isNew:
		rows, err := v.site.s.Accounts.List(v.ctx(), v.Who)
		if err != nil {
			return nil, err
		}
		chosen = usualOwner(rows)
	}
	return choose([]choice{{Value: ownerMe, Text: v.T("owner.me")}, {Value: ownerHouse, Text: v.T("owner.house")}}, chosen), nil
}

// usualOwner is whose an admin's new things are, by the accounts that they see.
func usualOwner(rows []types.AccountRow) string {
	house := false
	for _, a := range rows {
		if a.Owner != "" {
			return ownerMe
		}
		house = true
	}
	if house {
		return ownerHouse
	}
	return ownerMe
}

// owner is whose something is to be, as the form says; nil: it does not say.
func (v fields) owner() *string {
	switch v.value("owner") {
	case ownerMe:
		return &v.Who.Name
	case ownerHouse:
		return new(string)
	}
	return nil
}
