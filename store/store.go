package store

import (
	"cmp"
	"context"
	"errors"
	"time"

	"calbell"
)

// Calendars keeps the collections and the state of their sync.
type Calendars interface {
	// Calendars returns all, by account, then name.
	Calendars(ctx context.Context) ([]calbell.Calendar, error)
	// CalendarsOf returns those of some accounts, by account, then name. It costs by what these have.
	CalendarsOf(ctx context.Context, accounts ...string) ([]calbell.Calendar, error)
	// CalendarsByID returns some, each once, by account, then name; unknown ones are left out.
	CalendarsByID(ctx context.Context, ids ...calbell.CalendarID) ([]calbell.Calendar, error)
	// Calendar returns one; a KindNotFound error when there is none.
	Calendar(ctx context.Context, id calbell.CalendarID) (calbell.Calendar, error)
	// SaveCalendar stores a collection without touching its objects.
	SaveCalendar(ctx context.Context, c calbell.Calendar) error

	// RenameAccount gives what is stored of one account to another: its calendars with their
	// objects and reminders, its bindings, listed names, and what is set for its calendars. No name
	// may be "". An account of which nothing is stored is no error.
	RenameAccount(ctx context.Context, from, to string) error
}

// Objects is what is stored of the calendars' objects; [Plans] changes it.
type Objects interface {
	// ETags returns the href and ETag of every object of a calendar.
	ETags(ctx context.Context, id calbell.CalendarID) (map[calbell.Href]calbell.ETag, error)
	// Usage returns how many objects a calendar has, and how many bytes their texts take as they
	// are stored. It opens none of them.
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

// Plans changes objects, each together with the reminders laid out from it.
type Plans interface {
	// Apply stores what a sync learnt. See [Change].
	Apply(ctx context.Context, c Change, now time.Time) error
	// DuePlans returns up to limit objects whose Replan is at or before now, earliest first.
	DuePlans(ctx context.Context, now time.Time, limit int) ([]calbell.Object, error)
	// Extend continues layouts: reminders are added, none is removed. An extension whose
	// object has another ETag by now (where there are no ETags: another text), or is gone,
	// is skipped.
	Extend(ctx context.Context, ext []Planned, now time.Time) error
	// RemoveCalendar deletes a collection with its objects. Reminders that no other source
	// wants are cancelled as of now. An unknown one is no error.
	RemoveCalendar(ctx context.Context, id calbell.CalendarID, now time.Time) error
}

// Change is what a sync (or a part of a large one) learnt about a calendar. Applying it
// is one transaction: a crash between objects, plan and token would skip a change.
type Change struct {
	// Calendar is stored as it is, token included.
	Calendar calbell.Calendar
	// Put are new and changed objects. The reminders of each replace those that the object
	// had: one that has not ended and is no longer named loses this source, and is cancelled
	// when that was its last. One in flight goes on without sources until Finish or Recover,
	// and is not tried again. All of Put is named before anything loses a source, so an
	// event that moves between objects of one change keeps its retries.
	Put []Planned
	// Delete are hrefs that are gone; like a Put without reminders. Unknown ones are ignored,
	// and so are those that Put names too.
	Delete []calbell.Href
	// Bound is the state of the account's bindings on which the plans of Put rest. When it is not that
	// of now any more, nothing is stored and the error is [ErrBindingsChanged]. nil: the plans
	// rest on none.
	Bound *BindingsState
	// Notices are stored as [Notices.Notify] does, in the same transaction.
	Notices []calbell.Reminder
	// Reason is why reminders that lose their last source are cancelled, in words; zero = their
	// event or alarm is gone.
	Reason calbell.Text
}

// Planned is an object with the reminders laid out from it.
type Planned struct {
	Object calbell.Object // Until and Replan are set
	// Reminders name this object as their one source.
	Reminders []PlannedReminder
}

// PlannedReminder is a reminder that an object asks for. If one with its ID exists and
// has not ended, the object becomes one more source of it, and its Subject, Start and End
// follow the newest plan. One that has ended stays as it ended, sources included, except
// that a cancelled one whose Due is not past, or that is KnownLate, is planned again unless it is
// KeepOnly. So is one that was cancelled at most [calbell.MoveWindow] ago, KeepOnly or not: the
// event was moved between calendars, which are seen one after the other. The same ID twice (two alarms at one
// instant) is one reminder with a source for each alarm. Times come back as the same
// instants in UTC.
type PlannedReminder struct {
	calbell.Reminder
	// KeepOnly: keep it if it exists, but do not make it: its instant has passed, and
	// nothing past fires for the first time (C14).
	KeepOnly bool
	// KnownLate: it fires although its instant had passed when it became known. When it is made,
	// or planned again, its delivery's KnownAt becomes now.
	KnownLate bool
}

// Queue hands out what is due and records what became of it.
type Queue interface {
	// NextDue returns the earliest instant strictly after t at which something falls due.
	NextDue(ctx context.Context, after time.Time) (due time.Time, ok bool, err error)
	// Claim gives a worker deliveries whose NextAt is at or before Now, the fresh ones before
	// the others, each earliest first (at one instant by ID), and marks them in flight. When nothing can be claimed it writes
	// nothing. Claims of one object share its copy, which must not be changed.
	Claim(ctx context.Context, r ClaimRequest) ([]calbell.Claim, error)
	// Finish records outcomes of the worker's claims, with the states of their webhooks when
	// they changed. An outcome of a delivery that this worker no longer holds is ignored. One
	// that lost its last source while in flight becomes cancelled instead of waiting or held.
	// A claim that was not used is given back with StatusPlanned and a NextAt, without a Try;
	// when it is held back, HeldUntil is kept, also when it is planned anew.
	Finish(ctx context.Context, worker string, outcomes []calbell.Outcome, states map[calbell.WebhookID]calbell.WebhookState, now time.Time) error
	// Recover takes back what the worker held when it died, and what anyone held past its
	// lease: it is waiting, due again at now, marked as a possible repeat; or cancelled, when
	// no source wants it any more. Returns how many.
	Recover(ctx context.Context, worker string, now time.Time) (int, error)
	// Expire ends deliveries that wait and are worth nothing any more, many at a time. See
	// [ExpireRequest].
	Expire(ctx context.Context, r ExpireRequest) (ExpireResult, error)
}

// ClaimRequest asks for due deliveries.
type ClaimRequest struct {
	Worker string
	Lease  time.Duration
	Now    time.Time
	// Limit is how many at most, ≥ 1.
	Limit int
	// Fresh puts those whose NextAt is at most so long before Now first: after a long
	// downtime, what is due now does not wait behind what is late anyway. 0: no such thing.
	Fresh time.Duration
	// Bounds says what bounds the deliveries of a webhook in this claim; nil, or none: nothing
	// does. It is a pure look-up: asked any number of times during a claim it answers the
	// same, and it must not call the store. The store does the counting.
	Bounds func(w calbell.WebhookID) []Bound
}

// Bound is a limit that the deliveries of one or several webhooks share: a claim takes at
// most Room of them under one Name. What has no room stays where it is.
type Bound struct {
	Name string // "webhook ops", "host chat.example.org"
	Room int
	// Due reports whether what is due at an instant may be taken; nil: whatever is due may. It is
	// a pure function and must not call the store.
	Due func(at time.Time) bool
}

// Notices keeps the messages of Calbell's own.
type Notices interface {
	// Notify adds notices (see calbell.NewNotice) as planned deliveries, due at their Due. One
	// whose ID is known, ended ones included, is left as it is. A reminder without a Notice
	// is a KindUsage error.
	Notify(ctx context.Context, ns []calbell.Reminder, now time.Time) error
	// Record keeps a notice that has ended already and was never planned: somebody waited for
	// its answer. A test is noted as the latest attempt at its webhook. One that is no notice, has not ended, or whose ID is known is a KindUsage error.
	Record(ctx context.Context, d calbell.Delivery) error
	// Untold returns, by webhook, how many deliveries ended with Tell and have not been told.
	// One that is planned again is not untold any more.
	Untold(ctx context.Context) (map[calbell.WebhookID]int, error)
	// TellMissed adds one notice of kind NoticeMissed, due at now, that tells all untold
	// deliveries of a webhook, which are told by that. Returns how many; none makes no notice.
	// Its Since is now, or the first instant after it for which there is no such notice yet.
	TellMissed(ctx context.Context, w calbell.WebhookID, now time.Time) (int, error)
}

// Heartbeat keeps when the program lived.
type Heartbeat interface {
	// Beat writes down that the program lived at now, and so proves that the store can be
	// written. The latest of all beats is the clock's high-water mark.
	Beat(ctx context.Context, now time.Time) error
	// LastBeat returns the high-water mark; zero when there was no beat yet.
	LastBeat(ctx context.Context) (time.Time, error)
}

// ExpireRequest asks for waiting deliveries (planned, waiting and held ones) to be ended as
// missed.
type ExpireRequest struct {
	// Now is when they end.
	Now time.Time
	// From is where to begin: only those with NextAt at or after it are looked at. Zero: the
	// earliest.
	From time.Time
	// Before bounds what is looked at: only those with NextAt before it.
	Before time.Time
	// Limit is how many are looked at in this transaction, ≥ 1 (all of one instant count as
	// one step, so that From can continue).
	Limit int
	// Missed reports whether one is to end, with what reason, and whether it is to be told. It is
	// a pure function and must not call the store.
	Missed func(d calbell.Delivery) (end bool, reason calbell.Text, tell bool)
}

// ExpireResult is what a step of expiring did.
type ExpireResult struct {
	Ended map[calbell.WebhookID]int
	// Next is the From of the next step; zero: all have been looked at.
	Next time.Time
}

// Deliveries is what people look at.
type Deliveries interface {
	// Delivery returns one; a KindNotFound error when there is none.
	Delivery(ctx context.Context, id calbell.ReminderID) (calbell.Delivery, error)
	// Upcoming returns deliveries that are not final, by NextAt, then ID.
	Upcoming(ctx context.Context, q UpcomingQuery) ([]calbell.Delivery, error)
	// DueCalendars returns the calendars of which reminders that nobody has tried to send fall due
	// after one instant and not after another, each with the earliest of these.
	DueCalendars(ctx context.Context, after, until time.Time) (map[calbell.CalendarID]time.Time, error)
	// History returns deliveries that have ended, newest FinishedAt first (at one instant by
	// ID, backwards).
	History(ctx context.Context, q HistoryQuery) ([]calbell.Delivery, error)
	// Counts returns how many deliveries there are in each state that is not final, and in
	// each final one since the last prune.
	Counts(ctx context.Context) (map[calbell.Status]int, error)
	// Resend plans ended deliveries again, due at now, with AskedAt = now and their tries kept;
	// they are not untold any more. Those that wait for another try are due at now; what has
	// not ended otherwise is left as it is. Returns how many are due by that; an unknown ID is
	// a KindNotFound error, and then none is.
	Resend(ctx context.Context, ids []calbell.ReminderID, now time.Time) (int, error)
	// Prune forgets up to limit deliveries that ended before t, with no way back: the caller
	// lays nothing out that far in the past. Returns how many.
	Prune(ctx context.Context, before time.Time, limit int) (int, error)
}

// UpcomingQuery narrows what is not final.
type UpcomingQuery struct {
	Limit int
	// After is the last one of what was seen already: only what comes after it in the order.
	After *UpcomingMark
	// Calendars are those of which one is a source. To find them costs by what these calendars
	// hold, and not by what others do; what somebody asked for to be sent again may be missing.
	// nil: all there are, those without a source too.
	Calendars []calbell.CalendarID
	// UID narrows it to the reminders of one event, found through the objects that list it: what
	// no object names any more may be missing. It is not combined with Calendars. "": all.
	UID calbell.UID
}

// UpcomingMark is a place in the order of what is not final.
type UpcomingMark struct {
	NextAt time.Time
	ID     calbell.ReminderID
}

// Compare compares places by the order.
func (m UpcomingMark) Compare(o UpcomingMark) int {
	return cmp.Or(m.NextAt.Compare(o.NextAt), cmp.Compare(m.ID, o.ID))
}

// HistoryQuery narrows a history. Zero fields do not.
type HistoryQuery struct {
	Since    time.Time // FinishedAt at or after
	Statuses []calbell.Status
	Webhook  calbell.WebhookID
	UID      calbell.UID
	UIDs     []calbell.UID // one of these
	// StartsAfter wants a later Start: what has not begun by then.
	StartsAfter time.Time
	Limit       int // 0 = 100
	// After is the last one of what was seen already: only what comes after it in the order. It
	// need not exist any more.
	After *HistoryMark
	// Of narrows it to what concerns somebody. To find that costs by what they have, and not by what
	// others do. nil: all.
	Of *Concern
}

// Concern is what concerns somebody: deliveries of which one of the calendars is a source, that went
// to one of the webhooks, or that the person with that slug had made, and notices about one of the events.
type Concern struct {
	Calendars []calbell.CalendarID
	Webhooks  []calbell.WebhookID
	By        string // "" = nobody
	Events    []calbell.UID
}

// HistoryMark is a place in the history.
type HistoryMark struct {
	FinishedAt time.Time
	ID         calbell.ReminderID
}

// Webhooks keeps webhook definitions. One of the file hides a stored one of the same ID.
type Webhooks interface {
	// Webhooks returns the table of those that are not hidden, by name. Groups: [OwnedBy], [Shared]. Keys are IDs and never
	// names: another person's webhook may have the name that one which is gone had. Put stores
	// with OriginStored. Remove and Change remove stored ones, with their states unless one of
	// the file has the same ID.
	Webhooks() Table[calbell.WebhookID, calbell.Webhook]
	// SetFileWebhooks makes these, with OriginFile, the ones of the file.
	SetFileWebhooks(ctx context.Context, ws []calbell.Webhook) error
	// WebhookStates returns the table of states that are not zero: a zero one that is put is
	// removed.
	WebhookStates() Table[calbell.WebhookID, WebhookState]
}

// WebhookState is the state of a webhook.
type WebhookState struct {
	ID calbell.WebhookID `json:"id"`
	calbell.WebhookState
}

// BindingsState tells one state of an account's bindings from another: each change makes a new one.
type BindingsState uint64

// ErrBindingsChanged says that a plan rests on bindings that are not the ones of now: plan
// again and repeat. It has no meaning for people.
var ErrBindingsChanged = errors.New("the bindings have changed meanwhile")

// ErrObjectChanged says that a plan rests on an object's copy that is not the one of now:
// plan again and repeat. It has no meaning for people.
var ErrObjectChanged = errors.New("the object has changed meanwhile")

// Bindings keeps what people attached to events.
type Bindings interface {
	// AllBindings returns all, by account, UID and ID.
	AllBindings(ctx context.Context) ([]calbell.Binding, error)
	// Bindings returns those of an account, by UID and ID, with the state that they are in.
	Bindings(ctx context.Context, account string) ([]calbell.Binding, BindingsState, error)
	// BindingsOf returns those of some accounts, by account, UID and ID.
	BindingsOf(ctx context.Context, accounts ...string) ([]calbell.Binding, error)
	// BindingsTo returns those that go to one of some webhooks, by account, UID and ID.
	BindingsTo(ctx context.Context, webhooks ...calbell.WebhookID) ([]calbell.Binding, error)
	// Attach changes bindings of one account, and the plans of the objects that they are about, in one
	// transaction. A binding without ID or UID, or of another account, is a KindUsage error. The calendars,
	// their sync tokens too, stay as they are; and removing a calendar leaves the bindings.
	Attach(ctx context.Context, a Attachment, now time.Time) error
}

// Attachment is a change of bindings.
type Attachment struct {
	// Account is whose bindings are changed, by its key.
	Account string
	// Put replaces those of the same ID. Remove are IDs; those that are unknown, or of another account,
	// are ignored, and so are those that Put names too.
	Put    []calbell.Binding
	Remove []calbell.BindingID
	// Plans are the objects as they are stored, planned with the bindings as they are after
	// the change: their reminders replace those that the objects had, as in a [Change]. One
	// whose object has another ETag or text by now, or is gone, makes the whole attachment
	// fail with [ErrObjectChanged].
	Plans []Planned
	// Bound is the state of the bindings that the plans rest on, before the change. When it
	// is not that of now any more, the error is [ErrBindingsChanged].
	Bound BindingsState
}

// Pauses keeps what people paused.
type Pauses interface {
	// Pauses returns those that have not ended at now, by calendar, then webhook.
	Pauses(ctx context.Context, now time.Time) ([]calbell.Pause, error)
	// PausesOf returns those of these that have not ended at now: of everything, of one of some
	// calendars, whatever the webhook, and of one of some webhooks without a calendar.
	PausesOf(ctx context.Context, calendars []calbell.CalendarID, webhooks []calbell.WebhookID, now time.Time) ([]calbell.Pause, error)
	// SetPause stores one in the place of the one of the same calendar and webhook, or removes
	// it when Until is not after now.
	SetPause(ctx context.Context, p calbell.Pause, now time.Time) error
	// EndPauses removes those that have ended at now. Returns how many.
	EndPauses(ctx context.Context, now time.Time) (int, error)
}
