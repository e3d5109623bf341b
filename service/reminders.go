package service

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/scheduler/plan"
)

const (
	// lookedAt bounds the alarm instants that are looked at for those that go somewhere.
	lookedAt = 300
	// atOnce bounds the alarms of one instant that are shown.
	atOnce = 50
)

// Bindings changes what is attached to events.
type Bindings interface {
	// Attach changes the bindings of an account, and the plans that rest on them.
	Attach(ctx context.Context, account string, change calbell.BindingsChange) error
}

// Reminders is about what people attach to events.
type Reminders struct {
	*finder
	syncs        Syncs
	bindingStore Bindings
}

// bindings are those of all accounts, by account and event.
type bindings map[string]plan.Bindings

// of returns those of an event of a calendar.
func (b bindings) of(c calbell.Calendar, e *ical.Event) []calbell.Binding {
	return b[c.Account][e.UID()]
}

// bindings reads all bindings, also those that were taken back: their alarms are silent.
func (s *core) bindings(ctx context.Context) (bindings, error) {
	list, _, err := s.store.Bindings(ctx, "")
	return plan.BindingsOf(list), err
}

// standing are bindings without those that were taken back, and wait to leave their event.
func standing(list []calbell.Binding) (left []calbell.Binding) {
	for _, b := range list {
		if !b.Removed {
			left = append(left, b)
		}
	}
	return left
}

// Add attaches reminders to an event, and says when it fires next. What is attached
// already is not attached twice.
func (s *Reminders) Add(ctx context.Context, who calbell.Caller, n calbell.NewReminder) (calbell.AttachedReminders, error) {
	now := time.Now()
	f, wanted, err := s.wanted(ctx, who, n, now)
	if err != nil {
		return calbell.AttachedReminders{}, err
	}
	var all []calbell.Binding
	err = s.bindingStore.Attach(ctx, f.calendar.Account, func(old []calbell.Binding) ([]calbell.Binding, []calbell.BindingID, error) {
		var put []calbell.Binding
		all = of(old, f.event.UID())
		for _, b := range wanted {
			if !slices.ContainsFunc(all, func(o calbell.Binding) bool { return o.ID == b.ID }) {
				put, all = append(put, b), append(all, b)
			}
		}
		if len(all) > calbell.MaxBindings {
			return nil, nil, &calbell.Error{
				Kind: calbell.KindUsage, What: fmt.Sprintf("an event has at most %d reminders", calbell.MaxBindings),
				Hint: "remove some first: calbell reminder remove",
			}
		}
		if s.owners()[f.calendar.Account] != "" && len(put) > 0 && len(old)+len(put) > calbell.MaxAccountBindings {
			return nil, nil, &calbell.Error{
				Kind: calbell.KindUsage, What: fmt.Sprintf("%d reminders attached to events of one account are enough", calbell.MaxAccountBindings),
				Hint: "remove some first, or make a rule for many events",
			}
		}
		return put, nil, nil
	})
	if err != nil {
		return calbell.AttachedReminders{}, err
	}
	s.writeSoon(wanted[0])
	return calbell.AttachedReminders{Bindings: wanted, Next: s.detail(f, all, now).Next, Fires: s.fires(f, wanted, now)}, nil
}

// writeSoon has a binding written into its event, or taken out of it, where the account wants
// that. When too many syncs wait already, the next one does it.
func (s *Reminders) writeSoon(b calbell.Binding) {
	for _, a := range s.config.Accounts() {
		if a.Key() == b.Account && a.WriteBack && b.Writable() {
			_ = s.syncs.SyncSoon(calbell.SyncRequest{Account: a})
		}
	}
}

// of returns the bindings of an event.
func of(list []calbell.Binding, uid calbell.UID) (found []calbell.Binding) {
	for _, b := range list {
		if b.UID == uid && !b.Removed {
			found = append(found, b)
		}
	}
	return found
}

// Preview says what AddReminder would make, and when the event would fire next.
func (s *Reminders) Preview(ctx context.Context, who calbell.Caller, n calbell.NewReminder) (calbell.AttachedReminders, error) {
	now := time.Now()
	f, wanted, err := s.wanted(ctx, who, n, now)
	if err != nil {
		return calbell.AttachedReminders{}, err
	}
	known, err := s.bindings(ctx)
	if err != nil {
		return calbell.AttachedReminders{}, err
	}
	all := append(standing(known.of(f.calendar, f.event)), wanted...)
	return calbell.AttachedReminders{Bindings: wanted, Next: s.detail(f, all, now).Next, Fires: s.fires(f, wanted, now)}, nil
}

// wanted returns the event and the bindings that a request means.
func (s *Reminders) wanted(ctx context.Context, who calbell.Caller, n calbell.NewReminder, now time.Time) (found, []calbell.Binding, error) {
	f, err := s.findEvent(ctx, who, n.Event)
	if err != nil {
		return f, nil, err
	}
	if err := checkReminder(n); err != nil {
		return f, nil, err
	}
	if n.Instance, err = instanceOf(n, f.event, now); err != nil {
		return f, nil, err
	}
	b := calbell.Binding{
		Owner: s.owners()[f.calendar.Account], Account: f.calendar.Account, UID: f.event.UID(), Calendar: f.calendar.ID, Instance: n.Instance, Onwards: n.Onwards,
		AtAlarm: n.AtAlarm, Mute: n.Mute, MadeAt: now.UTC(),
	}
	if !n.Mute {
		usable := s.config.Policy().Usable(f.calendar.Account)
		id, ok := usable[n.Webhook]
		if !ok {
			id, ok = usable[calbell.Slug(n.Webhook)]
		}
		if !ok {
			return f, nil, notFound("webhook", n.Webhook, slices.Sorted(maps.Keys(usable)), "calbell webhook list")
		}
		b.Webhook = id
	}
	if n.AtAlarm || n.Mute {
		b.ID = bindingID(b)
		return f, []calbell.Binding{b}, nil
	}
	var list []calbell.Binding
	for _, lead := range n.Before {
		b.Lead = lead
		b.ID = bindingID(b)
		list = append(list, b)
	}
	return f, list, nil
}

// checkReminder says what is wrong with a request.
func checkReminder(n calbell.NewReminder) error {
	given := 0
	for _, is := range []bool{len(n.Before) > 0, n.AtAlarm, n.Mute} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return &calbell.Error{Kind: calbell.KindUsage, What: "say when it is to ring: how long before the start, or at the calendar's own alarms", Hint: "such as: --before 15m, or --at-alarm"}
	case !n.Mute && n.Webhook == "":
		return &calbell.Error{Kind: calbell.KindUsage, What: "name the webhook that it goes to", Hint: "see: calbell webhook list"}
	case n.Mute && n.Webhook != "":
		return &calbell.Error{Kind: calbell.KindUsage, What: "a muted event goes to no webhook"}
	}
	return nil
}

// bindingID follows from what the binding is about, so that attaching twice is attaching once.
func bindingID(b calbell.Binding) calbell.BindingID {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %v %q %s %v %v", b.Account, b.UID, b.Instance, b.Onwards, b.Webhook, b.Lead, b.AtAlarm, b.Mute))
	return calbell.BindingID(hex.EncodeToString(sum[:6]))
}

// Remove takes a binding back, by its ID.
func (s *Reminders) Remove(ctx context.Context, who calbell.Caller, id calbell.BindingID) error {
	if err := known(who); err != nil {
		return err
	}
	list, _, err := s.store.Bindings(ctx, "")
	if err != nil {
		return err
	}
	owners := s.owners()
	i := slices.IndexFunc(list, func(b calbell.Binding) bool {
		return b.ID == id && !b.Removed && seesCalendar(who, owners, calbell.Calendar{Account: b.Account})
	})
	if i < 0 {
		return notFound("reminder", string(id), nil, "calbell event show EVENT, which lists what is attached")
	}
	writes := s.writesBack(list[i].Account)
	err = s.bindingStore.Attach(ctx, list[i].Account, func(old []calbell.Binding) ([]calbell.Binding, []calbell.BindingID, error) {
		for _, b := range old {
			// Its alarm is in the event, is being written at this moment, or is in one copy of it.
			if b.ID == id && b.Writable() && (writes || !b.WrittenAt.IsZero() || b.WriteError != "") {
				b.Removed, b.WrittenAt, b.WriteError = true, time.Time{}, ""
				return []calbell.Binding{b}, nil, nil
			}
		}
		return nil, []calbell.BindingID{id}, nil
	})
	if err == nil && writes {
		s.writeSoon(list[i])
	}
	return err
}

// writesBack reports whether an account wants what is attached in its events too.
func (s *Reminders) writesBack(account string) bool {
	return slices.ContainsFunc(s.config.Accounts(), func(a calbell.Account) bool { return a.Key() == account && a.WriteBack })
}

// coming are the next alarms of an event.
type coming struct {
	rows    []calbell.AlarmRow
	unknown []string // names of webhooks that it says and nobody has
}

// silent says why nothing of what comes is posted; "" when something is.
func (c coming) silent() string {
	reason := ""
	for _, r := range c.rows {
		if len(r.Routes) > 0 {
			return ""
		}
		reason = cmp.Or(reason, r.Silent)
	}
	return reason
}

// alarmsOf routes the next alarms of an event from an instant on.
func alarmsOf(e *ical.Event, r *plan.Router, at time.Time) coming {
	c := coming{rows: []calbell.AlarmRow{}}
	ringing := r.Event(e)
	for range lookedAt {
		first, ok := ringing.NextAlarm(at)
		if !ok || len(c.rows) >= nextAlarms {
			break
		}
		at = first.Trigger.Add(1)
		alarms, _ := ringing.Alarms(first.Trigger, at, atOnce)
		for _, a := range alarms {
			d := r.Route(a)
			c.note(d.Unknown)
			d.Routes = c.others(a, d.Routes)
			// What nobody wants at this instance is no alarm, and one post is one row.
			if a.Alarm.Lead == nil || len(d.Routes) > 0 || d.Unrouted {
				c.rows = append(c.rows, alarmRow(a, d))
			}
		}
	}
	return c
}

// others are the routes that no row of the same instant and instance has: what is attached and
// was written into the event rings once.
func (c *coming) others(a calbell.AlarmInstant, routes []calbell.Route) []calbell.Route {
	if a.Alarm.Lead == nil {
		return routes
	}
	return slices.DeleteFunc(routes, func(r calbell.Route) bool {
		return slices.ContainsFunc(c.rows, func(row calbell.AlarmRow) bool {
			return row.Trigger.Equal(a.Trigger) && row.RecurrenceID == a.Instance.RecurrenceID && slices.Contains(row.Webhooks, string(r.Webhook))
		})
	})
}

func (c *coming) note(names []string) {
	for _, name := range names {
		if !slices.Contains(c.unknown, name) {
			c.unknown = append(c.unknown, name)
		}
	}
}

func alarmRow(a calbell.AlarmInstant, d plan.Decision) calbell.AlarmRow {
	row := calbell.AlarmRow{
		Trigger: a.Trigger, RecurrenceID: a.Instance.RecurrenceID, Start: a.Instance.Start, Action: a.Alarm.Action,
		Before: a.Alarm.Lead, Text: a.Alarm.Description, Routes: d.Routes, Silent: d.Silent,
	}
	for _, r := range d.Routes {
		row.Webhooks = append(row.Webhooks, string(r.Webhook))
	}
	return row
}

// unrouted reports whether an alarm of the instance goes nowhere for want of a webhook.
func unrouted(r *plan.Router, e *ical.Event, i *calbell.Instance) bool {
	for _, a := range r.Event(e).AlarmsOf(i.RecurrenceID, lookedAt) {
		if r.Route(a).Unrouted {
			return true
		}
	}
	return false
}

// unknownWebhook says that an event names a webhook that nobody has.
func unknownWebhook(name string, usable map[string]calbell.WebhookID) string {
	text := fmt.Sprintf("it names the webhook %q, which does not exist: what follows goes where it would go without", name)
	if near := calbell.Nearest(name, slices.Sorted(maps.Keys(usable))); near != "" {
		text += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return text
}

// goneWebhook says that a binding's webhook is there no more.
func goneWebhook(b calbell.Binding) string {
	return fmt.Sprintf("what is attached as %s goes to the webhook %q, which does not exist, or is not shared (any more)", b.ID, b.Webhook)
}

// barredWebhooks says what of the settings sends to webhooks that are not there, once each.
func barredWebhooks(rows []calbell.AlarmRow) (problems []string) {
	for _, row := range rows {
		for _, r := range row.Routes {
			meant, barred := r.Webhook.Wanted()
			text := fmt.Sprintf("%s goes to the webhook %q, which does not exist, or is not shared (any more)", r.From, meant)
			if barred && r.From != "" && !slices.Contains(problems, text) {
				problems = append(problems, text)
			}
		}
	}
	return problems
}

// Explain says why an event, or a planned or ended delivery, rings, does not or did not. The
// ID of a delivery means its event.
func (s *Events) Explain(ctx context.Context, who calbell.Caller, ref string, now time.Time) (calbell.EventDetail, error) {
	d, err := s.deliveries.Get(ctx, who, calbell.ReminderID(ref))
	switch {
	case calbell.KindOf(err) == calbell.KindNotFound:
		return s.Get(ctx, who, ref, now)
	case err != nil:
		return calbell.EventDetail{}, err
	case d.UID == "":
		return calbell.EventDetail{}, &calbell.Error{Kind: calbell.KindUsage, What: fmt.Sprintf("delivery %s is a message of Calbell's own, not of an event", ref), Hint: "see: calbell delivery show " + ref}
	}
	for _, src := range d.Sources {
		detail, err := s.Get(ctx, who, calbell.EventID(src.Calendar, src.Href, d.UID), now)
		if calbell.KindOf(err) != calbell.KindNotFound {
			return detail, err
		}
	}
	return s.Get(ctx, who, string(d.UID), now)
}

// Test says of each rule whether it matches an event's next instance, and which decides.
func (s *Rules) Test(ctx context.Context, who calbell.Caller, event string, now time.Time) ([]calbell.RuleRow, error) {
	f, err := s.findEvent(ctx, who, event)
	if err != nil {
		return nil, err
	}
	rows, decided := []calbell.RuleRow{}, false
	for _, t := range s.config.Policy().TestRules(f.calendar, shownInstance(f.event, now)) {
		row := calbell.RuleRow{Rule: t.Rule, MinDuration: lengthText(t.Rule.MinDuration), MaxDuration: lengthText(t.Rule.MaxDuration), Matches: t.Misses == "", Misses: t.Misses}
		row.Decides = row.Matches && !decided
		decided = decided || row.Matches
		rows = append(rows, row)
	}
	return rows, nil
}
