// Lists of calendars, and the sentences about a calendar's state that several commands
// share.

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"calbell"
	"calbell/api/client"
	"calbell/api/types"
	"calbell/cmd/calbell/times"

	"github.com/spf13/cobra"
)

// calendarCmd builds the calendar command. Pausing belongs to deliveries, and has a second
// place here.
func (a accountCommands) calendarCmd() *cobra.Command {
	return group("calendar", "Calendars and the state of their sync", `  calbell calendar list
  calbell calendar show team
  calbell calendar discover https://cloud.example.org/ --username anna --password-file -`,
		a.calendarListCmd(), a.calendarShowCmd(), a.calendarDiscoverCmd(), a.calendarAddCmd(), a.calendarEditCmd(), a.calendarRemoveCmd(),
		deliveryCommands(a).calendarPauseCmd(), a.calendarApplyCmd())
}

// calendarListCmd builds `calendar list`. What concerns no single row, such as listed names
// without a calendar, follows the table on standard error.
func (a accountCommands) calendarListCmd() *cobra.Command {
	cmd := lists(a.app, "calendar", "List the calendars and where their alarms go", (*client.Client).Calendars, table[types.CalendarRow]{
		head:  []string{"ID", "ACCOUNT", "NAME", "WEBHOOK", "SYNCED", "STATE", "PROBLEM"},
		empty: "no calendars yet; see: calbell status",
		cells: func(r types.CalendarRow) []string {
			problems := slices.DeleteFunc([]string{r.Gone.Reason.English, r.LastError.English, problemCount(r.Problems), offCell(r)}, func(p string) bool { return p == "" })
			return []string{string(r.ID), r.Account, r.Name, strings.Join(r.Webhooks, " "), times.When(r.SyncedAt), string(r.State), strings.Join(problems, "; ")}
		},
	})
	list := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := list(cmd, args); err != nil {
			return err
		}
		return a.listTroubles(cmd.Context())
	}
	return cmd
}

// listTroubles prints, after a list, which listed names match no calendar and which
// calendars are not switched on.
func (a accountCommands) listTroubles(ctx context.Context) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	r, err := c.Status(ctx)
	if err != nil {
		return err
	}
	for _, n := range r.ListTroubles {
		fmt.Fprintln(a.err, printable(listTrouble(n), false))
	}
	for _, c := range r.Calendars {
		if c.SwitchedOff {
			fmt.Fprintf(a.err, "%s/%s is %s\n", cell(c.Account), cell(c.Name), printable(offLine(c), false))
		}
	}
	return nil
}

// listTrouble describes why a listed name is not used as a calendar.
func listTrouble(n calbell.ListedName) string {
	return fmt.Sprintf("trouble: listed calendar %q: %s; %s", n.Account+"/"+n.Name, n.Trouble, n.Hint)
}

// offLine describes a calendar of another person that is not switched on, with the command
// that switches it on. It returns "" for calendars that are switched on or are the
// account's own (docs/decisions/0014-whose-calendar.md).
func offLine(r types.CalendarRow) string {
	if !r.SwitchedOff {
		return ""
	}
	return fmt.Sprintf("silent: %s; switch it on: calbell calendar edit %s --on", sharedBy(r.Calendar), r.ID)
}

// offCell is offLine for a table's cell, without the command.
func offCell(r types.CalendarRow) string {
	if !r.SwitchedOff {
		return ""
	}
	return sharedBy(r.Calendar) + ", not switched on"
}

// sharedBy names the person who shares a calendar, if the server names one.
func sharedBy(c calbell.Calendar) string {
	if who := c.Owner(); who != "" {
		return "shared by " + who
	}
	return "shared by somebody else"
}

// completeCalendars completes the names of calendars for the shell. Without a daemon it
// offers nothing.
func (a *app) completeCalendars(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	c, err := a.client()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	rows, err := c.Calendars(cmd.Context())
	var names []string
	for _, r := range rows {
		names = append(names, r.Name)
	}
	return names, directive(err)
}
