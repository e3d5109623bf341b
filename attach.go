package calbell

import "time"

// Route is a webhook that a reminder goes to, with the reason.
type Route struct {
	Webhook WebhookID `json:"webhook"`
	Step    Step      `json:"step"`
	// From names the setting that chose the webhook: `rule "on call"`, `calendar "Team"`.
	From Text `json:"from,omitzero"`
}

// Step names one of the ways to find a reminder's webhook. The first step that finds one wins.
type Step string

// The steps, in their order.
const (
	StepBinding  Step = "binding"  // a binding of this event
	StepAlarm    Step = "alarm"    // the VALARM itself names a webhook
	StepAlias    Step = "alias"    // an EMAIL alarm to an address that is an alias of a webhook
	StepEvent    Step = "event"    // X-CALBELL-WEBHOOK on the event
	StepCategory Step = "category" // a category of the event
	StepLine     Step = "line"     // a #remind line in the description
	StepRule     Step = "rule"     // a rule of the configuration
	StepCalendar Step = "calendar" // the calendar's default
	StepAccount  Step = "account"  // the account's default
)

// OfSettings reports whether a setting chose the webhook: neither the event nor a binding did.
func (s Step) OfSettings() bool { return s == StepRule || s == StepCalendar || s == StepAccount }

// BindingID identifies a binding.
type BindingID string

// Binding attaches a reminder to an event. Calbell stores it beside the calendar, so no client
// can lose it and it works for read-only calendars. It applies to the UID in all calendars of
// its account.
type Binding struct {
	ID      BindingID `json:"id"`
	Owner   string    `json:"owner,omitempty"` // "" = the admin's
	Account string    `json:"account"`
	UID     UID       `json:"uid"`
	// Calendar is the calendar in which the event was when the binding was made; "" when an
	// earlier version stored it. It matters when another person's calendar holds an event of
	// that UID.
	Calendar CalendarID `json:"calendar,omitempty"`
	// Instance limits the binding to the instance of that name or, with Onwards, to that
	// instance and all later ones. "" = the whole event.
	Instance RecurrenceID `json:"instance,omitempty"`
	Onwards  bool         `json:"onwards,omitempty"`

	Webhook WebhookID `json:"webhook,omitempty"` // "" when Mute
	// Lead is the time before the start at which the reminder falls due. It is not used with
	// AtAlarm or Mute.
	Lead Lead `json:"lead,omitzero"`
	// AtAlarm binds the event's own alarms to the webhook: they go there instead of where they
	// went before.
	AtAlarm bool `json:"at_alarm,omitempty"`
	// Mute suppresses all reminders of the event, wherever they come from.
	Mute bool `json:"mute,omitempty"`

	MadeAt time.Time `json:"made_at"`
	// GoneAt is when the event disappeared from all calendars of the account; zero while one
	// holds it. The binding is deleted KeepGone later.
	GoneAt time.Time `json:"gone_at,omitzero"`

	// WrittenAt is when the binding was written into the event as an alarm, for accounts with
	// write_back; zero when the event does not hold it. WriteError says why it could not be
	// written.
	WrittenAt  time.Time `json:"written_at,omitzero"`
	WriteError Text      `json:"write_error,omitzero"`
	// Removed marks a binding that a person deleted. It is stored until its alarm is removed
	// from the event.
	Removed bool `json:"removed,omitempty"`
}

// Writable reports whether the binding can be written into its event as an alarm. Times of day
// have no TRIGGER, and what concerns single instances or makes no reminder of its own stays in
// Calbell only.
func (b Binding) Writable() bool { return !b.AtAlarm && !b.Mute && b.Instance == "" && !b.Lead.AtClock }

// Covers reports whether the binding applies to an instance of its event.
func (b Binding) Covers(id RecurrenceID) bool {
	switch {
	case b.Instance == "" || b.Instance == id:
		return true
	case b.Onwards:
		return id >= b.Instance // canonical and of one form within an event: text order is time order
	}
	return false
}

// Mode says how the reminders of a default or a rule combine with an event's own alarms.
type Mode string

// The modes; "" is ModeFallback for defaults and ModeAdd for rules.
const (
	ModeFallback Mode = "fallback" // its reminders are added to events without alarms
	ModeAdd      Mode = "add"      // its reminders are added to the alarms
	ModeReplace  Mode = "replace"  // its reminders replace all alarms that do not name a webhook
	ModeOff      Mode = "off"      // all alarms are silent that do not name a webhook
)

// Default is a webhook for reminders that name none, with the reminders to add.
type Default struct {
	Webhook      string `json:"webhook,omitempty" doc:"Where reminders go when nothing else says so" maxLength:"200"` // name; "" = none
	Remind       []Lead `json:"remind,omitempty" doc:"15m, 2h, 1d, 1d@18:00" maxItems:"20"`                           // for events with a time of day
	RemindAllDay []Lead `json:"remind_all_day,omitempty" maxItems:"20"`
	Mode         Mode   `json:"mode,omitempty" enum:"fallback,add,replace,off"`
}

// Rule is a default for the events that match it. An event must match every field that is set.
type Rule struct {
	Name string `json:"name"`
	RuleSpec
	// MinDuration and MaxDuration limit the instance's length, inclusive; 0: no limit.
	MinDuration time.Duration `json:"min_duration,omitempty"`
	MaxDuration time.Duration `json:"max_duration,omitempty"`
}

// RuleSpec holds the fields of a rule that people set in the configuration file, through the
// API and on the page. Its name and its durations are apart: durations are stored as numbers
// and entered as text.
type RuleSpec struct {
	Calendar  string `json:"calendar,omitempty" doc:"Name, or account/name" maxLength:"400"`
	Subject   string `json:"subject,omitempty" doc:"Text within, or /regular expression/" maxLength:"1000"` // ignores letter case
	Location  string `json:"location,omitempty" maxLength:"1000"`                                           // likewise
	Category  string `json:"category,omitempty" maxLength:"1000"`                                           // likewise, one of the event's categories
	Organizer string `json:"organizer,omitempty" maxLength:"1000"`                                          // likewise, address or name
	Busy      *bool  `json:"busy,omitempty"`                                                                // TRANSP; nil: either
	AllDay    *bool  `json:"all_day,omitempty"`                                                             // nil: either

	Webhooks     []string `json:"webhooks,omitempty" maxItems:"16"` // names; none only with ModeOff
	Remind       []Lead   `json:"remind,omitempty" maxItems:"20"`
	RemindAllDay []Lead   `json:"remind_all_day,omitempty" maxItems:"20"`
	Mode         Mode     `json:"mode,omitempty" enum:"fallback,add,replace,off"`
}

// Digest is an agenda that is posted at fixed times.
type Digest struct {
	Name      string   `json:"name"`
	Cron      string   `json:"cron"`                // five fields, as robfig/cron reads them
	TimeZone  string   `json:"time_zone,omitempty"` // for Cron and the days; "" = the configuration's
	Calendars []string `json:"calendars,omitempty"` // names, or account/name; none: all calendars that are listed or have a default
	Webhook   string   `json:"webhook"`
	// From is how many days after the day of sending the agenda begins (1: it is sent the
	// evening before). Days is how many days it covers.
	From int `json:"from,omitempty"`
	Days int `json:"days"`
	// Head and Line are templates of the first line and of each event's line; "" = the default
	// of the language.
	Head string `json:"head,omitempty"`
	Line string `json:"line,omitempty"`
	// SkipEmpty sends no message when there are no events.
	SkipEmpty bool `json:"skip_empty,omitempty"`
}

// Quiet are the hours in which a webhook gets no reminders.
type Quiet struct {
	// From and To are times since midnight by the webhook's clock. When To is before From, it
	// is on the next morning. When both are equal, working days have no quiet hours: the
	// webhook is quiet on other days only.
	From, To time.Duration
	// WorkingDays makes all days that are not working days (see Working) quiet as a whole.
	WorkingDays bool
	// Working lists the working days; none: Monday to Friday.
	Working []time.Weekday
	// Drop discards reminders that fall due in quiet hours. Otherwise they are deferred until
	// the quiet hours end, and sent then unless the event is over.
	Drop bool
}

// Pause suppresses reminders until a time. Reminders that fall due during a pause are not sent
// later.
type Pause struct {
	Calendar CalendarID `json:"calendar,omitempty"` // limits it to this calendar
	Webhook  WebhookID  `json:"webhook,omitempty"`  // limits it to this webhook; both "": all reminders
	Until    time.Time  `json:"until"`
	MadeAt   time.Time  `json:"made_at"`
}

// BindingsChange gets the current bindings of an account, and returns the bindings to store and
// to remove. It may be called several times; its error is returned unchanged.
type BindingsChange func(old []Binding) (put []Binding, remove []BindingID, err error)
