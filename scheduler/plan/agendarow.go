package plan

import (
	"calbell"
)

// AgendaRow returns the row of an agenda for an instance in a calendar of that name. ok is
// false when no reminder of it would be sent: such instances have no row either.
func (r *Routing) AgendaRow(i *calbell.Instance, calendar string) (row calbell.AgendaRow, ok bool) {
	row = calbell.NewAgendaRow(i, calendar)
	switch {
	case !r.skipped(i).IsZero(), hidden(i) && r.private == "skip":
		return row, false
	case hidden(i) && r.private == "busy":
		row.Subject, row.Location, row.Busy = "", "", true
	}
	return row, true
}
