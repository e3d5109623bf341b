package form

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"calbell"
)

// spareRows is the number of empty rows after those of a field of times. The script shows
// one of them.
const spareRows = 2

// LeadField is a field for several leads, with a row of controls for each.
type LeadField struct {
	Name, Label string
	Rows        []LeadRow
	Problem     string // of the whole field
}

// LeadRow is a drop-down list of leads with a text field for other ones.
type LeadRow struct {
	ID      string
	Number  int
	Options []Choice
	Own     string
	Problem string
}

// leadField returns a field with the sent values, else the stored ones.
func (f Form) leadField(name, label string, allDay bool, stored []calbell.Lead) LeadField {
	field := LeadField{Name: name, Label: label}
	values, owns := f.Posted[name], f.Posted[name+"_own"]
	if !f.IsSent(name) {
		values, owns = nil, nil
		for _, l := range stored {
			values = append(values, l.String())
		}
	}
	values = values[:min(len(values), calbell.MaxAlarms)]
	for len(values) > 0 && values[len(values)-1] == "" {
		values = values[:len(values)-1]
	}
	wrong := false
	for i := range len(values) + spareRows {
		row := LeadRow{ID: name, Number: i + 1}
		value := ""
		if i < len(values) {
			value = values[i]
		}
		if i > 0 {
			row.ID += fmt.Sprintf("-%d", i+1)
		}
		if i < len(owns) {
			row.Own = owns[i]
		}
		row.Options = f.leadOptions(allDay, value)
		row.Problem = f.problemOf(func(of string) bool { return of == fmt.Sprintf("%s[%d]", name, i) })
		wrong = wrong || row.Problem != ""
		field.Rows = append(field.Rows, row)
	}
	if !wrong {
		field.Problem = f.FieldProblem(name)
	}
	return field
}

// LeadFields returns the fields for events with a time of day, and for all-day events.
func (f Form) LeadFields(timed, allDay []calbell.Lead) []LeadField {
	return []LeadField{
		f.leadField("remind", f.T("defaults.remind"), false, timed),
		f.leadField("remind_all_day", f.T("defaults.all-day"), true, allDay),
	}
}

// leadOptions returns the leads to choose from, beginning with none, and including the
// chosen one.
func (f Form) leadOptions(allDay bool, chosen string) []Choice {
	morning := calbell.Lead{AtClock: true, Clock: 9 * time.Hour}
	if !allDay {
		morning = calbell.Lead{}
	}
	list := f.LeadChoices(allDay, false, morning, leadOwn)
	list = append([]Choice{{Text: f.T("leads.none")}}, list...)
	for i := range list {
		list[i].Chosen = list[i].Value == chosen || sameLead(list[i].Value, chosen)
	}
	if chosen != "" && !slices.ContainsFunc(list, func(c Choice) bool { return c.Chosen }) {
		text := chosen
		if l, err := calbell.ParseLead(chosen); err == nil {
			text = f.LeadText(l)
		}
		list = slices.Insert(list, len(list)-1, Choice{Value: chosen, Text: text, Chosen: true})
	}
	return list
}

// sameLead reports whether two texts mean the same lead.
func sameLead(a, b string) bool {
	one, err := calbell.ParseLead(a)
	other, err2 := calbell.ParseLead(b)
	return err == nil && err2 == nil && one == other
}

// ReadLeads parses a field of leads. A row may have several, separated by commas.
func (f Form) ReadLeads(name string) ([]calbell.Lead, error) {
	var list []calbell.Lead
	owns := f.Posted[name+"_own"]
	for i, value := range f.Posted[name] {
		if value == leadOwn && i < len(owns) {
			value = owns[i]
		} else if value == "" {
			continue
		}
		for text := range strings.FieldsFuncSeq(value+" ", func(r rune) bool { return r == ',' || r == ';' }) {
			l, err := calbell.ParseLead(strings.TrimSpace(text))
			if err != nil {
				field := calbell.FieldError{Name: fmt.Sprintf("%s[%d]", name, i), What: calbell.TextOfError(err), Hint: calbell.HintOf(err)}
				return nil, &calbell.Error{Kind: calbell.KindUsage, Err: err, Fields: []calbell.FieldError{field}}
			}
			list = append(list, l)
		}
	}
	return list, nil
}

// The entries of the list that are not leads.
const (
	leadOwn   = "own"
	leadAlarm = "alarm"
)

// LeadChoices returns the leads to choose from. onTheDay comes first for an all-day event,
// and last for an event that may become one.
func (f Form) LeadChoices(allDay, alarms bool, onTheDay calbell.Lead, chosen string) []Choice {
	leads := []string{"0m", "5m", "10m", "15m", "30m", "1h", "2h", "1d", "1d@18:00"}
	if allDay {
		leads = []string{onTheDay.String(), "0d@07:00", "1d@18:00", "1d@09:00", "2d@09:00", "7d@09:00"}
	} else if onTheDay.AtClock {
		leads = append(leads, onTheDay.String())
	}
	var list []Choice
	for _, text := range slices.Compact(leads) {
		l, err := calbell.ParseLead(text)
		if err == nil {
			list = append(list, Choice{Value: text, Text: f.LeadText(l)})
		}
	}
	list = append(list, Choice{Value: leadOwn, Text: f.T("lead.own")})
	if alarms {
		list = append(list, Choice{Value: leadAlarm, Text: f.T("lead.alarm")})
	}
	if chosen == "" {
		chosen = "15m"
		if allDay {
			chosen = leads[0]
		}
	}
	return Choose(list, chosen)
}

// UnitChoices returns the units for a typed lead.
func (f Form) UnitChoices(chosen string) []Choice {
	var list []Choice
	for _, unit := range []string{"m", "h", "d", "w"} {
		list = append(list, Choice{Value: unit, Text: f.T("unit." + unit)})
	}
	return Choose(list, chosen)
}

// ReadLead parses the form's lead. alarm reports that the reminder is to be sent when the
// calendar's own alarms are due.
func (f Form) ReadLead() (l calbell.Lead, alarm bool, err error) {
	text := f.Trimmed("before")
	switch text {
	case leadAlarm:
		return l, true, nil
	case leadOwn:
		n, numErr := strconv.Atoi(f.Trimmed("own"))
		if numErr != nil || n < 0 {
			return l, false, &calbell.Error{Kind: calbell.KindUsage, What: calbell.Plain(f.T("lead.own.wrong"))}
		}
		text = strconv.Itoa(n) + f.Trimmed("unit")
	}
	l, err = calbell.ParseLead(text)
	return l, false, err
}
