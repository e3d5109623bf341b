// The event command: events as the daemon read them, one occurrence a line.

package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/cmd/calbell/times"

	"github.com/spf13/cobra"
)

// eventCmd builds the event command.
func (a eventCommands) eventCmd() *cobra.Command {
	return group("event", "Events, their alarms and what was sent", `  calbell event list --search stand-up
  calbell event show 3f9a1c22b7d0`,
		a.eventListCmd(), a.eventShowCmd())
}

// eventListCmd builds `event list`. A date without a time is midnight in this machine's
// zone.
func (a eventCommands) eventListCmd() *cobra.Command {
	var q types.EventQuery
	var from, to string
	var bad bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the events of a period",
		Long: `List the events that take place in a period, an occurrence a line; by default in the next 30
days. With --bad, list the objects that could not be read, with the reason, and those that were
mended: all their reminders are sent, but something was not read as it is written.`,
		Example: `  calbell event list --from 2026-12-01 --to 2027-01-01 --calendar team
  calbell event list --bad`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if bad {
				return a.eventListBad(cmd.Context())
			}
			var err error
			if q.From, err = times.Parse("--from", from, time.Local); err != nil {
				return err
			}
			if q.To, err = times.Parse("--to", to, time.Local); err != nil {
				return err
			}
			return a.eventList(cmd.Context(), q)
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "from this `TIME` on (RFC 3339 or a date; default: now)")
	f.StringVar(&to, "to", "", "up to this `TIME` (default: 30 days after --from)")
	f.StringVar(&q.Calendar, "calendar", "", "only the calendar with this `NAME` or ID")
	f.StringVar(&q.Search, "search", "", "only with this `TEXT` in subject, location or description")
	f.IntVar(&q.Limit, "limit", 0, "at most `N` (default 100)")
	f.BoolVar(&bad, "bad", false, "list what could not be read, and what was mended")
	f.BoolVar(&q.Unrouted, "unrouted", false, "only with an alarm that goes nowhere for want of a webhook")
	return cmd
}

// eventList prints the occurrences that match.
func (a eventCommands) eventList(ctx context.Context, q types.EventQuery) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	rows, err := c.Events(ctx, q)
	if err != nil {
		return err
	}
	return show(a.app, rows, table[types.EventRow]{
		head: []string{"ID", "START", "CALENDAR", "SUBJECT", "LOCATION"}, empty: "no events in that time",
		cells: func(r types.EventRow) []string {
			return []string{r.ID, times.Span(r.Start, r.End, r.AllDay), r.Calendar, r.Subject, r.Location}
		},
	})
}

// eventListBad prints the calendar objects that could not be read, and those that were read
// differently from what they say (docs/rfc-coverage.md lists these decisions).
func (a eventCommands) eventListBad(ctx context.Context) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	rows, err := c.BadEvents(ctx)
	if err != nil {
		return err
	}
	return show(a.app, rows, table[types.BadRow]{
		head: []string{"STATE", "CALENDAR", "UID", "REASON", "HREF"}, empty: "everything could be read",
		cells: func(r types.BadRow) []string {
			state := "bad"
			if r.Mended {
				state = "mended"
			}
			return []string{state, r.Calendar, strings.Join(as[string](r.UIDs), " "), r.Reason.English, string(r.Href)}
		},
	})
}

// eventShowCmd builds `event show`.
func (a eventCommands) eventShowCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "show EVENT",
		Short: "Show an event, its next alarms and what was sent",
		Long:  "Show an event, its next alarms and what was sent. EVENT is the ID that event list shows, or a UID that only one event has.",
		Example: `  calbell event show 3f9a1c22b7d0
  calbell event show standup@example.org -o json`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			d, err := c.Event(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return showOne(a.app, d, func(w io.Writer) { printEvent(w, d) })
		},
	}
}

// printEvent prints an event, one field a line; empty fields are left out. It is the output
// of `event show` and of `explain`. The last alarm is shown only when there is no next one.
func printEvent(w io.Writer, d types.EventDetail) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-13s %s\n", name+":", strings.TrimSpace(printable(value, false)))
		}
	}
	line("subject", d.Subject)
	line("when", times.Span(d.Start, d.End, d.AllDay))
	line("zone", d.TimeZone)
	line("repeats", d.Instance.Recurrence)
	line("where", d.Location)
	line("calendar", d.Account+"/"+d.Calendar)
	line("uid", string(d.UID))
	line("href", string(d.Href))
	for _, p := range d.Problems {
		line("problem", p.English)
	}
	for _, w := range d.Warnings {
		line("warning", w.String())
	}
	line("silent", d.Silent.English)
	for _, b := range d.Bindings {
		line("attached", string(b.ID)+": "+bindingText(b))
	}
	for _, n := range d.Next {
		name := "rings"
		if len(n.Routes) == 0 {
			name = "silent alarm"
		}
		line(name, alarmText(n))
	}
	if len(d.Next) == 0 && d.Last != nil {
		line("last alarm", alarmText(*d.Last))
	}
	for _, o := range d.Open {
		line("under way", openText(o))
	}
	for _, p := range d.Deliveries {
		why := p.Error
		if why.IsZero() && p.KnownAt != nil {
			why = calbell.English("first seen %s, after it fell due", times.When(*p.KnownAt))
		}
		line("delivery", strings.TrimSpace(fmt.Sprintf("%s %s %s %s", times.When(p.Due), p.Webhook, p.Status, why)))
	}
}

// openText describes a delivery that has not ended: its state, its tries and what it waits
// for.
func openText(r types.DeliveryRow) string {
	text := fmt.Sprintf("%s %s %s", times.When(r.Due), r.Webhook, r.Status)
	if r.Attempts > 0 {
		text += fmt.Sprintf(", tried %d×", r.Attempts)
	}
	if r.Status != calbell.StatusInFlight && r.NextAt != nil {
		text += ", next try " + times.When(*r.NextAt)
	}
	if r.Status == calbell.StatusPlanned && r.HeldUntil != nil {
		text += " (quiet hours or a pause)"
	}
	for _, why := range []string{r.Error.English, r.Trouble.English} {
		if why != "" {
			text += "; " + why
		}
	}
	return text
}
