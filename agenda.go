package calbell

import (
	"slices"
	"time"
	"unicode/utf8"
)

// Agenda lists the events of one day or of several: the content of a digest. It is computed
// when the digest falls due, and turned into words when it is sent.
type Agenda struct {
	From     time.Time `json:"from"`                // midnight of the first day
	Days     int       `json:"days"`                // number of days, at least 1
	TimeZone string    `json:"time_zone,omitempty"` // zone of its days; "" = the webhook's
	// Head and Line are templates of the first line and of each event's line; "" = the default
	// of the language.
	Head string      `json:"head,omitempty"`
	Line string      `json:"line,omitempty"`
	Rows []AgendaRow `json:"rows,omitempty"` // in any order; at most [MaxAgendaRows]
	More int         `json:"more,omitempty"` // number of events that Rows has no room for
}

// AgendaRow is one event of an agenda. As in [Instance], all-day events start at a midnight in
// their own zone, and End is exclusive.
type AgendaRow struct {
	Subject  string    `json:"subject,omitempty"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end,omitzero"`
	AllDay   bool      `json:"all_day,omitempty"`
	Location string    `json:"location,omitempty"`
	Calendar string    `json:"calendar,omitempty"` // its name
	Busy     bool      `json:"busy,omitempty"`     // shows only that something takes place: Subject and Location are ""
}

// NewAgendaRow returns the agenda row of an instance. It cuts long texts to [MaxAgendaText]
// characters.
func NewAgendaRow(in *Instance, calendar string) AgendaRow {
	return AgendaRow{
		Subject: headOf(in.Summary), Start: in.Start, End: in.End, AllDay: in.AllDay,
		Location: headOf(in.Location), Calendar: headOf(calendar),
	}
}

// NewAgenda returns the agenda of a digest that begins at the midnight from. It keeps the
// earliest [MaxAgendaRows] rows and counts the rest.
func NewAgenda(d Digest, from time.Time, rows []AgendaRow) Agenda {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b AgendaRow) int { return a.Start.Compare(b.Start) })
	shown := min(len(rows), MaxAgendaRows)
	return Agenda{
		From: from, Days: max(d.Days, 1), TimeZone: d.TimeZone, Head: d.Head, Line: d.Line,
		Rows: rows[:shown:shown], More: len(rows) - shown,
	}
}

// headOf returns the first [MaxAgendaText] characters of a text.
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

// Change describes how an announced event has changed: it moved or was cancelled.
type Change struct {
	UID          UID          `json:"uid"`
	RecurrenceID RecurrenceID `json:"recurrence_id,omitempty"`
	Was          Span         `json:"was"`            // as announced
	Now          Span         `json:"now,omitzero"`   // the new time, for NoticeMoved
	Busy         bool         `json:"busy,omitempty"` // hides the event's texts
}

// Span is the start and end of an event, as in [Instance].
type Span struct {
	Start  time.Time `json:"start"`
	End    time.Time `json:"end,omitzero"`
	AllDay bool      `json:"all_day,omitempty"`
}

// IsZero reports whether the span is unset.
func (s Span) IsZero() bool { return s.Start.IsZero() && s.End.IsZero() && !s.AllDay }

// SpanOf returns the span of an instance.
func SpanOf(in *Instance) Span { return Span{in.Start, in.End, in.AllDay} }
