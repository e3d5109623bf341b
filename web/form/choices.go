package form

import (
	"slices"

	"calbell"
)

// Choice is one entry of a drop-down list.
type Choice struct {
	Value, Text string
	Chosen      bool
}

// Choose marks the entry with that value as the chosen one.
func Choose(list []Choice, value string) []Choice {
	for i := range list {
		list[i].Chosen = list[i].Value == value
	}
	return list
}

// Offers reports whether a list has an entry with that value.
func Offers(list []Choice, value string) bool {
	return slices.ContainsFunc(list, func(c Choice) bool { return c.Value == value })
}

// Keep adds a stored value that is not in the list, so that saving the form does not change
// it.
func Keep(list []Choice, value string) []Choice {
	if value == "" || slices.ContainsFunc(list, func(c Choice) bool { return c.Chosen }) {
		return list
	}
	return append(list, Choice{Value: value, Text: value, Chosen: true})
}

// Chosen returns the value of the entry that a browser shows: the chosen one, else the
// first.
func Chosen(list []Choice) string {
	for _, c := range list {
		if c.Chosen {
			return c.Value
		}
	}
	if len(list) == 0 {
		return ""
	}
	return list[0].Value
}

// ModeChoices returns the ways in which our reminders combine with an event's own alarms.
func (f Form) ModeChoices(chosen calbell.Mode) []Choice {
	if chosen == "" {
		chosen = calbell.ModeFallback
	}
	var list []Choice
	for _, m := range []calbell.Mode{calbell.ModeFallback, calbell.ModeAdd, calbell.ModeReplace, calbell.ModeOff} {
		list = append(list, Choice{Value: string(m), Text: f.T("mode." + string(m))})
	}
	return Choose(list, string(chosen))
}
