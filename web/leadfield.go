package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"calbell"
)

// spareRows is how many empty rows follow those of a field of times. The script shows one.
const spareRows = 2

// leadField is a field of several times before a start: a row of controls for each.
type leadField struct {
	Name, Label string
	Rows        []leadRow
	Problem     string // of the whole field
}

// leadRow is a list to choose a time from and, beside it, what was typed for another one.
type leadRow struct {
	ID      string
	Number  int
	Options []choice
	Own     string
	Problem string
}

// leadField returns the field of that name: as it was sent, else with what is stored.
func (v fields) leadField(name, label string, allDay bool, stored []calbell.Lead) leadField {
	f := leadField{Name: name, Label: label}
	values, owns := v.r.PostForm[name], v.r.PostForm[name+"_own"]
	if !v.sent(name) {
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
		row := leadRow{ID: name, Number: i + 1}
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
		row.Options = v.leadOptions(allDay, value)
		row.Problem = v.problemOf(func(field string) bool { return field == fmt.Sprintf("%s[%d]", name, i) })
		wrong = wrong || row.Problem != ""
		f.Rows = append(f.Rows, row)
	}
	if !wrong {
		f.Problem = v.FieldProblem(name)
	}
	return f
}

// leadFields are the fields of the times before events with a time of day, and all-day ones.
func (v fields) leadFields(timed, allDay []calbell.Lead) []leadField {
	return []leadField{
		v.leadField("remind", v.T("defaults.remind"), false, timed),
		v.leadField("remind_all_day", v.T("defaults.all-day"), true, allDay),
	}
}

// leadOptions are the times to choose from, none first; with the chosen one among them.
func (v fields) leadOptions(allDay bool, chosen string) []choice {
	morning := calbell.Lead{AtClock: true, Clock: 9 * time.Hour}
	if !allDay {
		morning = calbell.Lead{}
	}
	list := v.leadChoices(allDay, false, morning, leadOwn)
	list = append([]choice{{Text: v.T("leads.none")}}, list...)
	for i := range list {
		list[i].Chosen = list[i].Value == chosen || sameLead(list[i].Value, chosen)
	}
	if chosen != "" && !slices.ContainsFunc(list, func(c choice) bool { return c.Chosen }) {
		text := chosen
		if l, err := calbell.ParseLead(chosen); err == nil {
			text = v.leadText(l)
		}
		list = slices.Insert(list, len(list)-1, choice{Value: chosen, Text: text, Chosen: true})
	}
	return list
}

// sameLead reports whether two texts are the same time before a start.
func sameLead(a, b string) bool {
	one, err := calbell.ParseLead(a)
	other, err2 := calbell.ParseLead(b)
	return err == nil && err2 == nil && one == other
}

// leads reads a field of times before a start. A row may hold several, with commas.
func (v fields) leads(name string) ([]calbell.Lead, error) {
	var list []calbell.Lead
	owns := v.r.PostForm[name+"_own"]
	for i, value := range v.r.PostForm[name] {
		if value == leadOwn && i < len(owns) {
			value = owns[i]
		} else if value == "" {
			continue
		}
		for text := range strings.FieldsFuncSeq(value+" ", func(r rune) bool { return r == ',' || r == ';' }) {
			l, err := calbell.ParseLead(strings.TrimSpace(text))
			if err != nil {
				field := calbell.FieldError{Name: fmt.Sprintf("%s[%d]", name, i), What: err.Error(), Hint: calbell.HintOf(err)}
				return nil, &calbell.Error{Kind: calbell.KindUsage, Err: err, Fields: []calbell.FieldError{field}}
			}
			list = append(list, l)
		}
	}
	return list, nil
}

// leadsText writes times before a start in words.
func (v fields) leadsText(list []calbell.Lead) string {
	texts := make([]string, len(list))
	for i, l := range list {
		texts[i] = v.leadText(l)
	}
	return strings.Join(texts, ", ")
}
