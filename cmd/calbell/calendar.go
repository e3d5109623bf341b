package main

import (
	"strings"

	"calbell"
	"calbell/api/client"

	"github.com/spf13/cobra"
)

func (a *app) calendarCmd() *cobra.Command {
	return group("calendar", "Calendars and the state of their sync", `  calbell calendar list
  calbell calendar show team
  calbell calendar discover https://cloud.example.org/ --username anna --password-file -`,
		a.calendarListCmd(), a.calendarShowCmd(), a.calendarDiscoverCmd(), a.calendarAddCmd(), a.calendarEditCmd(), a.calendarRemoveCmd(),
		a.calendarPauseCmd(), a.calendarApplyCmd())
}

func (a *app) calendarListCmd() *cobra.Command {
	return lists(a, "calendar", "List the calendars and where their alarms go", (*client.Client).Calendars, table[calbell.CalendarRow]{
		head:  []string{"ID", "ACCOUNT", "NAME", "WEBHOOK", "SYNCED", "PROBLEM"},
		empty: "no calendars yet; see: calbell status",
		cells: func(r calbell.CalendarRow) []string {
			problem := strings.Trim(r.LastError+"; "+problemCount(r.Problems), "; ")
			return []string{string(r.ID), r.Account, r.Name, strings.Join(r.Webhooks, " "), when(r.SyncedAt), problem}
		},
	})
}

// completeCalendars completes the names of calendars.
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
