package service

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/authz"
	"calbell/store"
)

const (
	// maxTried limits the deliveries that are examined for tried ones. Retries come before planned
	// deliveries in the queue.
	maxTried = 1000
	// firstLook is how many of all that falls due first are looked at, for a caller who does not see
	// all.
	firstLook = 200
	// historyStep is how many ended deliveries are read in one query; maxHistory limits those read for
	// one answer. A caller who may see few of them continues with the cursor.
	historyStep, maxHistory = 500, 20_000
	// defaultHistory is the default length of a list.
	defaultHistory = 100
)

// Deliveries is about what was sent, and what will be.
type Deliveries struct{ *core }

// upcoming returns what is not final and seen, in the order of the store: what the caller's own
// calendars want, however much of others' stands before it. What somebody asked to be sent again may have
// no calendar any more; it is due now, and found among what falls due first of all.
func (s *Deliveries) upcoming(ctx context.Context, v *authz.Visibility, limit int, after *store.UpcomingMark) ([]calbell.Delivery, error) {
	q := store.UpcomingQuery{Limit: limit, After: after}
	if !v.All() {
		q.Limit = firstLook
	}
	list, err := s.store.Upcoming(ctx, q)
	if err != nil {
		return nil, err
	}
	all := len(list) < q.Limit
	list, err = v.Visible(ctx, list...)
	if err != nil || all || v.All() {
		return list[:min(limit, len(list))], err
	}
	q.Limit, q.Calendars = limit, v.CalendarIDs()
	own, err := s.store.Upcoming(ctx, q)
	if err == nil {
		own, err = v.Visible(ctx, own...)
	}
	list = append(list, own...)
	slices.SortFunc(list, func(a, b calbell.Delivery) int { return upcomingMark(a).Compare(upcomingMark(b)) })
	list = slices.CompactFunc(list, func(a, b calbell.Delivery) bool { return a.ID == b.ID })
	return list[:min(limit, len(list))], err
}

func upcomingMark(d calbell.Delivery) store.UpcomingMark {
	return store.UpcomingMark{NextAt: d.NextAt, ID: d.ID}
}

// DeliveryPage is a page of a history.
type DeliveryPage struct {
	Rows []types.DeliveryRow
	Next string // cursor of the next page; "" on the last one
}

// History returns the ended deliveries that the caller may see, newest first. On the first
// page, deliveries that were tried and have not ended come before them.
func (s *Deliveries) History(ctx context.Context, who calbell.Caller, q types.DeliveryQuery) (DeliveryPage, error) {
	for _, st := range q.Statuses {
		if !st.Known() {
			return DeliveryPage{}, field("status", calbell.T("service:no-state", "%q is no state", st), calbell.T("service:planned-waiting-flight-held", "planned, waiting, in_flight, held, sent, dead, missed, cancelled or dropped"))
		}
	}
	v, err := s.visibility(ctx, who)
	if err != nil {
		return DeliveryPage{}, err
	}
	ask := store.HistoryQuery{Since: q.Since, Statuses: q.Statuses, UID: q.UID}
	if q.Webhook != "" {
		w, err := s.findWebhook(ctx, who, q.Webhook)
		if err != nil {
			return DeliveryPage{}, err
		}
		ask.Webhook = w.ID
	}
	mark, err := parseMark(q.Cursor)
	if err == nil && mark != nil && mark.in == inUpcoming {
		err = noCursor(q.Cursor)
	}
	if err != nil {
		return DeliveryPage{}, err
	}
	limit := cmp.Or(q.Limit, defaultHistory)
	rows := []types.DeliveryRow{}
	if mark != nil && mark.in == inEnded {
		ask.After = &store.HistoryMark{FinishedAt: mark.at, ID: mark.id}
	} else if rows, err = s.attempted(ctx, v, ask, mark); err != nil {
		return DeliveryPage{}, err
	}
	if len(rows) >= limit {
		last := rows[limit-1]
		return DeliveryPage{rows[:limit], deliveryMark{inTried, last.Due, last.ID}.cursor()}, nil
	}
	list, next, err := s.ended(ctx, v, ask, limit-len(rows))
	if err != nil {
		return DeliveryPage{}, err
	}
	ended, err := s.rows(ctx, list)
	return DeliveryPage{append(rows, ended...), next}, err
}

// ended returns up to limit ended deliveries that are seen, and where to go on.
func (s *Deliveries) ended(ctx context.Context, v *authz.Visibility, q store.HistoryQuery, limit int) (list []calbell.Delivery, next string, err error) {
	q.Limit, q.Of = historyStep, v.Concern()
	for looked := 0; len(list) < limit && looked < maxHistory; looked += historyStep {
		if v.All() {
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
			seen, err := v.Visible(ctx, d)
			if err != nil {
				return nil, "", err
			}
			list = append(list, seen...)
		}
		if len(page) < q.Limit && len(list) < limit {
			return list, "", nil
		}
	}
	return list, deliveryMark{inEnded, q.After.FinishedAt, q.After.ID}.cursor(), nil
}

// The lists that a cursor can refer to.
const (
	inUpcoming = "next"
	inTried    = "tried"
	inEnded    = "ended"
)

// deliveryMark is the position after the last delivery of a page. It stays valid when
// deliveries are added or removed.
type deliveryMark struct {
	in string
	at time.Time
	id calbell.ReminderID
}

// cursor encodes a mark as an opaque text.
func (m deliveryMark) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(m.in + " " + m.at.UTC().Format(time.RFC3339Nano) + " " + string(m.id)))
}

// parseMark decodes a cursor; nil for "".
func parseMark(cursor string) (*deliveryMark, error) {
	if cursor == "" {
		return nil, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.Split(string(text), " ")
	if err != nil || len(parts) != 3 || !slices.Contains([]string{inUpcoming, inTried, inEnded}, parts[0]) {
		return nil, noCursor(cursor)
	}
	at, err := time.Parse(time.RFC3339Nano, parts[1])
	if err != nil {
		return nil, noCursor(cursor)
	}
	return &deliveryMark{parts[0], at, calbell.ReminderID(parts[2])}, nil
}

// attempted returns the deliveries that the query means and that have not ended: those that
// were tried, or whose state is asked for by name. Latest due first; after a mark, what follows.
func (s *Deliveries) attempted(ctx context.Context, v *authz.Visibility, q store.HistoryQuery, after *deliveryMark) ([]types.DeliveryRow, error) {
	list, err := s.upcoming(ctx, v, maxTried, nil)
	if err != nil {
		return nil, err
	}
	order := func(aDue, bDue time.Time, a, b calbell.ReminderID) int {
		return cmp.Or(bDue.Compare(aDue), cmp.Compare(a, b))
	}
	rows, err := s.rows(ctx, list)
	rows = slices.DeleteFunc(rows, func(r types.DeliveryRow) bool {
		wanted := slices.Contains(q.Statuses, r.Status)
		if len(q.Statuses) == 0 {
			wanted = r.Attempts > 0 || r.Status != calbell.StatusPlanned
		}
		return !wanted || r.Due.Before(q.Since) || q.Webhook != "" && r.Webhook != q.Webhook || q.UID != "" && r.UID != q.UID ||
			after != nil && order(r.Due, after.at, r.ID, after.id) <= 0
	})
	slices.SortFunc(rows, func(a, b types.DeliveryRow) int { return order(a.Due, b.Due, a.ID, b.ID) })
	return rows, err
}

// rows converts deliveries for lists. Deliveries of a suspended webhook are shown as held.
func (s *Deliveries) rows(ctx context.Context, list []calbell.Delivery) ([]types.DeliveryRow, error) {
	var webhooks []calbell.WebhookID
	for _, d := range list {
		webhooks = append(webhooks, d.Webhook)
	}
	states, err := s.statesOf(ctx, webhooks...)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	rows := make([]types.DeliveryRow, 0, len(list))
	for _, d := range list {
		r := types.RowOf(d)
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

// Get returns a delivery with its tries. A delivery that the caller may not see is reported
// as not found.
func (s *Deliveries) Get(ctx context.Context, who calbell.Caller, id calbell.ReminderID) (calbell.Delivery, error) {
	v, err := s.visibility(ctx, who)
	if err != nil {
		return calbell.Delivery{}, err
	}
	d, err := s.store.Delivery(ctx, id)
	if err == nil {
		err = v.Learn(ctx, d)
	}
	if calbell.IsNotFound(err) || err == nil && v.Hides(d) {
		return calbell.Delivery{}, notFound(calbell.NounDelivery, string(id), nil)
	}
	return v.Redacted(d), err
}
