package templates

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/templates/dates"
	"calbell/templates/markup"
)

// maxRow bounds a text in a list, in characters: a line of a list is to stay a line.
const maxRow = 120

// agendaWords are the texts of digests and corrections in one language.
type agendaWords struct {
	head  string // template of the first line; its date is the day or the days
	empty string
	colon string // between an event's time and title
	// moved and cancelled are templates: %location% is when it was to be, %description% when
	// it takes place; movedToday when that is the same day, and the time says it.
	moved, movedToday, cancelled string
}

// agendaTexts returns the texts in a language; English for one that has none.
func agendaTexts(lang string) agendaWords {
	switch lang {
	case "fr":
		return agendaWords{
			head: "Agenda : %date|bold%", empty: "Aucun événement.", colon: " : ",
			moved:      "Déplacé : %subject|bold%, du %location% au %description%",
			movedToday: "Déplacé : %subject|bold%, du %location% à %description%",
			cancelled:  "Annulé : %subject|bold%, %location%",
		}
	case "de":
		moved := "Verschoben: %subject|bold%, von %location% auf %description%"
		return agendaWords{
			head: "Termine: %date|bold%", empty: "Keine Termine.", colon: ": ",
			moved: moved, movedToday: moved, cancelled: "Abgesagt: %subject|bold%, %location%",
		}
	case "it":
		moved := "Spostato: %subject|bold%, da %location% a %description%"
		movedToday := "Spostato: %subject|bold%, da %location% alle %description%"
		return agendaWords{
			head: "Agenda: %date|bold%", empty: "Nessun evento.", colon: ": ",
			moved: moved, movedToday: movedToday, cancelled: "Annullato: %subject|bold%, %location%",
		}
	}
	moved := "Moved: %subject|bold%, from %location% to %description%"
	return agendaWords{
		head: "Agenda: %date|bold%", empty: "No events.", colon: ": ",
		moved: moved, movedToday: moved, cancelled: "Cancelled: %subject|bold%, %location%",
	}
}

// rowVariables are those that the line of a digest has a value for.
func rowVariables() []string {
	return []string{
		"subject", "title", "date", "time", "start", "end", "end_time", "duration", "all_day", "minutes", "when",
		"location", "calendar", "webhook", "time_zone",
	}
}

// headVariables are those of its first line: %subject% is the digest's name, %date% the day
// or the days.
func headVariables() []string {
	return []string{"subject", "title", "date", "start", "end", "duration", "when", "webhook"}
}

// CheckDigest compiles the templates of a digest. Its errors are [*FieldError] about head or
// line: what is not understood, and variables that a digest has nothing for.
func CheckDigest(d calbell.Digest) []error {
	c := &hookCompiler{}
	c.limited("head", d.Head, headVariables())
	c.limited("line", d.Line, rowVariables())
	return c.errs
}

// limited compiles a template that may use some of the variables only.
func (c *hookCompiler) limited(field, src string, known []string) {
	t := c.compile(field, src)
	p := &parser{src: src}
	at := 0
	for _, n := range flat(t.nodes) {
		if n.ref == nil || slices.Contains(known, n.ref.variable.Name) {
			continue
		}
		at += strings.Index(src[at:], n.lit)
		p.fail(at, calbell.T("templates:digest-variable", "a digest's %s knows no variable %q", field, n.ref.variable.Name), "")
		at += len(n.lit)
	}
	for _, err := range p.errs {
		c.fail(field, err)
	}
}

// flat lists the nodes with those of their sections, in order.
func flat(nodes []node) (out []node) {
	for _, n := range nodes {
		out = append(append(out, n), flat(n.kids)...)
	}
	return out
}

// agendaScope is what the message of a digest is written from.
type agendaScope struct {
	*scope
	a     *calbell.Agenda
	words agendaWords
}

// agenda writes the message of a digest: a line each, under a heading per day when it covers
// several days. What does not fit is counted.
func (s *scope) agenda(n *calbell.Notice) string {
	a, words := n.Agenda, agendaTexts(s.loc.Lang)
	if a == nil {
		a = &calbell.Agenda{From: n.Since, Days: 1}
	}
	reader := s.zone
	if zone, err := time.LoadLocation(a.TimeZone); err == nil && a.TimeZone != "" {
		s.zone = zone
	}
	from := a.From.In(s.zone)
	s.spent = 0
	head := s.piecesOf(own(cmpOr(a.Head, words.head)), &calbell.Instance{
		Summary: n.Subject, Start: from, End: from.AddDate(0, 0, max(a.Days, 1)), AllDay: true,
	})
	if !dates.SameClock(from, from.In(reader)) {
		head = append(head, markup.Piece{Text: " (" + dates.ZoneName(from) + ")"}) // its times are not the reader's own
	}
	if len(a.Rows)+a.More == 0 {
		return s.finish(s.fitPieces(append(head, markup.Piece{Text: "\n" + words.empty}), s.room()))
	}
	return s.list(head, agendaScope{s, a, words}.lines(), len(a.Rows)+a.More)
}

// lines are those of the rows, the first of each day with its heading before it.
func (s agendaScope) lines() [][]markup.Piece {
	var lines [][]markup.Piece
	last := -1
	for _, row := range s.byDay() {
		s.d.Calendar = row.Calendar
		line := []markup.Piece{{Text: "\n"}}
		if s.a.Days > 1 && row.day != last {
			heading := own("%date|format:" + s.loc.DayWithoutYear() + "|bold%")
			line = append(append([]markup.Piece{{Text: "\n\n"}}, s.piecesOf(heading, &calbell.Instance{Start: row.date, End: row.date, AllDay: true})...), line...)
		}
		last = row.day
		text := s.a.Line
		if strings.TrimSpace(text) == "" {
			text = row.line(s.words.colon)
		}
		lines = append(lines, append(line, s.piecesOf(own(text), s.instance(row))...))
	}
	return lines
}

// dayRow is a row with the day of the agenda that it stands under.
type dayRow struct {
	*calbell.AgendaRow
	day  int
	date time.Time // midnight of the day
	next time.Time // and of the following one
}

// byDay sorts the rows as people read them: by day, what takes all day first. What began
// before the agenda stands under its first day.
func (s agendaScope) byDay() []dayRow {
	a := s.a
	from := a.From.In(s.zone)
	r := s.reader()
	rows := make([]dayRow, 0, len(a.Rows))
	for i := range a.Rows {
		row := &a.Rows[i]
		day := dates.DaysBetween(from, r.DayOf(dates.Moment{From: row.Start, AllDay: row.AllDay}))
		day = max(0, min(day, a.Days-1))
		rows = append(rows, dayRow{row, day, from.AddDate(0, 0, day), from.AddDate(0, 0, day+1)})
	}
	slices.SortStableFunc(rows, func(x, y dayRow) int {
		if x.day != y.day || x.AllDay != y.AllDay {
			return cmp.Or(cmp.Compare(x.day, y.day), btoi(y.AllDay)-btoi(x.AllDay))
		}
		return cmp.Or(x.Start.Compare(y.Start), x.End.Compare(y.End), cmp.Compare(x.Subject, y.Subject))
	})
	return rows
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// instance is what the variables of a line are read from. Something without length has no
// end worth telling.
func (r dayRow) instance() *calbell.Instance {
	in := &calbell.Instance{
		Summary: markup.Cut(r.Subject, maxRow), Start: r.Start, End: r.End, AllDay: r.AllDay, Location: markup.Cut(r.Location, maxRow),
	}
	if !r.AllDay && !r.End.After(r.Start) {
		in.End = time.Time{}
	}
	return in
}

// instance is a row's instance, with the word that stands for a private event's own.
func (s agendaScope) instance(r dayRow) *calbell.Instance {
	in := r.instance()
	if r.Busy {
		in.Summary = s.loc.busy
	}
	return in
}

// line is the template of a row in the place of the digest's own: the times, with the day
// where it is not the one that the row stands under.
func (r dayRow) line(colon string) string {
	const rest = "%subject%[[, %location%]]"
	if r.AllDay {
		if dates.DaysBetween(r.Start, r.End) > 1 {
			return "• %date|medium%" + colon + rest
		}
		return "• %all_day%" + colon + rest
	}
	start, end := "%time%", "%end_time%"
	if r.Start.Before(r.date) {
		start = "%start|medium%"
	}
	if r.End.After(r.next) {
		end = "%end|medium%"
	}
	return fmt.Sprintf("• %s[[ – %s]]%s%s", start, end, colon, rest)
}

// correction says in one line how an announced event is not as it was announced.
func (s *scope) correction(n *calbell.Notice) string {
	words, c := agendaTexts(s.loc.Lang), n.Change
	if c == nil {
		c = &calbell.Change{Was: calbell.Span{Start: n.Since}}
	}
	r := s.reader()
	was := r.Span(c.Was)
	s.in = &calbell.Instance{Summary: cmp.Or(markup.Cut(markup.Clean(n.Subject, false), maxRow), s.loc.untitled), Location: was}
	if c.Busy {
		s.in.Summary = s.loc.busy
	}
	if n.Kind == calbell.NoticeCancelled {
		return s.message(own(words.cancelled))
	}
	text := words.moved
	s.in.Description = r.Span(c.Now)
	from, to := c.Was.Start.In(s.zone), c.Now.Start.In(s.zone)
	switch timed := !c.Was.AllDay && !c.Now.AllDay; {
	case timed && from.Equal(to): // only its end is another
		text = words.movedToday
		s.in.Location = was + " – " + r.Clock(c.Was.End)
		s.in.Description = r.Clock(to) + " – " + r.Clock(c.Now.End)
	case timed && dates.DaysBetween(from, to) == 0:
		text = words.movedToday
		s.in.Description = r.Clock(to)
	}
	return s.message(own(text))
}
