package plan

import (
	"slices"

	"calbell"
)

// maxEchoes limits the alarms of one instance that are searched for bindings.
const maxEchoes = calbell.MaxAlarms * 4

// readEchoes finds the alarms of the instance that are bindings. They are not the event's own
// alarms, so defaults still apply.
func (r *Router) readEchoes(i *calbell.Instance) {
	r.bearing = r.bearing[:0]
	if i.Alarms == 0 || r.event == nil || !r.mayEcho() {
		return
	}
	list := r.event.AlarmsOf(i.RecurrenceID, maxEchoes)
	for _, a := range list {
		if a.Alarm.Binding != "" {
			r.bearing = append(r.bearing, a.Alarm.Binding)
		}
	}
	for _, a := range list {
		if _, echo := r.echo(a); echo && a.Alarm.Repeat == 0 {
			r.carried.alarms--
		}
	}
}

// mayEcho reports whether any binding may have been written into the event.
func (r *Router) mayEcho() bool {
	written := func(b calbell.Binding) bool { return b.Writable() && (r.echoes || !b.WrittenAt.IsZero()) }
	return len(r.removed) > 0 || slices.ContainsFunc(r.bindings, written)
}

// echo finds the binding that an alarm came from: we wrote it into the event, and the server
// returned it. Clients that rebuild alarms drop our properties but keep the time. While one
// alarm has the binding's name, another at the same time is somebody's own. The binding is nil
// when it was removed.
func (r *Router) echo(a calbell.AlarmInstant) (b *calbell.Binding, is bool) {
	alarm := a.Alarm
	switch {
	case alarm.Lead != nil:
		return nil, false
	case slices.Contains(r.removed, alarm.Binding):
		return nil, true
	}
	for k := range r.bindings {
		b := &r.bindings[k]
		rebuilt := alarm.Binding == "" && len(alarm.Webhooks) == 0 && !b.WrittenAt.IsZero() &&
			!slices.Contains(r.bearing, b.ID) && a.Trigger.Equal(b.Lead.Before(a.Instance.Start))
		if b.Writable() && (b.ID == alarm.Binding || rebuilt) {
			return b, true
		}
	}
	return nil, false
}

// byEcho routes an alarm that is a binding; it returns false for other alarms.
func (d *decision) byEcho() bool {
	b, echo := d.echo(d.a)
	switch {
	case !echo:
		return false
	case b == nil:
		d.Silent = calbell.T("plan:attached-calbell-taken-back", "it was attached with Calbell and taken back")
	default:
		d.add(b.Webhook, calbell.StepBinding, calbell.Text{})
	}
	return true
}
