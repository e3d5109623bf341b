package service

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/ical"
	"calbell/scheduler/plan"
)

// alarmsAt returns the alarms of one instance with their webhooks, by trigger.
func alarmsAt(e *ical.Event, r *plan.Router, i *calbell.Instance) []types.AlarmRow {
	rows := []types.AlarmRow{}
	for _, a := range r.Event(e).AlarmsOf(i.RecurrenceID, atOnce) {
		d := r.Route(a)
		if a.Alarm.Lead == nil || len(d.Routes) > 0 || d.Unrouted { // skip leads that no rule or default wants
			rows = append(rows, alarmRow(a, d))
		}
	}
	slices.SortStableFunc(rows, func(a, b types.AlarmRow) int { return a.Trigger.Compare(b.Trigger) })
	return rows
}

// firstFire returns the instant from which to search for the next fires. A reminder of a
// single instance may come after many others.
func firstFire(e *ical.Event, r *plan.Router, bs []calbell.Binding, now time.Time) time.Time {
	if len(bs) == 0 || bs[0].Instance == "" {
		return plan.FirstFires(now)
	}
	for _, a := range e.AlarmsOf(bs[0].Instance, atOnce) {
		if byBinding(r.Route(a)) && plan.Fires(a, now) {
			return a.Trigger
		}
	}
	return plan.FirstFires(now)
}

// byBinding reports whether a binding chose the webhooks.
func byBinding(d plan.Decision) bool {
	return slices.ContainsFunc(d.Routes, func(r calbell.Route) bool { return r.Step == calbell.StepBinding })
}

// lookedAt limits the alarm instants that are examined for routed ones.
const lookedAt = 300

// atOnce limits the alarms of one instant that are shown.
const atOnce = 50

// alarmList are the next alarms of an event.
type alarmList struct {
	rows    []types.AlarmRow
	unknown []string // webhook names in the event that match no webhook
}

// silent returns why no alarm is posted; the zero text when one is.
func (c alarmList) silent() calbell.Text {
	var reason calbell.Text
	for _, r := range c.rows {
		if len(r.Routes) > 0 {
			return calbell.Text{}
		}
		reason = cmp.Or(reason, r.Silent)
	}
	return reason
}

// alarmsOf returns the next alarms of an event from an instant on, with their webhooks.
func alarmsOf(e *ical.Event, r *plan.Router, at time.Time) alarmList {
	c := alarmList{rows: []types.AlarmRow{}}
	ringing := r.Event(e)
	for range lookedAt {
		first, ok := ringing.NextAlarm(at)
		if !ok || len(c.rows) >= maxNextAlarms {
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

// others returns the routes that no row of the same instance and instant has yet. An
// attached reminder that was also written into the event is shown once.
func (c *alarmList) others(a calbell.AlarmInstant, routes []calbell.Route) []calbell.Route {
	if a.Alarm.Lead == nil {
		return routes
	}
	return slices.DeleteFunc(routes, func(r calbell.Route) bool {
		return slices.ContainsFunc(c.rows, func(row types.AlarmRow) bool {
			return row.Trigger.Equal(a.Trigger) && row.RecurrenceID == a.Instance.RecurrenceID && slices.Contains(row.Webhooks, string(r.Webhook))
		})
	})
}

func (c *alarmList) note(names []string) {
	for _, name := range names {
		if !slices.Contains(c.unknown, name) {
			c.unknown = append(c.unknown, name)
		}
	}
}

func alarmRow(a calbell.AlarmInstant, d plan.Decision) types.AlarmRow {
	row := types.AlarmRow{
		Trigger: a.Trigger, RecurrenceID: a.Instance.RecurrenceID, Start: a.Instance.Start, Action: a.Alarm.Action,
		Before: a.Alarm.Lead, Text: a.Alarm.Description, Routes: d.Routes, Silent: d.Silent,
	}
	for _, r := range d.Routes {
		row.Webhooks = append(row.Webhooks, string(r.Webhook))
	}
	return row
}

// unrouted reports whether an alarm of the instance has no webhook.
func unrouted(r *plan.Router, e *ical.Event, i *calbell.Instance) bool {
	for _, a := range r.Event(e).AlarmsOf(i.RecurrenceID, lookedAt) {
		if r.Route(a).Unrouted {
			return true
		}
	}
	return false
}

// unknownWebhook reports that an event names a webhook that does not exist.
func unknownWebhook(name string, usable map[string]calbell.WebhookID) calbell.Text {
	if near := calbell.Nearest(name, slices.Sorted(maps.Keys(usable))); near != "" {
		return calbell.T("service:unknown-webhook-near", "it names the webhook %q, which does not exist: what follows goes where it would go without (did you mean %q?)", name, near)
	}
	return calbell.T("service:unknown-webhook", "it names the webhook %q, which does not exist: what follows goes where it would go without", name)
}

// goneWebhook reports that the webhook of a binding no longer exists.
func goneWebhook(b calbell.Binding) calbell.Text {
	return calbell.T("service:what-attached-goes-webhook", "what is attached as %s goes to the webhook %q, which does not exist, or is not shared (any more)", b.ID, b.Webhook)
}

// unauthorizedWebhooks reports the settings that send to webhooks that do not exist, once
// each.
func unauthorizedWebhooks(rows []types.AlarmRow) (problems []calbell.Text) {
	for _, row := range rows {
		for _, r := range row.Routes {
			meant, barred := r.Webhook.Wanted()
			text := calbell.T("service:not-shared", "%s goes to the webhook %q, which does not exist, or is not shared (any more)", r.From, meant)
			if barred && !r.From.IsZero() && !slices.Contains(problems, text) {
				problems = append(problems, text)
			}
		}
	}
	return problems
}

// maxBack limits how often lastAlarm continues within one period: an alarm every minute
// would otherwise take too long.
const maxBack = 10

// lastAlarm returns the latest alarm before now that has a webhook or a reason why it has
// none; nil when none is found. It searches in growing periods back from now.
func lastAlarm(e *ical.Event, r *plan.Router, now time.Time) *types.AlarmRow {
	ringing := r.Event(e)
	for _, days := range []int{1, 32, 400, 4000, 120000} {
		from := now.AddDate(0, 0, -days)
		var last *types.AlarmRow
		for range maxBack {
			alarms, more := ringing.Alarms(from, now, lookedAt)
			for _, a := range alarms {
				if d := r.Route(a); a.Alarm.Lead == nil || len(d.Routes) > 0 || d.Unrouted {
					row := alarmRow(a, d)
					last = &row
				}
			}
			if !more || len(alarms) == 0 {
				break
			}
			from = alarms[len(alarms)-1].Trigger.Add(1)
		}
		if last != nil {
			return last
		}
	}
	return nil
}
