package types

import (
	"calbell"
)

// NewRule is the request to store or to change a rule.
type NewRule struct {
	Name     string `json:"name" minLength:"1" maxLength:"200"`
	Position int    `json:"position,omitempty" doc:"Among the stored rules, lowest first" minimum:"-100000" maximum:"100000"`
	calbell.RuleSpec
	// MinDuration and MaxDuration use the notation of leads: 30m, 2h, 1d.
	MinDuration string `json:"min_duration,omitempty" doc:"30m, 2h, 1d" maxLength:"20"`
	MaxDuration string `json:"max_duration,omitempty" doc:"30m, 2h, 1d" maxLength:"20"`

	// Owner is the user whom the rule belongs to: nil the caller, "" the admins.
	Owner *string `json:"owner,omitempty" doc:"Absent: the caller's; empty: the admins'" maxLength:"200"`
}

// RuleEntry is a rule as lists show it. One of the file has no ID.
type RuleEntry struct {
	calbell.StoredRule
	// MinDuration and MaxDuration use the notation of leads: 30m, 2h, 1d.
	MinDuration string `json:"min_duration,omitempty"`
	MaxDuration string `json:"max_duration,omitempty"`

	Origin   calbell.Origin `json:"origin"`
	Editable bool           `json:"editable"`
	ETag     string         `json:"etag,omitempty"`
}

// RuleRow is the result of testing a rule on an event.
type RuleRow struct {
	calbell.Rule
	MinDuration string `json:"min_duration,omitempty"` // as people write it
	MaxDuration string `json:"max_duration,omitempty"`

	Matches bool   `json:"matches"`
	Decides bool   `json:"decides"`          // it is the first that matches
	Misses  string `json:"misses,omitempty"` // the condition that does not match
}
