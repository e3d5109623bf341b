package calbell

import (
	"fmt"
	"time"
)

// The types of this file are what people and programs see of the daemon: the API writes
// them, its client reads them, the command line prints them. Times are RFC 3339.

// StatusReport is the state of the whole daemon.
type StatusReport struct {
	Version    string    `json:"version"`
	StartedAt  time.Time `json:"started_at"`
	ConfigFile string    `json:"config_file,omitempty"`
	TimeZone   string    `json:"time_zone"`
	TZData     string    `json:"tzdata"` // version of the zone data in use
	// Troubles say what is wrong with the program itself (its clock, its database), a line
	// each; empty when nothing is.
	Troubles []string `json:"troubles,omitempty"`
	// Waiting are keys of the configuration that were changed since the start and take effect at
	// the next one.
	Waiting   []string       `json:"waiting_for_restart,omitempty"`
	Accounts  []AccountState `json:"accounts"`
	Calendars []CalendarRow  `json:"calendars"`
	// ListTroubles are names in lists of calendars that stand for none.
	ListTroubles []ListedName `json:"list_troubles,omitempty"`

	Syncing    []SyncProgress `json:"syncing,omitempty"` // syncs under way
	Pauses     []PauseRow     `json:"pauses,omitempty"`  // what is paused now
	Webhooks   []WebhookRow   `json:"webhooks"`
	Deliveries map[Status]int `json:"deliveries,omitzero"` // by state; for admins
	NextDue    *time.Time     `json:"next_due,omitempty"`  // nil: nothing is planned
}

// PauseRequest asks for a pause, or for its end.
type PauseRequest struct {
	Calendar string    `json:"calendar,omitempty" doc:"Name or ID; all when absent" maxLength:"200"`
	Webhook  string    `json:"webhook,omitempty" doc:"Name or slug; all when absent" maxLength:"200"`
	Until    time.Time `json:"until,omitzero" doc:"When it ends; it ends now when that is past or absent"`
}

// PauseRow is a pause as lists show it.
type PauseRow struct {
	Pause
	// CalendarName and WebhookName say in words what is paused; both "": everything.
	CalendarName string `json:"calendar_name,omitempty"`
	WebhookName  string `json:"webhook_name,omitempty"`
	ETag         string `json:"etag"`
}

// What says in words what is paused: `everything`, `calendar "Team"`.
func (p PauseRow) What() string {
	switch {
	case p.Calendar == "" && p.Webhook == "":
		return "everything"
	case p.Webhook == "":
		return fmt.Sprintf("calendar %q", p.CalendarName)
	case p.Calendar == "":
		return fmt.Sprintf("webhook %q", p.WebhookName)
	}
	return fmt.Sprintf("calendar %q to webhook %q", p.CalendarName, p.WebhookName)
}

// CalendarRow is a calendar with where its alarms go, and how its sync is.
type CalendarRow struct {
	Calendar
	Webhooks []string `json:"webhooks,omitempty"`
	// SwitchedOff: it is another person's, and nothing of it posts until it is switched on.
	SwitchedOff bool      `json:"switched_off,omitempty"`
	State       SyncState `json:"state"`
	// OverdueSince is when it should have been synced at the latest; zero: it was, or that is ahead.
	OverdueSince time.Time `json:"overdue_since,omitzero"`
	// Problems count the objects that event list --bad lists.
	Problems ProblemCount `json:"problems,omitzero"`
}

// ProblemCount counts objects that were not read as they are written.
type ProblemCount struct {
	Bad    int `json:"bad"`    // something of them is lost
	Mended int `json:"mended"` // all of them rings
}

// WebhookRow is a webhook as lists show it. Its URL is a secret; Host tells it apart.
type WebhookRow struct {
	Webhook
	Host  string        `json:"host,omitempty"` // "" for those who may only use it
	State WebhookHealth `json:"state"`
	// Last is the latest attempt, a test or a delivery; nil: it was not tried yet.
	Last   *WebhookTry `json:"last,omitempty"`
	Reason string      `json:"reason,omitempty"`
	Hint   string      `json:"hint,omitempty"`    // the next step, when it is not well
	UsedBy []string    `json:"used_by,omitempty"` // as account/calendar
	// StoredUse: something that does not stand in the configuration file sends reminders to it.
	StoredUse bool `json:"stored_use,omitempty"`
	// Editable: the caller may change and remove it.
	Editable bool   `json:"editable"`
	ETag     string `json:"etag,omitempty"`
}

// TestResult is what a webhook answered to a sample message.
type TestResult struct {
	Webhook string  `json:"webhook"`
	Verdict Verdict `json:"verdict"`
	Status  int     `json:"status,omitempty"`
	Answer  string  `json:"answer,omitempty"`
	Error   string  `json:"error,omitempty"`
	TookMS  int64   `json:"took_ms"`
	Hint    string  `json:"hint,omitempty"`
	// Delivery is its record in the history.
	Delivery ReminderID `json:"delivery"`
}

// EventQuery asks for the instances in [From, To).
type EventQuery struct {
	From, To time.Time
	Calendar string // name or ID; "" = all
	// Unrouted: only those with an alarm that goes nowhere for want of a webhook.
	Unrouted bool
	Search   string // in subject, location or description, letter case ignored; "" = all
	// Unreminded: of an agenda, only those without a reminder that goes to a webhook.
	Unreminded bool
	Limit      int // 0 = 200
	// Cursor is where a list goes on: what came with the page before; "" = at its beginning.
	Cursor string
}

// EventRow is one instance of an event.
type EventRow struct {
	ID           string        `json:"id"` // of the event, for event show
	UID          UID           `json:"uid"`
	RecurrenceID RecurrenceID  `json:"recurrence_id,omitempty"`
	Kind         ComponentKind `json:"kind"`
	Account      string        `json:"account"`
	Calendar     string        `json:"calendar"`
	Start        time.Time     `json:"start"`
	End          time.Time     `json:"end"`
	AllDay       bool          `json:"all_day,omitempty"`
	Subject      string        `json:"subject"`
	Location     string        `json:"location,omitempty"`
}

// RemindedEvent is one instance of an event with its reminders, as an agenda shows it.
type RemindedEvent struct {
	EventRow
	Color string `json:"color,omitempty"` // of its calendar, "#rrggbb"
	// Reminders are those that go to a webhook, by trigger; at most [MaxBindings].
	Reminders []AlarmRow `json:"reminders"`
	// Silent says why it has no reminder although it rings; "" when it has one or does not.
	Silent string `json:"silent,omitempty"`
}

// EventDetail is an event with what Calbell makes of it, and why.
type EventDetail struct {
	EventRow        // of the next instance, or the last one
	Href     Href   `json:"href"`
	TimeZone string `json:"time_zone"`
	// OnTheDay is the time of day to offer for reminders of an all-day event, as a lead.
	OnTheDay Lead     `json:"on_the_day,omitzero"`
	Instance Instance `json:"instance"`
	// Reminders are the alarms of Instance, by trigger, past ones and silent ones too.
	Reminders []AlarmRow `json:"reminders"`
	// Offered is the webhook to offer for a new reminder: its calendar's default, else the one that
	// a reminder was attached to last in its account; "": there is none of either.
	Offered WebhookID `json:"offered,omitempty"`
	// ReadOnly: its calendar takes no changes.
	ReadOnly bool       `json:"read_only,omitempty"`
	Next     []AlarmRow `json:"next"` // the next alarm instants, at most ten
	// Last is the latest alarm instant before now; nil when none is found.
	Last *AlarmRow `json:"last,omitempty"`
	// Silent says why nothing is posted although it rings; "" when it is.
	Silent   string   `json:"silent,omitempty"`
	Problems []string `json:"problems,omitempty"`
	// Warnings are what was read otherwise than it is written.
	Warnings []Warning `json:"warnings,omitempty"`
	Bindings []Binding `json:"bindings,omitempty"` // what people attached to it
	// Open are the deliveries that fell due and have not ended, the next try first: waiting,
	// held, in flight, or deferred. Deliveries are those that ended, newest first.
	Open       []DeliveryRow `json:"open,omitempty"`
	Deliveries []DeliveryRow `json:"deliveries,omitempty"`
}

// AlarmRow is one instant at which an alarm rings, and where it goes.
type AlarmRow struct {
	Trigger      time.Time    `json:"trigger"`
	RecurrenceID RecurrenceID `json:"recurrence_id,omitempty"`
	Start        time.Time    `json:"start"` // of its instance
	// Action is that of the VALARM; Before is set when it is none, but a reminder that a
	// binding, a line, a rule or a default makes so long before the start.
	Action   string   `json:"action"`
	Before   *Lead    `json:"before,omitempty"`
	Text     string   `json:"text,omitempty"` // of the alarm itself
	Webhooks []string `json:"webhooks,omitempty"`
	// Routes say what chose each webhook. None: Silent says why.
	Routes []Route `json:"routes,omitempty"`
	Silent string  `json:"silent,omitempty"`
}

// NewReminder asks for reminders of an event to be attached.
type NewReminder struct {
	Event   string `json:"-"` // ID of the event, or a UID that only one event has; part of the address
	Webhook string `json:"webhook,omitempty" doc:"Name or slug; nothing to mute" maxLength:"200"`
	Before  []Lead `json:"before,omitempty" doc:"How long before the start: 15m, 2h, 1d, 1d@18:00, 0m" maxItems:"16"`
	AtAlarm bool   `json:"at_alarm,omitempty" doc:"When the calendar's own alarms ring, in the place of where these went"`
	Mute    bool   `json:"mute,omitempty" doc:"Nothing of it rings"`
	// Instance narrows it to one instance; with Onwards, to it and all later ones.
	Instance RecurrenceID `json:"instance,omitempty" doc:"Only this instance: its name, its start, or its day" maxLength:"40"`
	Onwards  bool         `json:"onwards,omitempty" doc:"And all later ones"`
}

// Unmuted says how many mutes were taken back.
type Unmuted struct {
	Removed int `json:"removed"`
}

// RuleRow is what a rule makes of an event.
type RuleRow struct {
	Rule
	MinDuration string `json:"min_duration,omitempty"` // as people write it
	MaxDuration string `json:"max_duration,omitempty"`

	Matches bool   `json:"matches"`
	Decides bool   `json:"decides"`          // it is the first that matches
	Misses  string `json:"misses,omitempty"` // the key of the rule that does not hold
}

// AttachedReminders are what a NewReminder made, and when they fire next.
type AttachedReminders struct {
	Bindings []Binding  `json:"bindings"`
	Next     []AlarmRow `json:"next"` // at most ten of the event's
	// Fires are the next ten instants at which what was attached, alone, fires. One that has
	// passed already is sent at once.
	Fires []AlarmRow `json:"fires"`
}

// BadRow is an object that could not be read, or not wholly; or one that was mended, so that
// all of it rings.
type BadRow struct {
	Account  string `json:"account"`
	Calendar string `json:"calendar"`
	UIDs     []UID  `json:"uids,omitempty"`
	Href     Href   `json:"href"`
	// Mended: nothing is lost; Reason is what was read otherwise than it is written.
	Mended   bool      `json:"mended,omitempty"`
	Reason   string    `json:"reason"`
	Warnings []Warning `json:"warnings,omitempty"`
}

// DeliveryRow is a delivery as lists show it.
type DeliveryRow struct {
	ID           ReminderID   `json:"id"`
	Status       Status       `json:"status"`
	Due          time.Time    `json:"due"`
	SentAt       *time.Time   `json:"sent_at"` // null until it is sent
	LateMS       *int64       `json:"late_ms"` // of a sent one: milliseconds after Due; else null
	NextAt       *time.Time   `json:"next_at,omitempty"`
	HeldUntil    *time.Time   `json:"held_until,omitempty"` // the end of the quiet hours, or of the pause, that last deferred it
	KnownAt      *time.Time   `json:"known_at,omitempty"`   // when it was first known, if that was after Due
	Webhook      WebhookID    `json:"webhook"`
	UID          UID          `json:"uid"`
	RecurrenceID RecurrenceID `json:"recurrence_id"`
	Subject      string       `json:"subject"`
	Attempts     int          `json:"attempts"`
	Error        string       `json:"error"`
	Notice       NoticeKind   `json:"notice,omitempty"` // of a message of Calbell's own; "": it reminds of an event
	// Trouble is why its webhook takes nothing now; "" when it does, or when nobody looked.
	Trouble string `json:"trouble,omitempty"`
}

// UpcomingRow is what falls due next: a delivery, or a reminder of a series that is not laid out
// yet, and gets a delivery with this ID when it is.
type UpcomingRow struct {
	DeliveryRow
	// Event is the ID of the event of a reminder that has no delivery yet; "" when it has one.
	Event string `json:"event,omitempty"`
}

// At is when it is tried next.
func (r UpcomingRow) At() time.Time {
	if r.NextAt != nil {
		return *r.NextAt
	}
	return r.Due
}

// Row returns the delivery as lists show it.
func (d Delivery) Row() DeliveryRow {
	r := DeliveryRow{
		ID: d.ID, Status: d.Status, Due: d.Due, Webhook: d.Webhook, UID: d.UID, RecurrenceID: d.RecurrenceID,
		Subject: d.Subject, Attempts: d.Attempts, Error: d.Reason,
	}
	if d.Notice != nil {
		r.Notice = d.Notice.Kind
	}
	if !d.NextAt.IsZero() {
		r.NextAt = &d.NextAt
	}
	if !d.HeldUntil.IsZero() {
		r.HeldUntil = &d.HeldUntil
	}
	if !d.KnownAt.IsZero() {
		r.KnownAt = &d.KnownAt
	}
	if d.Status == StatusSent {
		late := d.FinishedAt.Sub(d.Due).Milliseconds()
		r.SentAt, r.LateMS = &d.FinishedAt, &late
	} else if n := len(d.Tries); n > 0 && r.Error == "" {
		last := d.Tries[n-1]
		r.Error = last.Error
		if r.Error == "" {
			r.Error = string(last.Verdict)
		}
	}
	return r
}

// SyncProgress is how far the sync of a calendar is.
type SyncProgress struct {
	Account  string `json:"account"`
	Calendar string `json:"calendar"` // "" while the account's calendars are looked for
	Done     int    `json:"done"`     // objects fetched and planned
	Total    int    `json:"total"`    // of how many; 0: not known
	// Waits: it has not begun, since too many others are under way.
	Waits bool      `json:"waits,omitempty"`
	Since time.Time `json:"since"` // when it began, or began to wait
}

// SyncRow is how the sync of an account ended; Error is "" when well.
type SyncRow struct {
	Account string `json:"account"`
	Error   string `json:"error,omitempty"`
	Hint    string `json:"hint,omitempty"`
	// Kind classifies the error; 0 when well.
	Kind ErrorKind `json:"kind,omitempty"`
	// Troubles are names in the account's list of calendars that stand for none.
	Troubles []ListedName `json:"troubles,omitempty"`
	// Unlisted are calendars that the server does not list, and that were not read.
	Unlisted []string `json:"unlisted,omitempty"`
	// HeldBack is how many deletions the mass-delete brake holds back.
	HeldBack int `json:"held_back,omitempty"`
}

// ResendRequest names deliveries to be sent again: by ID, or all to a webhook that ended so
// since a time.
type ResendRequest struct {
	IDs      []ReminderID `json:"ids,omitempty" maxItems:"10000" doc:"These; then nothing else may be given"`
	Webhook  string       `json:"webhook,omitempty" doc:"All to the webhook with this name or slug that ended as status says since a time"`
	Since    time.Time    `json:"since,omitzero" doc:"Those that ended at or after it"`
	Statuses []Status     `json:"status,omitempty" doc:"dead, missed, dropped or sent; default dead and missed"`
}

// ResendResult says what a resend did.
type ResendResult struct {
	Planned int  `json:"planned"`        // deliveries that are due again now, for the dispatcher to try
	More    bool `json:"more,omitempty"` // there are more than one request takes: ask again
}

// StoreCheck is what a check of the whole database found.
type StoreCheck struct {
	Findings []string `json:"findings"` // a line each; none: it is sound
	TookMS   int64    `json:"took_ms"`
}

// SettingRow is a value of the configuration in force.
type SettingRow struct {
	Key    string `json:"key"`
	Value  string `json:"value"`  // a secret is not shown
	Origin string `json:"origin"` // the file, the environment or the defaults
	// TakesEffect is when a change of the key takes effect: at a reload, or at a restart.
	TakesEffect string `json:"takes_effect"`
	// Waits: the file has another value since the start, and this one waits for a restart.
	Waits bool `json:"waits,omitempty"`
}

// ReloadReport tells what came of reading the configuration again.
type ReloadReport struct {
	// Waiting are the changed keys that take effect when the program is started again.
	Waiting []string `json:"waiting_for_restart"`
	// Warnings are what a check of the configuration warns of.
	Warnings []ConfigWarning `json:"warnings"`
	// Lifted are the names of the webhooks that were out of service and are tried again, since their
	// definition changed.
	Lifted []string `json:"lifted,omitempty"`
}

// ConfigWarning is about something in the configuration that works and should not stay so.
type ConfigWarning struct {
	What string `json:"what"` // what is unwise, where
	Hint string `json:"hint"` // the next step
}
