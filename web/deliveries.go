package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/web/form"
)

const (
	// deliveryRows is how many deliveries a page shows, reminderRows how many next reminders.
	deliveryRows, reminderRows = 50, 200
	// lateAfter is from when on a delivery is called late.
	lateAfter = time.Minute
	// shortCountdown is up to how far ahead it is counted how long something takes to fall due.
	// Beyond, "in 1 day" is said of 25 hours and of 47.
	shortCountdown = 24 * time.Hour
)

func (w *site) deliveryRoutes() {
	w.page("GET /deliveries", on(deliveryPages.deliveriesPage))
	w.page("GET /deliveries/{id}", on(deliveryPages.deliveryPage))
	w.page("POST /deliveries/{id}/resend", on(deliveryPages.resend))
	w.page("GET /reminders", on(deliveryPages.remindersPage))
}

// deliveryLine is a delivery as lists show it.
type deliveryLine struct {
	types.DeliveryRow
	When, Day, Clock string // of its due time
	// Countdown is how far away that is; "" when its day says enough.
	Countdown     string
	Path, Webhook string
	// Title is what it is about; Kind is what it tells when that is no event's reminder: "a
	// webhook is suspended".
	Title, Kind  string
	State        state
	Detail       string // the state in one plain sentence
	Again, Retry bool   // it can be sent again; its next try can be made now
	Fix          string // address of the webhook that does not take it; "": that is not what is wrong
	// Test is the address that tries out a webhook which is left alone because it refused: when
	// it takes the test, what waits goes out at once. "": it is not left alone.
	Test string
}

// line is a delivery in words.
func (v deliveryPages) line(d types.DeliveryRow) deliveryLine {
	due := d.Due.In(v.Zone)
	l := deliveryLine{
		DeliveryRow: d, When: v.Near(due, v.Now) + " " + due.Format("15:04:05"), Day: v.Near(due, v.Now), Clock: v.Clock(due),
		Path: "/deliveries/" + url.PathEscape(string(d.ID)), Webhook: v.WebhookName(d.Webhook), State: v.deliveryState(d),
		Again: d.Status.Final() && d.Status != calbell.StatusCancelled && d.Notice != calbell.NoticeTest,
	}
	if waits := d.Status == calbell.StatusWaiting; waits || d.Status == calbell.StatusHeld {
		failing := slices.ContainsFunc(as[agendaPages](v.view).Broken(), func(w types.WebhookRow) bool { return w.ID == d.Webhook })
		if l.Retry = waits && !failing; failing {
			l.Test = webhookPath(d.Webhook) + "/test"
		}
	}
	if d.Due.Before(v.Now.Add(shortCountdown)) {
		l.Countdown = v.From(d.Due, v.Now)
	}
	if d.Notice != "" {
		l.Kind = v.T("notice." + string(d.Notice))
	}
	l.Title = cmp.Or(d.Subject, l.Kind, v.Subject(""))
	if d.Notice == calbell.NoticeTrouble { // what it is about has words in every language
		l.Title = cmp.Or(v.Sentence(d.Reason), l.Title)
	}
	l.Detail = v.deliveryDetail(d)
	if d.Status == calbell.StatusDead || d.Status == calbell.StatusWaiting || d.Status == calbell.StatusHeld {
		l.Fix = v.fixPath(d.Webhook)
	}
	return l
}

// IsTest reports whether somebody tried the webhook out.
func (l deliveryLine) IsTest() bool { return l.Notice == calbell.NoticeTest }

// fixPath is where a webhook that is not well can be changed; "" when it is well, or not the
// viewer's.
func (v deliveryPages) fixPath(id calbell.WebhookID) string {
	for _, w := range as[agendaPages](v.view).Broken() {
		if w.ID == id && w.Editable {
			return webhookPath(id)
		}
	}
	return ""
}

// deliveryState is the chip of a delivery.
func (v deliveryPages) deliveryState(d types.DeliveryRow) state {
	chip := state{Text: v.T("delivery." + string(d.Status))}
	switch d.Status {
	case calbell.StatusSent:
		chip.Class, chip.Sign = "ok", "✓"
		if late(d) > lateAfter {
			chip.Class, chip.Sign, chip.Text = "warn", "↷", v.T("delivery.late")
		}
	case calbell.StatusDead, calbell.StatusMissed:
		chip.Class, chip.Sign = "bad", "✕"
	case calbell.StatusWaiting:
		chip.Class, chip.Sign = "warn", "↻"
	case calbell.StatusHeld:
		chip.Class, chip.Sign = "warn", "‖"
	case calbell.StatusDropped:
		chip.Class, chip.Sign = "warn", "?"
	case calbell.StatusCancelled:
		chip.Sign = "–"
	default:
		chip.Sign = "●"
	}
	return chip
}

// late is how long after its due time a delivery was sent.
func late(d types.DeliveryRow) time.Duration {
	if d.LateMS == nil {
		return 0
	}
	return time.Duration(*d.LateMS) * time.Millisecond
}

// deliveryDetail is what there is to say of a delivery's state.
func (v deliveryPages) deliveryDetail(d types.DeliveryRow) string {
	switch d.Status {
	case calbell.StatusSent:
		text := v.N("delivery.sent.detail", d.Attempts, v.Span(late(d)))
		if d.KnownAt != nil {
			text = v.T("delivery.known.detail", text, v.Span(d.KnownAt.Sub(d.Due)))
		}
		return text
	case calbell.StatusWaiting, calbell.StatusHeld:
		at := v.T("delivery.soon")
		if d.NextAt != nil && d.NextAt.After(v.Now) {
			at = v.Near(d.NextAt.In(v.Zone), v.Now) + " " + d.NextAt.In(v.Zone).Format("15:04:05")
		}
		text := v.T("delivery.next-try", at)
		if d.Attempts > 0 {
			text += " " + v.T("colon", v.N("delivery.so-far", d.Attempts), v.Say(d.Error))
		}
		return text
	case calbell.StatusInFlight:
		return v.T("delivery.in_flight.detail")
	case calbell.StatusPlanned:
		return v.plannedDetail(d)
	}
	return v.Say(d.Error)
}

// plannedDetail says when something planned falls due or, when it did and was not tried, why.
func (v deliveryPages) plannedDetail(d types.DeliveryRow) string {
	switch {
	case d.HeldUntil != nil && d.HeldUntil.After(v.Now):
		return v.T("delivery.deferred", v.Near(d.HeldUntil.In(v.Zone), v.Now)+" "+v.Clock(d.HeldUntil.In(v.Zone)))
	case d.Due.Before(v.Now):
		return v.T("delivery.in-turn", v.From(d.Due, v.Now))
	}
	return v.From(d.Due, v.Now)
}

// upcoming are the next reminders, those of series included; more: others follow.
func (v deliveryPages) upcoming(limit int) (list []deliveryLine, more bool, err error) {
	rows, more, err := v.site.s.Deliveries.Coming(v.ctx(), v.Who, limit, v.Now)
	for _, r := range rows {
		l := v.line(r.DeliveryRow)
		if r.Event != "" { // no delivery to look at yet
			l.Path = eventPath(types.EventRow{ID: r.Event, RecurrenceID: r.RecurrenceID})
		}
		list = append(list, l)
	}
	return list, more, err
}

func (v deliveryPages) lines(rows []types.DeliveryRow) (list []deliveryLine) {
	for _, d := range rows {
		list = append(list, v.line(d))
	}
	return list
}

// deliveriesPage lists what was sent, or why not.
type deliveriesPage struct {
	deliveryPages
	Lines    []deliveryLine
	Choices  []form.Choice // of states
	Webhooks []form.Choice
	Days     []form.Choice
	More     string
	Filtered bool
}

func (v deliveryPages) deliveriesPage() error {
	p := deliveriesPage{deliveryPages: v, Choices: v.stateChoices(), Days: v.dayChoices(), Webhooks: v.webhookChoices(v.Trimmed("webhook"), v.T("deliveries.all-webhooks"))}
	q := types.DeliveryQuery{Webhook: v.Trimmed("webhook"), Limit: deliveryRows, Cursor: v.Trimmed("after")}
	if s := v.Trimmed("status"); s != "" {
		q.Statuses = statuses(s)
	}
	if n, err := strconv.Atoi(v.Trimmed("days")); err == nil && n > 0 {
		q.Since = v.Now.AddDate(0, 0, -min(n, 3660))
	}
	p.Filtered = q.Webhook != "" || q.Statuses != nil || !q.Since.IsZero()
	page, err := v.site.s.Deliveries.History(v.ctx(), v.Who, q)
	if err != nil {
		return err
	}
	p.Lines = v.lines(page.Rows)
	if page.Next != "" {
		p.More = as[agendaPages](v.view).with("after", page.Next)
	}
	return v.show("deliveries", v.T("nav.deliveries"), p)
}

// statuses are the states that a word of the form stands for.
func statuses(word string) []calbell.Status {
	switch word {
	case "failed":
		return []calbell.Status{calbell.StatusDead, calbell.StatusMissed, calbell.StatusDropped}
	case "retrying":
		return []calbell.Status{calbell.StatusWaiting, calbell.StatusHeld}
	}
	return []calbell.Status{calbell.Status(word)}
}

func (v deliveryPages) stateChoices() []form.Choice {
	return form.Choose([]form.Choice{
		{Text: v.T("deliveries.all-states")},
		{Value: "sent", Text: v.T("delivery.sent")},
		{Value: "retrying", Text: v.T("delivery.waiting")},
		{Value: "failed", Text: v.T("delivery.dead")},
		{Value: "cancelled", Text: v.T("delivery.cancelled")},
	}, v.Trimmed("status"))
}

func (v deliveryPages) dayChoices() []form.Choice {
	return form.Choose([]form.Choice{
		{Text: v.T("deliveries.any-time")},
		{Value: "1", Text: v.T("deliveries.day")},
		{Value: "7", Text: v.T("deliveries.week")},
		{Value: "30", Text: v.T("deliveries.month")},
	}, v.Trimmed("days"))
}

// remindersPage lists what falls due next.
type remindersPage struct {
	deliveryPages
	Days []reminderDay
	Full bool // others follow
}

// reminderDay is a day with what falls due on it.
type reminderDay struct {
	Label string
	Lines []deliveryLine
}

func (v deliveryPages) remindersPage() error {
	lines, more, err := v.upcoming(reminderRows)
	if err != nil {
		return err
	}
	p := remindersPage{deliveryPages: v, Full: more}
	last := time.Time{}
	for _, l := range lines {
		day := midnight(l.Due.In(v.Zone))
		if len(p.Days) == 0 || !day.Equal(last) {
			p.Days, last = append(p.Days, reminderDay{Label: as[agendaPages](v.view).dayLabel(day)}), day
		}
		d := &p.Days[len(p.Days)-1]
		d.Lines = append(d.Lines, l)
	}
	return v.show("reminders", v.T("reminders.title"), p)
}

// deliveryPage is one delivery with every try.
type deliveryPage struct {
	deliveryPages
	Of    calbell.Delivery
	Line  deliveryLine
	Event string       // address of its event; "": it is of none
	Hint  calbell.Text // the next step after what went wrong
	Said  *preview
}

func (v deliveryPages) deliveryPage() error {
	d, err := v.site.s.Deliveries.Get(v.ctx(), v.Who, calbell.ReminderID(v.r.PathValue("id")))
	if err != nil {
		return err
	}
	p := deliveryPage{deliveryPages: v, Of: d, Line: v.line(types.RowOf(d))}
	if len(d.Sources) > 0 && d.UID != "" {
		p.Event = eventPath(types.EventRow{ID: calbell.EventID(d.Sources[0].Calendar, d.Sources[0].Href, d.UID), RecurrenceID: d.RecurrenceID})
	}
	if m, err := v.site.s.Deliveries.Message(v.ctx(), v.Who, d.ID, v.Now); err == nil {
		said := as[webhookPages](v.view).bubble(m)
		p.Said = &said
	}
	if d.Status != calbell.StatusSent && len(d.Tries) > 0 {
		p.Hint = d.Tries[len(d.Tries)-1].Hint
	}
	return v.show("delivery", p.Line.Title, p)
}

// Subject is an event's title; a word for none when it has none.
func (v *view) Subject(text string) string {
	if text == "" {
		return v.T("no-title")
	}
	return text
}

// Exactly is a time to the millisecond.
func (p deliveryPage) Exactly(t time.Time) string {
	t = t.In(p.Zone)
	return p.Near(t, p.Now) + " " + t.Format("15:04:05.000")
}

func (v deliveryPages) resend() error {
	id := calbell.ReminderID(v.r.PathValue("id"))
	if _, err := v.site.s.Deliveries.Resend(v.ctx(), v.Who, types.ResendRequest{IDs: []calbell.ReminderID{id}}); err != nil {
		return err
	}
	return v.done(local(v.Trimmed("back")), "resent")
}
