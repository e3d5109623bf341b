package templates

import (
	"time"

	"calbell"
)

// noticeTree is a notice as programs read it.
func noticeTree(n *calbell.Notice) map[string]any {
	tree := map[string]any{"kind": string(n.Kind)}
	for key, text := range map[string]string{"subject": n.Subject, "reason": n.Reason.English, "hint": n.Hint.English} {
		if text != "" {
			tree[key] = text
		}
	}
	if !n.Since.IsZero() {
		tree["since"] = n.Since.UTC().Format(time.RFC3339)
	}
	var items []any
	for _, i := range n.Items {
		items = append(items, map[string]any{"subject": i.Subject, "due": i.Due.UTC().Format(time.RFC3339), "status": string(i.Status)})
	}
	if items != nil {
		tree["items"], tree["more"] = items, int64(n.More)
	}
	if n.Agenda != nil {
		tree["agenda"] = agendaTree(n.Agenda)
	}
	if c := n.Change; c != nil {
		change := map[string]any{"uid": string(c.UID), "was": spanTree(c.Was)}
		if c.RecurrenceID != "" {
			change["recurrence_id"] = string(c.RecurrenceID)
		}
		if !c.Now.IsZero() {
			change["now"] = spanTree(c.Now)
		}
		tree["change"] = change
	}
	return tree
}

// agendaTree is an agenda as programs read it.
func agendaTree(a *calbell.Agenda) map[string]any {
	rows := []any{}
	for _, r := range a.Rows {
		row := spanTree(calbell.Span{Start: r.Start, End: r.End, AllDay: r.AllDay})
		row["subject"], row["location"], row["calendar"] = r.Subject, r.Location, r.Calendar
		rows = append(rows, row)
	}
	return map[string]any{"from": a.From.Format(time.DateOnly), "days": int64(a.Days), "rows": rows, "more": int64(a.More)}
}

// spanTree is when something takes place: days for what takes all day, the end exclusive,
// else instants in UTC.
func spanTree(s calbell.Span) map[string]any {
	tree := map[string]any{"start": timeText(s.Start, s.AllDay), "all_day": s.AllDay}
	if !s.End.IsZero() {
		tree["end"] = timeText(s.End, s.AllDay)
	}
	return tree
}

func timeText(t time.Time, day bool) string {
	if day {
		return t.Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339)
}
