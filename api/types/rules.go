package types

import (
	"calbell"
)

// NewRule asks for a rule to be stored, or to be changed.
type NewRule struct {
	Name     string `json:"name" minLength:"1" maxLength:"200"`
	Position int    `json:"position,omitempty" doc:"Among the stored rules, lowest first" minimum:"-100000" maximum:"100000"`
	calbell.RuleSpec
	// MinDuration and MaxDuration are written as a lead is: 30m, 2h, 1d.
	MinDuration string `json:"min_duration,omitempty" doc:"30m, 2h, 1d" maxLength:"20"`
	MaxDuration string `json:"max_duration,omitempty" doc:"30m, 2h, 1d" maxLength:"20"`

	// Owner is whose it is: nil the caller's, "" the admins'.
	Owner *string `json:"owner,omitempty" doc:"Absent: the caller's; empty: the admins'" maxLength:"200"`
}

// RuleEntry is a rule as lists show it. One of the file has no ID.
type RuleEntry struct {
	calbell.StoredRule
	// MinDuration and MaxDuration are those of the rule as people write them: 30m, 2h, 1d.
	MinDuration string `json:"min_duration,omitempty"`
	MaxDuration string `json:"max_duration,omitempty"`

	Origin   calbell.Origin `json:"origin"`
	Editable bool           `json:"editable"`
	ETag     string         `json:"etag,omitempty"`
}

// RuleRow is what a rule makes of an event.
type RuleRow struct {
	calbell.Rule
	MinDuration string `json:"min_duration,omitempty"` // as people write it
	MaxDuration string `json:"max_duration,omitempty"`

	Matches bool   `json:"matches"`
	Decides bool   `json:"decides"`          // it is the first that matches
	Misses  string `json:"misses,omitempty"` // the key of the rule that does not hold
}
