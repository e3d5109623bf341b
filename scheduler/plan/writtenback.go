package plan

import (
	"slices"

	"calbell"
)

// maxEchoes bounds the alarm instants of one instance that are looked at for bindings which
// have come back.
const maxEchoes = calbell.MaxAlarms * 4

// readEchoes looks for alarms of the instance that are bindings: they are no alarms of the
// event's own, beside which no default is wanted.
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

// mayEcho reports whether anything that was attached may be in the event itself.
func (r *Router) mayEcho() bool {
	written := func(b calbell.Binding) bool { return b.Writable() && (r.echoes || !b.WrittenAt.IsZero()) }
	return len(r.removed) > 0 || slices.ContainsFunc(r.bindings, written)
}

// echo knows an alarm that is a binding, which was written into the event and has come back:
// it is the same reminder. Clients that rebuild alarms lose our properties, but not the time;
// while one alarm bears the binding's name, another one at its time is somebody's own. The
// binding is nil when it was taken back.
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

// byEcho routes an alarm that is a binding; false when it is none.
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
