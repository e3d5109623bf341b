package record

import (
	"cmp"

	"calbell"
	"calbell/store"
)

// binding is a binding whose lead is stored as numbers: the text of a lead is for people, and
// has whole minutes only.
type binding struct {
	calbell.Binding
	Lead lead `json:"lead,omitzero"`
}

// lead is calbell.Lead without its text form.
type lead calbell.Lead

// Bindings returns the kind of bindings.
func Bindings() Kind[calbell.Binding] {
	k := newKind("binding", "binding", func(b *calbell.Binding) string { return string(b.ID) },
		func(b calbell.Binding) binding {
			b.MadeAt, b.GoneAt = b.MadeAt.UTC(), b.GoneAt.UTC()
			packTexts(&b.WriteError)
			return binding{b, lead(b.Lead)}
		},
		func(r binding) calbell.Binding {
			r.Binding.Lead = calbell.Lead(r.Lead)
			unpackTexts(&r.Binding.WriteError)
			return r.Binding
		})
	k.Groups = func(b *calbell.Binding) []store.Group {
		return []store.Group{store.OfAccount(b.Account), store.ToWebhook(b.Webhook)}
	}
	k.Order = func(a, b calbell.Binding) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.UID, b.UID), cmp.Compare(a.ID, b.ID))
	}
	return k
}
