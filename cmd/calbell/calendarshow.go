// One calendar in detail, and `calendar apply`, which confirms deletions that the
// mass-delete brake holds back.

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"calbell"
	"calbell/api/client"
	"calbell/api/types"
	"calbell/cmd/calbell/times"

	"github.com/spf13/cobra"
)

// calendarShowCmd builds `calendar show`.
func (a accountCommands) calendarShowCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "show CALENDAR",
		Short: "Show one calendar and the state of its sync",
		Example: `  calbell calendar show team
  calbell calendar show team -o json`,
		Args:              takes(1, 1),
		ValidArgsFunction: a.completeCalendars,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			r, err := c.Calendar(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return showOne(a.app, r, func(w io.Writer) { printCalendar(w, r) })
		},
	}
}

// printCalendar prints a calendar, one field a line. Empty fields are left out.
func printCalendar(w io.Writer, c types.CalendarRow) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-10s %s\n", name+":", printable(value, false))
		}
	}
	line("calendar", c.Name)
	line("id", string(c.ID))
	line("account", c.Account)
	line("address", c.URL)
	line("color", c.Color)
	line("time zone", cmp.Or(zoneLine(c.TimeZone), "it names none"))
	if c.ReadOnly {
		line("access", "read only")
	}
	if c.Ownership == calbell.OwnershipOther {
		line("owner", sharedBy(c.Calendar))
	}
	line("alarms to", cmp.Or(offLine(c), strings.Join(c.Webhooks, ", "), "no webhook: it stays silent"))
	line("sync", calendarHealth(c))
	if said := problemCount(c.Problems); said != "" {
		line("problems", said+" (calbell event list --bad)")
	}
	if !c.RefreshAt.IsZero() && c.RefreshAt.After(time.Now()) {
		line("next look", times.When(c.RefreshAt)+", as its publisher wants; sooner: calbell sync "+calbell.Slug(c.Name))
	}
	line("held back", heldBack(c.Calendar))
	line("gone", c.Gone.Hint.English)
	if c.Unlisted && !c.Silent() {
		line("gone", "its server does not list it any more; its reminders go on until its own address says so too. If it was really deleted: calbell calendar apply "+calbell.Slug(c.Name))
	}
}

// zoneLine returns a time zone in one line: an IANA name as it is, a VTIMEZONE by its TZID.
func zoneLine(zone string) string {
	if !strings.Contains(zone, "\n") {
		return zone
	}
	for l := range strings.Lines(zone) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(l), "TZID:"); ok {
			return id
		}
	}
	return "its own rules"
}

// heldBack describes the deletions that the mass-delete brake holds back; "" when there are
// none. See calbell.Brake.
func heldBack(c calbell.Calendar) string {
	if c.Brake.Seen == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d events are gone from the server's listing since %s; they are kept until three listings agree. If they were really deleted: calbell calendar apply %s",
		c.Brake.Absent, c.Brake.Known, times.When(c.Brake.Since), calbell.Slug(c.Name))
}

// calendarApplyCmd builds `calendar apply`.
func (a accountCommands) calendarApplyCmd() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "apply CALENDAR",
		Short: "Delete what the server does not list any more",
		Long: `When many events are gone from a calendar at once, Calbell keeps them at first: servers
lose sight of events more often than people delete a third of a calendar. They are deleted
when three listings over a quarter of an hour agree, or now, when you say so. The server is
asked once more before, and no more is deleted than what was shown.

A calendar that the server does not list any more is silent when its own address says three
times over a quarter of an hour that it is gone; this removes it here, with its events and
reminders.`,
		Example: `  calbell calendar apply team
  calbell calendar apply team --yes`,
		Args:              takes(1, 1),
		ValidArgsFunction: a.completeCalendars,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.applyCalendar(cmd.Context(), args[0], yes)
		},
	}
	yesFlag(cmd, &yes)
	return cmd
}

// heldCalendar returns the calendar with this name or ID that has deletions held back or is
// no longer listed. A newer calendar may have the same name by now, so such a calendar
// takes precedence. When none or several match, the daemon resolves the name.
func heldCalendar(ctx context.Context, c *client.Client, name string) (types.CalendarRow, error) {
	rows, err := c.Calendars(ctx)
	if err != nil {
		return types.CalendarRow{}, err
	}
	var held []types.CalendarRow
	for _, r := range rows {
		named := string(r.ID) == name || calbell.SameName(r.Name, name) || calbell.SameName(r.Listed, name)
		if named && (r.Brake.Seen > 0 || r.Unlisted) {
			held = append(held, r)
		}
	}
	if len(held) == 1 {
		return held[0], nil
	}
	return c.Calendar(ctx, name)
}

// applyCalendar asks for confirmation, unless yes, and confirms what is held back. The
// daemon syncs first and deletes no more than what was shown here.
func (a accountCommands) applyCalendar(ctx context.Context, name string, yes bool) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	r, err := heldCalendar(ctx, c, name)
	if err != nil {
		return err
	}
	if b := r.Brake; b.Seen > 0 {
		ok, err := a.sure(yes, fmt.Sprintf("Delete %d of the %d events of calendar %q here, with their reminders?", b.Absent, b.Known, r.Name),
			"they are gone from the server's listing since "+times.When(b.Since))
		if err != nil || !ok {
			return err
		}
	}
	if r.Unlisted {
		ok, err := a.sure(yes, fmt.Sprintf("Remove calendar %q here, with its events and reminders?", r.Name), "its server does not list it any more")
		if err != nil || !ok {
			return err
		}
	}
	if r, err = c.ApplyCalendar(ctx, string(r.ID)); err != nil {
		return err
	}
	if r.Unlisted {
		return a.done(r, "calendar %q is removed here; its server does not list it", r.Name)
	}
	return a.done(r, "calendar %q is what its server lists now", r.Name)
}
