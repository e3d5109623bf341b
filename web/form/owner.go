package form

// The values of the owner field: the user, or the admins together.
const OwnerMe, OwnerHouse = "me", "house"

// OwnerChoices returns the possible owners.
func (f Form) OwnerChoices(chosen string) []Choice {
	return Choose([]Choice{{Value: OwnerMe, Text: f.T("owner.me")}, {Value: OwnerHouse, Text: f.T("owner.house")}}, chosen)
}

// ReadOwner parses the owner field. me is the name of the sender; nil means that the form
// has no such field.
func (f Form) ReadOwner(me string) *string {
	switch f.Trimmed("owner") {
	case OwnerMe:
		return &me
	case OwnerHouse:
		return new(string)
	}
	return nil
}
