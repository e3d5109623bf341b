package form

// The values of the field that says whose something is.
const OwnerMe, OwnerHouse = "me", "house"

// OwnerChoices say whose something can be.
func (f Form) OwnerChoices(chosen string) []Choice {
	return Choose([]Choice{{Value: OwnerMe, Text: f.T("owner.me")}, {Value: OwnerHouse, Text: f.T("owner.house")}}, chosen)
}

// ReadOwner reads whose something is to be, of somebody called me; nil: the form does not say.
func (f Form) ReadOwner(me string) *string {
	switch f.Trimmed("owner") {
	case OwnerMe:
		return &me
	case OwnerHouse:
		return new(string)
	}
	return nil
}
