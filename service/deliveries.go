package service

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"calbell"
	"calbell/store"
)

const (
	// maxTried is how many of the deliveries that fall due first are looked at for those that
	// were tried: what is tried again stands in front of what is planned.
	maxTried = 1000
	// maxUpcoming is how many of them are looked at for a caller who does not see all.
	maxUpcoming = 10_000
	// historyStep is how many ended deliveries are read at once, maxHistory how many for one
	// answer: who sees few of many asks again.
	historyStep, maxHistory = 500, 20_000
	// defaultHistory is how many a list shows when it is not told.
	defaultHistory = 100
)

// Upcoming lists the deliveries that are not final and that the caller sees, by when they fall
// due.
func (s *Service) Upcoming(ctx context.Context, who calbell.Caller, limit int) ([]calbell.DeliveryRow, error) {
	list, err := s.upcoming(ctx, who, limit)
	if err != nil {
		return nil, err
	}
	return s.rows(ctx, list)
}

func (s *Service) upcoming(ctx context.Context, who calbell.Caller, limit int) ([]calbell.Delivery, error) {
	v, err := s.sight(ctx, who)
	if err != nil {
		return nil, err
	}
	look := limit
	if !who.Local { // few are another's as a rule: more are read only where they are
		look = min(2*limit+10, maxUpcoming)
	}
	for {
		list, err := s.store.Upcoming(ctx, look)
		all := len(list) < look || look >= maxUpcoming
		list = slices.DeleteFunc(list, v.hides)
		if err != nil || all || len(list) >= limit {
			return list[:min(limit, len(list))], err
		}
		look = min(4*look, maxUpcoming)
	}
}

// DeliveryQuery narrows a history; zero fields do not.
type DeliveryQuery struct {
	Since    time.Time // ended at or after; of those that have not: due
	Statuses []calbell.Status
	Webhook  string // ID or name
	UID      calbell.UID
	Limit    int // 0 = 100
	// Cursor is the Next of the page before; "" = the first.
	Cursor string
}

// DeliveryPage is a part of a history.
type DeliveryPage struct {
	Rows []calbell.DeliveryRow
	Next string // the Cursor of what follows; "": nothing does
}

// History lists the deliveries that have ended and that the caller sees, newest first; before
// them, on the first page, those that were tried already.
func (s *Service) History(ctx context.Context, who calbell.Caller, q DeliveryQuery) (DeliveryPage, error) {
	for _, st := range q.Statuses {
		if !st.Known() {
			return DeliveryPage{}, field("status", fmt.Sprintf("%q is no state", st), "planned, waiting, in_flight, held, sent, dead, missed, cancelled or dropped")
		}
	}
	v, err := s.sight(ctx, who)
	if err != nil {
		return DeliveryPage{}, err
	}
	ask := store.HistoryQuery{Since: q.Since, Statuses: q.Statuses, UID: q.UID}
	if q.Webhook != "" {
		w, err := s.webhook(ctx, who, q.Webhook)
		if err != nil {
			return DeliveryPage{}, err
		}
		ask.Webhook = w.ID
	}
	skip, after, err := placeOf(q.Cursor)
	if err != nil {
		return DeliveryPage{}, err
	}
	limit := cmp.Or(q.Limit, defaultHistory)
	rows := []calbell.DeliveryRow{}
	if ask.After = after; after == nil {
		if rows, err = s.tried(ctx, v, ask); err != nil {
			return DeliveryPage{}, err
		}
		rows = rows[min(skip, len(rows)):]
	}
	if len(rows) >= limit {
		return DeliveryPage{rows[:limit], cursor(strconv.Itoa(skip + limit))}, nil
	}
	list, next, err := s.ended(ctx, v, ask, limit-len(rows))
	if err != nil {
		return DeliveryPage{}, err
	}
	ended, err := s.rows(ctx, list)
	return DeliveryPage{append(rows, ended...), next}, err
}

// ended returns up to limit ended deliveries that are seen, and where to go on.
func (s *Service) ended(ctx context.Context, v *sight, q store.HistoryQuery, limit int) (list []calbell.Delivery, next string, err error) {
	q.Limit = historyStep
	for looked := 0; len(list) < limit && looked < maxHistory; looked += historyStep {
		if v.who.Local {
			q.Limit = min(historyStep, limit-len(list))
		}
		page, err := s.store.History(ctx, q)
		if err != nil {
			return nil, "", err
		}
		for _, d := range page {
			if len(list) == limit {
				break
			}
			q.After = &store.HistoryMark{FinishedAt: d.FinishedAt, ID: d.ID}
			if !v.hides(d) {
				list = append(list, d)
			}
		}
		if len(page) < q.Limit && len(list) < limit {
			return list, "", nil
		}
	}
	return list, cursor(q.After.FinishedAt.UTC().Format(time.RFC3339Nano) + " " + string(q.After.ID)), nil
}

// cursor writes a place in a list as a text that is passed on as it is.
func cursor(place string) string { return base64.RawURLEncoding.EncodeToString([]byte(place)) }

// placeOf reads a cursor: so many that have not ended come before, or the last ended one.
func placeOf(cursor string) (skip int, after *store.HistoryMark, err error) {
	if cursor == "" {
		return 0, nil, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	at, id, ended := strings.Cut(string(text), " ")
	switch {
	case err != nil:
	case ended:
		after = &store.HistoryMark{ID: calbell.ReminderID(id)}
		after.FinishedAt, err = time.Parse(time.RFC3339Nano, at)
	default:
		skip, err = strconv.Atoi(at)
	}
	if err != nil || skip < 0 {
		return 0, nil, field("cursor", fmt.Sprintf("%q is no cursor", cursor), "begin without one")
	}
	return skip, after, nil
}

// tried returns the deliveries that the query means and that have not ended: those that
// were tried, or whose state is asked for by name. Latest due first.
func (s *Service) tried(ctx context.Context, v *sight, q store.HistoryQuery) ([]calbell.DeliveryRow, error) {
	list, err := s.store.Upcoming(ctx, maxTried)
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(ctx, slices.DeleteFunc(list, v.hides))
	rows = slices.DeleteFunc(rows, func(r calbell.DeliveryRow) bool {
		wanted := slices.Contains(q.Statuses, r.Status)
		if len(q.Statuses) == 0 {
			wanted = r.Attempts > 0 || r.Status != calbell.StatusPlanned
		}
		return !wanted || r.Due.Before(q.Since) || q.Webhook != "" && r.Webhook != q.Webhook || q.UID != "" && r.UID != q.UID
	})
	slices.SortStableFunc(rows, func(a, b calbell.DeliveryRow) int { return b.Due.Compare(a.Due) })
	return rows, err
}

// rows are deliveries as lists show them: what waits behind a suspended webhook is held.
func (s *Service) rows(ctx context.Context, list []calbell.Delivery) ([]calbell.DeliveryRow, error) {
	states, err := s.store.WebhookStates(ctx)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	rows := make([]calbell.DeliveryRow, 0, len(list))
	for _, d := range list {
		r := d.Row()
		suspended := !states[d.Webhook].SuspendedAt.IsZero()
		if suspended && !d.Status.Final() && d.Status != calbell.StatusInFlight && d.NextAt.Before(now) {
			r.Status = calbell.StatusHeld
			r.NextAt = ptr(states[d.Webhook].ProbeAt)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func ptr[T any](v T) *T { return &v }

// Delivery returns one delivery with its tries. One that the caller does not see is not there.
func (s *Service) Delivery(ctx context.Context, who calbell.Caller, id calbell.ReminderID) (calbell.Delivery, error) {
	v, err := s.sight(ctx, who)
	if err != nil {
		return calbell.Delivery{}, err
	}
	d, err := s.store.Delivery(ctx, id)
	if err == nil && v.hides(d) {
		return calbell.Delivery{}, notFound("delivery", string(id), nil, "calbell delivery list")
	}
	if !who.Local { // one meeting in several people's calendars is one delivery
		d.Sources = slices.DeleteFunc(d.Sources, func(src calbell.Source) bool { return !v.calendars[src.Calendar] })
	}
	return d, err
}
