package calbell

import "time"

// Route is one webhook that a reminder goes to, with the reason.
type Route struct {
	Webhook WebhookID `json:"webhook"`
	Step    Step      `json:"step"`
	// From says in words what chose it: `rule "on call"`, `calendar "Team"`.
	From Text `json:"from,omitzero"`
}

// Step is a way by which a reminder finds its webhook. The first that answers wins.
type Step string

// The steps, in their order.
const (
	StepBinding  Step = "binding"  // kept by Calbell for this event
	StepAlarm    Step = "alarm"    // the VALARM itself names a webhook
	StepAlias    Step = "alias"    // an EMAIL alarm to an address that stands for a webhook
	StepEvent    Step = "event"    // X-CALBELL-WEBHOOK on the event
	StepCategory Step = "category" // a category of the event
	StepLine     Step = "line"     // a #remind line in the description
	StepRule     Step = "rule"     // a rule of the configuration
	StepCalendar Step = "calendar" // the calendar's default
	StepAccount  Step = "account"  // the account's default
)

// OfSettings reports whether the settings decide, and neither the event nor what people attached
// to it.
func (s Step) OfSettings() bool { return s == StepRule || s == StepCalendar || s == StepAccount }

// BindingID names a binding.
type BindingID string

// Binding attaches reminders to an event, and is kept by Calbell beside the calendar: no
// client can lose it, and it works where nothing can be written. It holds for the UID in
// all calendars of its account.
type Binding struct {
	ID      BindingID `json:"id"`
	Owner   string    `json:"owner,omitempty"` // "" = the admin's
	Account string    `json:"account"`
	UID     UID       `json:"uid"`
	// Calendar is the one in which the event was when this was attached; "" when an earlier
	// version stored it. It counts where another person's calendar holds an event of that UID.
	Calendar CalendarID `json:"calendar,omitempty"`
	// Instance narrows it: to the instance of that name or, with Onwards, to it and all later
	// ones. "" = the whole event.
	Instance RecurrenceID `json:"instance,omitempty"`
	Onwards  bool         `json:"onwards,omitempty"`

	Webhook WebhookID `json:"webhook,omitempty"` // "" when Mute
	// Lead is how long before the start it rings. Unused when AtAlarm or Mute.
	Lead Lead `json:"lead,omitzero"`
	// AtAlarm: it rings when the calendar's own alarms do, in the place of where these went.
	AtAlarm bool `json:"at_alarm,omitempty"`
	// Mute: nothing of it rings, wherever it comes from.
	Mute bool `json:"mute,omitempty"`

	MadeAt time.Time `json:"made_at"`
	// GoneAt is since when no calendar of the account holds the event; zero while one does.
	// KeepGone later the binding is forgotten.
	GoneAt time.Time `json:"gone_at,omitzero"`

	// WrittenAt is since when the event itself holds it as an alarm, where the account wants
	// that; zero: it does not, or not yet. WriteError says why it could not be put there.
	WrittenAt  time.Time `json:"written_at,omitzero"`
	WriteError Text      `json:"write_error,omitzero"`
	// Removed: it was taken back, and is kept until its alarm is out of the event.
	Removed bool `json:"removed,omitempty"`
}

// Writable reports whether it can be put into its event: what no TRIGGER can say, what is about
// some instances only, and what makes no reminder stays with Calbell alone.
func (b Binding) Writable() bool { return !b.AtAlarm && !b.Mute && b.Instance == "" && !b.Lead.AtClock }

// Covers reports whether the binding holds for an instance of its event.
func (b Binding) Covers(id RecurrenceID) bool {
	switch {
	case b.Instance == "" || b.Instance == id:
		return true
	case b.Onwards:
		return id >= b.Instance // one spelling, and the same form in one event: text order is time order
	}
	return false
}

// Mode says how a default or a rule and an event's own alarms go together.
type Mode string

// The modes; "" is ModeFallback for defaults and ModeAdd for rules.
const (
	ModeFallback Mode = "fallback" // its reminders are for events without alarms
	ModeAdd      Mode = "add"      // its reminders come beside the alarms
	ModeReplace  Mode = "replace"  // its reminders alone: alarms that name no webhook themselves are silent
	ModeOff      Mode = "off"      // nothing rings that names no webhook itself
)

// Default is where reminders go that say nothing about it, and which ones are made.
type Default struct {
	Webhook      string `json:"webhook,omitempty" doc:"Where reminders go when nothing else says so" maxLength:"200"` // name; "" = none
	Remind       []Lead `json:"remind,omitempty" doc:"15m, 2h, 1d, 1d@18:00" maxItems:"20"`                           // of events with a time of day
	RemindAllDay []Lead `json:"remind_all_day,omitempty" maxItems:"20"`
	Mode         Mode   `json:"mode,omitempty" enum:"fallback,add,replace,off"`
}

// Rule is a default for the events that it matches. All that is given must match.
type Rule struct {
	Name string `json:"name"`
	RuleSpec
	// MinDuration and MaxDuration bound the instance's length, both inclusive; 0: no bound.
	MinDuration time.Duration `json:"min_duration,omitempty"`
	MaxDuration time.Duration `json:"max_duration,omitempty"`
}

// RuleSpec is what people define of a rule, in the configuration file, by the API and on the page,
// beside its name and the lengths that it wants: these are stored as numbers and asked for as text.
type RuleSpec struct {
	Calendar  string `json:"calendar,omitempty" doc:"Name, or account/name" maxLength:"400"`
	Subject   string `json:"subject,omitempty" doc:"Text within, or /regular expression/" maxLength:"1000"` // letter case does not count
	Location  string `json:"location,omitempty" maxLength:"1000"`                                           // likewise
	Category  string `json:"category,omitempty" maxLength:"1000"`                                           // likewise, of one of them
	Organizer string `json:"organizer,omitempty" maxLength:"1000"`                                          // likewise, of address or name
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
	TimeZone  string   `json:"time_zone,omitempty"` // of the cron spec and the days; "" = the configuration's
	Calendars []string `json:"calendars,omitempty"` // names, or account/name; none: all that are listed or have a default
	Webhook   string   `json:"webhook"`
	// From is how many days after the day on which it is sent the agenda begins (1: the
	// evening before), Days how many days it covers.
	From int `json:"from,omitempty"`
	Days int `json:"days"`
	// Head and Line are templates of the first line and of each event's; "" = the default of
	// the language.
	Head string `json:"head,omitempty"`
	Line string `json:"line,omitempty"`
	// SkipEmpty: no message when there are no events.
	SkipEmpty bool `json:"skip_empty,omitempty"`
}

// Quiet are the hours in which a webhook gets no reminders.
type Quiet struct {
	// From and To are times since midnight by the webhook's clock; To before From: the next
	// morning. Equal: none on working days, for a webhook that rests at weekends only.
	From, To time.Duration
	// WorkingDays: on all other days (see Working) the whole day is quiet too.
	WorkingDays bool
	// Working are the working days; none: Monday to Friday.
	Working []time.Weekday
	// Drop: what falls due in them is not sent; else it is held until they end, and sent then
	// unless its event is over.
	Drop bool
}

// Pause keeps reminders from being sent until a time; those that fall due meanwhile are
// not sent later.
type Pause struct {
	Calendar CalendarID `json:"calendar,omitempty"` // of this calendar alone
	Webhook  WebhookID  `json:"webhook,omitempty"`  // to this webhook alone; both "": all of them
	Until    time.Time  `json:"until"`
	MadeAt   time.Time  `json:"made_at"`
}

// BindingsChange gets the bindings of an account as they are and says what is to be put and
// removed. It may be asked several times; its error is returned as it is.
type BindingsChange func(old []Binding) (put []Binding, remove []BindingID, err error)
