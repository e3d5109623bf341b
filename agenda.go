package calbell

import (
	"slices"
	"time"
	"unicode/utf8"
)

// Agenda is what a digest tells: the events of one day or of several. It is put together
// when the digest falls due and told in words when it is sent.
type Agenda struct {
	From     time.Time `json:"from"`                // the midnight with which it begins
	Days     int       `json:"days"`                // how many days it covers, from 1 on
	TimeZone string    `json:"time_zone,omitempty"` // in which its days are counted; "" = the webhook's
	// Head and Line are templates of the first line and of each event's; "" = the default of
	// the language.
	Head string      `json:"head,omitempty"`
	Line string      `json:"line,omitempty"`
	Rows []AgendaRow `json:"rows,omitempty"` // in no order that matters; at most [MaxAgendaRows]
	More int         `json:"more,omitempty"` // how many beyond Rows there are
}

// AgendaRow is one event of an agenda. Times are as in [Instance]: all-day ones are
// midnights in a zone of their own, and End is exclusive.
type AgendaRow struct {
	Subject  string    `json:"subject,omitempty"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end,omitzero"`
	AllDay   bool      `json:"all_day,omitempty"`
	Location string    `json:"location,omitempty"`
	Calendar string    `json:"calendar,omitempty"` // its name
	Busy     bool      `json:"busy,omitempty"`     // only that something takes place is told: Subject and Location are ""
}

// NewAgendaRow takes from an instance what an agenda tells of it. Overlong texts are cut to
// [MaxAgendaText] characters.
func NewAgendaRow(in *Instance, calendar string) AgendaRow {
	return AgendaRow{
		Subject: headOf(in.Summary), Start: in.Start, End: in.End, AllDay: in.AllDay,
		Location: headOf(in.Location), Calendar: headOf(calendar),
	}
}

// NewAgenda is the agenda of a digest that begins at the midnight from. Rows beyond
// [MaxAgendaRows] are counted: the earliest stay.
func NewAgenda(d Digest, from time.Time, rows []AgendaRow) Agenda {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b AgendaRow) int { return a.Start.Compare(b.Start) })
	shown := min(len(rows), MaxAgendaRows)
	return Agenda{
		From: from, Days: max(d.Days, 1), TimeZone: d.TimeZone, Head: d.Head, Line: d.Line,
		Rows: rows[:shown:shown], More: len(rows) - shown,
	}
}

// headOf is as much of a text as a row of an agenda keeps.
func headOf(s string) string {
	if len(s) <= MaxAgendaText || utf8.RuneCountInString(s) <= MaxAgendaText {
		return s
	}
	n := 0
	for i := range s {
		if n++; n > MaxAgendaText {
			return s[:i]
		}
	}
	return s
}

// Change is how an event that was announced is no longer what was said.
type Change struct {
	UID          UID          `json:"uid"`
	RecurrenceID RecurrenceID `json:"recurrence_id,omitempty"`
	Was          Span         `json:"was"`            // as announced
	Now          Span         `json:"now,omitzero"`   // of NoticeMoved: when it takes place instead
	Busy         bool         `json:"busy,omitempty"` // nothing of its words is told
}

// Span is when something takes place, as in [Instance].
type Span struct {
	Start  time.Time `json:"start"`
	End    time.Time `json:"end,omitzero"`
	AllDay bool      `json:"all_day,omitempty"`
}

// IsZero says that there is no span.
func (s Span) IsZero() bool { return s.Start.IsZero() && s.End.IsZero() && !s.AllDay }

// SpanOf is when an instance takes place.
func SpanOf(in *Instance) Span { return Span{in.Start, in.End, in.AllDay} }
