package notices

import (
	"context"
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// maxAgendaFound limits the instances examined for one agenda. Those of one event are limited
// to the rows of an agenda.
const maxAgendaFound = 20_000

// agendaSearch collects the instances of an agenda.
type agendaSearch struct {
	from, until time.Time
	rows        []calbell.AgendaRow
	seen        map[instanceKey]bool // one meeting in five calendars is one row
	more        int                  // instances that are counted only
}

// instanceKey identifies an instance regardless of its calendar.
type instanceKey struct {
	uid   calbell.UID
	id    calbell.RecurrenceID
	start int64
}

// agenda returns the events of a digest's calendars in [from, until).
func (d *Digests) agenda(ctx context.Context, p *plan.Policy, digest calbell.Digest, from, until time.Time) (calbell.Agenda, error) {
	calendars, err := d.store.Calendars(ctx)
	if err != nil {
		return calbell.Agenda{}, err
	}
	s := &agendaSearch{from: from, until: until, seen: map[instanceKey]bool{}}
	for _, c := range calendars {
		if !p.InDigest(digest, c) {
			continue
		}
		err := d.store.EachObject(ctx, c.ID, func(o calbell.Object) error {
			s.add(p, c, o)
			return ctx.Err()
		})
		if err != nil {
			return calbell.Agenda{}, err
		}
	}
	agenda := calbell.NewAgenda(digest, from, s.rows)
	agenda.More += s.more
	return agenda, nil
}

// add adds an object's instances in that time.
func (s *agendaSearch) add(p *plan.Policy, c calbell.Calendar, o calbell.Object) {
	routing := p.Routing(c)
	for _, e := range plan.Read(o, p.Options(c)).Events {
		list, more := e.Instances(s.from, s.until, calbell.MaxAgendaRows)
		if more {
			s.more++
		}
		for _, i := range list {
			key := instanceKey{i.UID, i.RecurrenceID, i.Start.Unix()}
			row, ok := routing.AgendaRow(i, c.Name)
			switch {
			case !ok || s.seen[key]:
			case len(s.rows) >= maxAgendaFound:
				s.more++
			default:
				s.seen[key] = true
				s.rows = append(s.rows, row)
			}
		}
	}
}
