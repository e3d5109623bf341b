package record

import (
	"calbell"
)

// Binding is a binding with its lead in numbers: the text of a lead is for people, and
// says whole minutes only.
type Binding struct {
	calbell.Binding
	Lead Lead `json:"lead,omitzero"`
}

// Lead is calbell.Lead without its text form.
type Lead calbell.Lead
