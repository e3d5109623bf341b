package templates

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"calbell"
	"calbell/templates/dates"
)

// Variable describes a variable for help, suggestions and the page's chips.
type Variable struct {
	Name    string
	Meaning string
	Example string // in English, for a meeting
}

// shape says what a variable's values look like, and so which modifiers fit.
type shape int

const (
	oneLine   shape = iota // text; newlines are folded
	lines                  // text that keeps its lines
	localised              // words that we write in the reader's language
	moments                // a day, a time or both
	address                // a URL
)

// variable is one entry of the language.
type variable struct {
	Variable
	shape shape
	// text gives the value; used when moment is nil.
	text func(*scope) string
	// moment gives the instant of a date variable.
	moment func(calbell.Span) dates.Moment
}

// Variables lists the variables in the order in which people meet them.
func Variables() []Variable {
	out := make([]Variable, 0, len(vocabulary()))
	for _, v := range vocabulary() {
		out = append(out, v.Variable)
	}
	return out
}

// vocabulary builds the table. It is built once, into variables.
func vocabulary() []variable {
	return slices.Concat(seedVariables(), timeVariables(), peopleVariables(), detailVariables())
}

// variables finds a variable by name. It is never written after start.
var variables = indexVariables()

// indexVariables makes the one table that help, suggestions and parser share.
func indexVariables() map[string]*variable {
	index := make(map[string]*variable)
	for _, v := range vocabulary() {
		index[v.Name] = &v
	}
	return index
}

// variableNames lists the names in a stable order, so that suggestions are stable too.
func variableNames() []string { return slices.Sorted(maps.Keys(variables)) }

// textVariable describes a variable whose value is text.
func textVariable(name, meaning, example string, s shape, text func(*scope) string) variable {
	return variable{Variable: Variable{name, meaning, example}, shape: s, text: text}
}

// momentVariable describes a variable whose value is a day or a time: how it is written
// depends on the modifiers, so the value stays an instant until then.
func momentVariable(name, meaning, example string, m func(calbell.Span) dates.Moment) variable {
	return variable{Variable: Variable{name, meaning, example}, shape: moments, moment: m}
}

// seedVariables are the four that people bring from Infomaniak's calendar, and an alias.
func seedVariables() []variable {
	subject := func(s *scope) string { return s.in.Summary }
	return []variable{
		textVariable("subject", "what the event is called", "Weekly review", oneLine, subject),
		momentVariable("date", "the day with the start time; the day or days of an all-day event", "Monday 23 November 2026, 14:00", dates.Date),
		textVariable("description", "the event's notes, lines kept, HTML made readable", "Bring the figures.", lines, (*scope).description),
		textVariable("location", "where it takes place", "Room 4", oneLine, func(s *scope) string { return s.in.Location }),
		textVariable("title", "the same as subject", "Weekly review", oneLine, subject),
	}
}

// timeVariables say when, how long and how late.
func timeVariables() []variable {
	return []variable{
		momentVariable("time", "the start time; empty for an all-day event", "14:00", dates.StartClock),
		momentVariable("start", "day and time of the start", "Monday 23 November 2026, 14:00", dates.Start),
		momentVariable("end", "day and time of the end; the last day of an all-day event", "Monday 23 November 2026, 15:30", dates.End),
		momentVariable("end_time", "the end time; empty for an all-day event", "15:30", dates.EndClock),
		textVariable("duration", "how long it takes", "1 h 30 min", localised, func(s *scope) string { return s.loc.Duration(s.span()) }),
		textVariable("all_day", "the words \"all day\"; empty for an event with a time", "", localised, (*scope).allDay),
		textVariable("minutes", "whole minutes until the start, below 0 once it has begun", "15", oneLine, func(s *scope) string { return s.reader().Minutes(s.in.Start) }),
		textVariable("when", "how far away the start is", "in 15 minutes", localised, func(s *scope) string { return s.reader().Distance(dates.Start(s.span())) }),
		textVariable("time_zone", "the zone in which the event is written; empty for an all-day event", "Europe/Zurich", oneLine, func(s *scope) string { return dates.Zone(s.span()) }),
		textVariable("late", "how late the reminder is; empty when on time", "", localised, (*scope).late),
		textVariable("recurrence", "how the event repeats; empty when it does not", "every week", localised, (*scope).recurrence),
	}
}

// peopleVariables say who.
func peopleVariables() []variable {
	return []variable{
		textVariable("organizer", "who invited: name, else address", "Anna Rossi", oneLine, func(s *scope) string { return personName(s.in.Organizer) }),
		textVariable("attendees", "who is invited", "Anna Rossi, Ben Muller", oneLine, (*scope).attendees),
		textVariable("attendee_count", "how many are invited; empty when nobody is", "2", oneLine, func(s *scope) string { return countOrNothing(len(s.in.Attendees)) }),
	}
}

// detailVariables are the rest of the event, of its calendar, alarm and webhook.
func detailVariables() []variable {
	return []variable{
		textVariable("calendar", "the calendar's name", "Team", oneLine, func(s *scope) string { return s.d.Calendar }),
		textVariable("status", "confirmed, tentative, cancelled …", "confirmed", localised, (*scope).status),
		textVariable("categories", "the event's categories", "Finance, Review", oneLine, func(s *scope) string { return joinSome(s.in.Categories) }),
		textVariable("url", "the event's own URL", "https://example.org/review", address, func(s *scope) string { return s.in.URL }),
		textVariable("link", "the link to join the video meeting", "https://meet.example.org/review", address, func(s *scope) string { return joinLink(s.in) }),
		textVariable("uid", "the event's UID", "4711@example.org", oneLine, func(s *scope) string { return string(s.in.UID) }),
		textVariable("webhook", "the webhook's name", "Team chat", oneLine, func(s *scope) string { return s.webhook }),
		textVariable("alarm_text", "the text of the alarm itself", "Leave now", oneLine, func(s *scope) string { return s.d.Alarm.Description }),
	}
}

// maxListed bounds the names of one list in a message; the rest is counted.
const maxListed = 50

// joinSome joins up to maxListed entries that are not empty.
func joinSome(list []string) string {
	out := make([]string, 0, min(len(list), maxListed))
	more := 0
	for _, s := range list {
		switch s = strings.TrimSpace(s); {
		case s == "":
		case len(out) == maxListed:
			more++
		default:
			out = append(out, s)
		}
	}
	joined := strings.Join(out, ", ")
	if more > 0 {
		joined += " + " + strconv.Itoa(more)
	}
	return joined
}

// attendees lists everybody, whatever they answered: who is invited, not who comes.
func (s *scope) attendees() string {
	names := make([]string, len(s.in.Attendees))
	for i, p := range s.in.Attendees {
		names[i] = personName(p)
	}
	return joinSome(names)
}

// personName is the name, or the address of someone who gives none.
func personName(p calbell.Person) string {
	if strings.TrimSpace(p.Name) != "" {
		return p.Name
	}
	return p.Address
}

// countOrNothing leaves 0 empty, so that an optional section can leave it out.
func countOrNothing(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// name is the canonical name of a variable: "title" is another name of "subject".
func (v *variable) name() string {
	if v.Name == "title" {
		return "subject"
	}
	return v.Name
}
