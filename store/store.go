package store

import (
	"cmp"
	"context"
	"errors"
	"time"

	"calbell"
)

// Calendars stores the collections and the state of their sync.
type Calendars interface {
	// Calendars returns all calendars, by account, then name.
	Calendars(ctx context.Context) ([]calbell.Calendar, error)
	// CalendarsOf returns the calendars of some accounts, by account, then name. Its cost grows
	// with those only.
	CalendarsOf(ctx context.Context, accounts ...string) ([]calbell.Calendar, error)
	// CalendarsByID returns some calendars, each once, by account, then name; it skips unknown
	// ones.
	CalendarsByID(ctx context.Context, ids ...calbell.CalendarID) ([]calbell.Calendar, error)
	// Calendar returns a calendar; a KindNotFound error when there is none.
	Calendar(ctx context.Context, id calbell.CalendarID) (calbell.Calendar, error)
	// SaveCalendar stores a collection without touching its objects.
	SaveCalendar(ctx context.Context, c calbell.Calendar) error

	// RenameAccount moves the data of one account to another: its calendars with their objects
	// and reminders, its bindings, listed names, and its calendars' settings. No name may be
	// "". An account without data is no error.
	RenameAccount(ctx context.Context, from, to string) error
}

// Objects reads the calendars' objects; [Plans] changes them.
type Objects interface {
	// ETags returns the href and ETag of every object of a calendar.
	ETags(ctx context.Context, id calbell.CalendarID) (map[calbell.Href]calbell.ETag, error)
	// Usage returns the number of a calendar's objects, and the bytes of their texts as stored.
	// It decrypts none of them.
	Usage(ctx context.Context, id calbell.CalendarID) (objects int, bytes int64, err error)
	// Object returns one object; a KindNotFound error when there is none.
	Object(ctx context.Context, id calbell.CalendarID, href calbell.Href) (calbell.Object, error)
	// ObjectsByUID returns the objects that list a UID, by calendar, then href; at most
	// [calbell.MaxSameUID], and no more once their text exceeds [calbell.MaxSameUIDBytes].
	ObjectsByUID(ctx context.Context, uid calbell.UID) ([]calbell.Object, error)
	// EachObject calls fn for the objects of a calendar in a stable order, outside any
	// transaction (fn may call the store). It stops at fn's error and returns it.
	EachObject(ctx context.Context, id calbell.CalendarID, fn func(calbell.Object) error) error
	// EachProblem calls fn for the objects of a calendar that are bad or mended, without their
	// Raw, as EachObject does.
	EachProblem(ctx context.Context, id calbell.CalendarID, fn func(calbell.Object) error) error
}

// Plans changes objects, each together with its reminders.
type Plans interface {
	// Apply stores the result of a sync. See [Change].
	Apply(ctx context.Context, c Change, now time.Time) error
	// DuePlans returns up to limit objects whose Replan is at or before now, earliest first.
	DuePlans(ctx context.Context, now time.Time, limit int) ([]calbell.Object, error)
	// Extend extends layouts: it adds reminders and removes none. It skips an extension whose
	// object has another ETag (or, without ETags, another text) or is gone.
	Extend(ctx context.Context, ext []Planned, now time.Time) error
	// RemoveCalendar deletes a collection with its objects, and cancels reminders without
	// another source at now. An unknown calendar is no error.
	RemoveCalendar(ctx context.Context, id calbell.CalendarID, now time.Time) error
}

// Change is the result of a sync (or of a part of a large one) of one calendar. It is applied
// in one transaction: a crash between objects, plan and token would skip a change.
type Change struct {
	// Calendar is stored unchanged, token included.
	Calendar calbell.Calendar
	// Put are new and changed objects. The reminders of each replace those that the object had.
	// An unfinished reminder that is missing in them loses this source, and is cancelled when
	// it was its last. A reminder in flight continues without sources until Finish or Recover,
	// and is not retried. All of Put is processed before any source is removed, so an event
	// that moves between objects of one change keeps its retries.
	Put []Planned
	// Delete are hrefs of deleted objects; like a Put without reminders. Unknown hrefs are
	// ignored, and so are those in Put.
	Delete []calbell.Href
	// Bound is the state of the account's bindings that the plans of Put are based on. When
	// that state is outdated, nothing is stored and the error is [ErrBindingsChanged]. nil: the
	// plans depend on no bindings.
	Bound *BindingsState
	// Notices are added as by [Notices.Notify], in the same transaction.
	Notices []calbell.Reminder
	// Reason is the reason for cancelling reminders that lose their last source; zero = their
	// event or alarm is gone.
	Reason calbell.Text
}

// Planned is an object with its reminders.
type Planned struct {
	Object calbell.Object // Until and Replan are set
	// Reminders have this object as their only source.
	Reminders []PlannedReminder
}

// PlannedReminder is a reminder of an object. If an unfinished reminder with its ID exists, the
// object becomes another source of it, and its Subject, Start and End follow the newest plan. A
// finished one stays as it is, sources included, except:
//
//   - A cancelled one whose Due is not past, or that is KnownLate, is planned again unless it is
//     KeepOnly.
//   - One cancelled at most [calbell.MoveWindow] ago is planned again, KeepOnly or not: the event
//     moved between calendars, which are synced one after the other.
//
// The same ID twice (two alarms at one instant) is one reminder with a source for each alarm.
// Times are returned as the same instants in UTC.
type PlannedReminder struct {
	calbell.Reminder
	// KeepOnly keeps the reminder if it exists, but does not create it: its instant is past,
	// and nothing past is sent for the first time (C14).
	KeepOnly bool
	// KnownLate creates the reminder although its instant was past when it became known. When
	// it is created or planned again, its delivery's KnownAt becomes now.
	KnownLate bool
}

// Queue returns due deliveries and records their outcomes.
type Queue interface {
	// NextDue returns the earliest instant strictly after t at which something falls due.
	NextDue(ctx context.Context, after time.Time) (due time.Time, ok bool, err error)
	// Claim gives a worker deliveries whose NextAt is at or before Now, fresh ones first, each
	// group earliest first (at one instant by ID), and marks them in flight. When nothing can
	// be claimed it writes nothing. Claims of one object share its copy, which must not be
	// changed.
	Claim(ctx context.Context, r ClaimRequest) ([]calbell.Claim, error)
	// Finish records outcomes of the worker's claims, with the changed states of their
	// webhooks. It ignores an outcome of a delivery that this worker no longer holds. A
	// delivery that lost its last source while in flight becomes cancelled instead of waiting
	// or held. An unused claim is returned with StatusPlanned and a NextAt, without a Try; its
	// HeldUntil is kept.
	Finish(ctx context.Context, worker string, outcomes []calbell.Outcome, states map[calbell.WebhookID]calbell.WebhookState, now time.Time) error
	// Recover takes back deliveries that the worker held when it died, and those of any worker
	// with an expired lease. They become waiting, due at now and possible repeats, or cancelled
	// without a source. It returns how many.
	Recover(ctx context.Context, worker string, now time.Time) (int, error)
	// Expire ends expired waiting deliveries, many at a time. See [ExpireRequest].
	Expire(ctx context.Context, r ExpireRequest) (ExpireResult, error)
}

// ClaimRequest selects due deliveries.
type ClaimRequest struct {
	Worker string
	Lease  time.Duration
	Now    time.Time
	// Limit is the maximum number of claims, ≥ 1.
	Limit int
	// Fresh is the maximum lateness of deliveries that are claimed first: after a long
	// downtime, deliveries due now must not wait behind late ones. 0: no preference.
	Fresh time.Duration
	// Bounds returns the limits for the deliveries of a webhook in this claim; nil: no limits.
	// It is a pure function: it returns the same result for any call during a claim, and must
	// not call the store. The store does the counting.
	Bounds func(w calbell.WebhookID) []Bound
}

// Bound is a limit that the deliveries of one or several webhooks share: a claim takes at most
// Room of them under one Name. The others stay in the queue.
type Bound struct {
	Name string // "webhook ops", "host chat.example.org"
	Room int
	// Due reports whether a delivery due at an instant may be claimed; nil: any may. It is a
	// pure function and must not call the store.
	Due func(at time.Time) bool
}

// Notices stores notices.
type Notices interface {
	// Notify adds notices (see calbell.NewNotice) as planned deliveries, due at their Due. It
	// ignores a notice whose ID exists, even finished. A reminder without a Notice is a
	// KindUsage error.
	Notify(ctx context.Context, ns []calbell.Reminder, now time.Time) error
	// Record stores a finished notice that was never planned: a person waited for its answer. A
	// test is recorded as the webhook's latest attempt. It returns a KindUsage error for
	// reminders of events, unfinished notices and existing IDs.
	Record(ctx context.Context, d calbell.Delivery) error
	// Untold returns, by webhook, how many deliveries ended with Tell and have not been
	// reported. Planning or resending one clears its mark.
	Untold(ctx context.Context) (map[calbell.WebhookID]int, error)
	// TellMissed adds one notice of kind NoticeMissed, due at now, that reports all unreported
	// deliveries of a webhook, and clears their marks. It returns how many; without any it adds
	// no notice. The notice's Since is now, or the first later instant without such a notice.
	TellMissed(ctx context.Context, w calbell.WebhookID, now time.Time) (int, error)
}

// Heartbeat records when the program was alive.
type Heartbeat interface {
	// Beat writes down that the program lived at now, and so proves that the store can be
	// written. The latest of all beats is the clock's high-water mark.
	Beat(ctx context.Context, now time.Time) error
	// LastBeat returns the high-water mark; zero when there was no beat yet.
	LastBeat(ctx context.Context) (time.Time, error)
}

// ExpireRequest selects waiting deliveries (planned, waiting and held ones) to be ended as
// missed.
type ExpireRequest struct {
	// Now is when they end.
	Now time.Time
	// From is the start: only deliveries with NextAt at or after it are examined. Zero: the
	// earliest.
	From time.Time
	// Before is the end: only deliveries with NextAt before it are examined.
	Before time.Time
	// Limit is the number of deliveries examined in this transaction, ≥ 1 (all of one instant
	// count as one step, so that From can continue).
	Limit int
	// Missed reports whether a delivery must end, with what reason, and whether a notice
	// reports it. It is a pure function and must not call the store.
	Missed func(d calbell.Delivery) (end bool, reason calbell.Text, tell bool)
}

// ExpireResult is the result of one step of expiring.
type ExpireResult struct {
	Ended map[calbell.WebhookID]int
	// Next is the From of the next step; zero: all have been examined.
	Next time.Time
}

// Deliveries reads and resends deliveries, for people.
type Deliveries interface {
	// Delivery returns one; a KindNotFound error when there is none.
	Delivery(ctx context.Context, id calbell.ReminderID) (calbell.Delivery, error)
	// Upcoming returns deliveries that are not final, by NextAt, then ID.
	Upcoming(ctx context.Context, q UpcomingQuery) ([]calbell.Delivery, error)
	// DueCalendars returns the calendars with untried reminders that fall due after one instant
	// and not after another, each with the earliest due time.
	DueCalendars(ctx context.Context, after, until time.Time) (map[calbell.CalendarID]time.Time, error)
	// History returns finished deliveries, newest FinishedAt first (at one instant by ID,
	// descending).
	History(ctx context.Context, q HistoryQuery) ([]calbell.Delivery, error)
	// Counts returns the number of deliveries in each state; for final states since the last
	// prune.
	Counts(ctx context.Context) (map[calbell.Status]int, error)
	// Resend plans finished deliveries again, due at now, with AskedAt = now. It keeps their
	// tries and clears their Untold marks. Deliveries that wait for a retry become due at now;
	// other unfinished ones are left unchanged. It returns how many became due. An unknown ID
	// is a KindNotFound error, and then nothing changes.
	Resend(ctx context.Context, ids []calbell.ReminderID, now time.Time) (int, error)
	// Prune deletes up to limit deliveries that finished before t. The caller must not lay out
	// reminders that far in the past. It returns how many.
	Prune(ctx context.Context, before time.Time, limit int) (int, error)
}

// UpcomingQuery selects unfinished deliveries.
type UpcomingQuery struct {
	Limit int
	// After is the last delivery of the previous page: only later ones are returned.
	After *UpcomingMark
	// Calendars selects deliveries with a source in one of them. Its cost grows with those
	// calendars only; deliveries that a person resent may be missing. nil: all, including those
	// without a source.
	Calendars []calbell.CalendarID
	// UID selects the reminders of one event, found through the objects that contain it;
	// reminders that no object has any more may be missing. It cannot be combined with
	// Calendars. "": all.
	UID calbell.UID
}

// UpcomingMark is a position in the order of unfinished deliveries.
type UpcomingMark struct {
	NextAt time.Time
	ID     calbell.ReminderID
}

// Compare compares two positions.
func (m UpcomingMark) Compare(o UpcomingMark) int {
	return cmp.Or(m.NextAt.Compare(o.NextAt), cmp.Compare(m.ID, o.ID))
}

// HistoryQuery selects from the history. Zero fields do not restrict it.
type HistoryQuery struct {
	Since    time.Time // FinishedAt at or after
	Statuses []calbell.Status
	Webhook  calbell.WebhookID
	UID      calbell.UID
	UIDs     []calbell.UID // one of these
	// StartsAfter requires a later Start: the event has not begun by then.
	StartsAfter time.Time
	Limit       int // 0 = 100
	// After is the last delivery of the previous page: only later ones are returned. It need
	// not exist any more.
	After *HistoryMark
	// Of selects deliveries that concern a person. Its cost grows with theirs only. nil: all.
	Of *Concern
}

// Concern selects what concerns a person: deliveries with a source in one of the calendars, to
// one of the webhooks, or started by the user with that slug, and notices about one of the
// events.
type Concern struct {
	Calendars []calbell.CalendarID
	Webhooks  []calbell.WebhookID
	By        string // "" = nobody
	Events    []calbell.UID
}

// HistoryMark is a position in the history.
type HistoryMark struct {
	FinishedAt time.Time
	ID         calbell.ReminderID
}

// Webhooks stores webhook definitions. A webhook of the file hides a stored one with the same
// ID.
type Webhooks interface {
	// Webhooks returns the table of webhooks that are not hidden, by name. Groups: [OwnedBy],
	// [Shared]. Keys are IDs and never names, because another person's webhook may reuse the
	// name of a removed one. Put stores with OriginStored. Remove and Change remove stored
	// webhooks and their states, except the state of a webhook of the file with the same ID.
	Webhooks() Table[calbell.WebhookID, calbell.Webhook]
	// SetFileWebhooks replaces the webhooks of the file, with OriginFile.
	SetFileWebhooks(ctx context.Context, ws []calbell.Webhook) error
	// WebhookStates returns the table of states that are not zero: storing a zero state removes
	// it.
	WebhookStates() Table[calbell.WebhookID, WebhookState]
}

// WebhookState is the state of a webhook.
type WebhookState struct {
	ID calbell.WebhookID `json:"id"`
	calbell.WebhookState
}

// BindingsState identifies a state of an account's bindings: each change creates a new one.
type BindingsState uint64

// ErrBindingsChanged reports that a plan is based on outdated bindings: plan again and repeat.
// It is not shown to people.
var ErrBindingsChanged = errors.New("the bindings have changed meanwhile")

// ErrObjectChanged reports that a plan is based on an outdated copy of an object: plan again
// and repeat. It is not shown to people.
var ErrObjectChanged = errors.New("the object has changed meanwhile")

// Bindings stores the reminders that people attached to events.
type Bindings interface {
	// AllBindings returns all bindings, by account, UID and ID.
	AllBindings(ctx context.Context) ([]calbell.Binding, error)
	// Bindings returns the bindings of an account, by UID and ID, with their state.
	Bindings(ctx context.Context, account string) ([]calbell.Binding, BindingsState, error)
	// BindingsOf returns the bindings of some accounts, by account, UID and ID.
	BindingsOf(ctx context.Context, accounts ...string) ([]calbell.Binding, error)
	// BindingsTo returns the bindings to some webhooks, by account, UID and ID.
	BindingsTo(ctx context.Context, webhooks ...calbell.WebhookID) ([]calbell.Binding, error)
	// Attach changes bindings of one account, and the plans of the affected objects, in one
	// transaction. A binding without ID or UID, or of another account, is a KindUsage error. It
	// does not change the calendars or their sync tokens; and removing a calendar does not
	// remove bindings.
	Attach(ctx context.Context, a Attachment, now time.Time) error
}

// Attachment is a change of bindings.
type Attachment struct {
	// Account is the key of the account whose bindings change.
	Account string
	// Put replaces bindings with the same ID. Remove are IDs. Unknown IDs, those of another
	// account, and those in Put are ignored.
	Put    []calbell.Binding
	Remove []calbell.BindingID
	// Plans are the stored objects, planned with the bindings after the change: their reminders
	// replace those that the objects had, as in a [Change]. If an object has another ETag or
	// text, or is gone, the whole attachment fails with [ErrObjectChanged].
	Plans []Planned
	// Bound is the state of the bindings before the change, on which the plans are based. When
	// it is outdated, the error is [ErrBindingsChanged].
	Bound BindingsState
}

// Pauses stores pauses.
type Pauses interface {
	// Pauses returns the pauses that have not ended at now, by calendar, then webhook.
	Pauses(ctx context.Context, now time.Time) ([]calbell.Pause, error)
	// PausesOf returns the pauses that have not ended at now and are of everything, of one of
	// some calendars with any webhook, or of one of some webhooks without a calendar.
	PausesOf(ctx context.Context, calendars []calbell.CalendarID, webhooks []calbell.WebhookID, now time.Time) ([]calbell.Pause, error)
	// SetPause stores a pause and replaces the one of the same calendar and webhook. It removes
	// it when Until is not after now.
	SetPause(ctx context.Context, p calbell.Pause, now time.Time) error
	// EndPauses removes the pauses that have ended at now. It returns how many.
	EndPauses(ctx context.Context, now time.Time) (int, error)
}
