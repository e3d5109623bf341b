// The sync command. Without --wait it only starts syncs. With --wait it exits with 0 only if the
// daemon now has what the servers have.

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"calbell"
	"calbell/api/types"

	"github.com/spf13/cobra"
)

// syncCmd builds the sync command.
func (a *app) syncCmd() *cobra.Command {
	var wait bool
	cmd := &cobra.Command{
		Use:        "sync [CALENDAR]",
		SuggestFor: []string{"calendar sync", "account sync"},
		Short:      "Sync calendars now",
		Long: `Sync all calendars now, or the one that is named. With --wait it returns when what the
servers hold is stored and planned, and says how each account fared; until then it shows how
far it is. The exit code is 3 when some accounts failed, or a listed calendar is not used.`,
		Example: `  calbell sync --wait
  calbell sync team`,
		Args:              takes(0, 1),
		ValidArgsFunction: a.completeCalendars,
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) == 1 {
				name = args[0]
			}
			return a.sync(cmd.Context(), name, wait)
		},
	}
	cmd.Flags().BoolVar(&wait, "wait", false, "return when it is stored and planned")
	return cmd
}

// sync starts a sync of all calendars, or of one, and waits for it if wait. Progress is
// drawn by a second goroutine, which has stopped before the result is printed.
func (a *app) sync(ctx context.Context, calendar string, wait bool) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	if !wait {
		if err := c.StartSync(ctx, calendar); err != nil {
			return err
		}
		return a.done(struct {
			Started bool `json:"started"`
		}{true}, "sync started; to see it end: calbell sync --wait")
	}
	watching, done := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { a.watchSync(watching, c) })
	rows, err := c.Sync(ctx, calendar)
	done()
	watch.Wait()
	if err != nil {
		return err
	}
	err = show(a, rows, table[types.SyncRow]{
		head: []string{"ACCOUNT", "RESULT"}, empty: "no accounts are configured",
		cells: func(r types.SyncRow) []string { return []string{r.Account, syncResult(r)} },
	})
	return errors.Join(err, syncFailures(rows))
}

// syncResult describes how the sync of an account ended, and which part of it differs from
// the server: calendars that are not used or no longer listed, and deletions that are held
// back.
func syncResult(r types.SyncRow) string {
	if !r.Error.IsZero() {
		return "failed"
	}
	var but []string
	if n := len(r.Troubles); n > 0 {
		but = append(but, count(n, "listed calendar"))
	}
	if len(r.Unlisted) > 0 {
		but = append(but, "what the server does not list: "+strings.Join(r.Unlisted, ", "))
	}
	if r.HeldBack > 0 {
		but = append(but, count(r.HeldBack, "deletion")+" held back")
	}
	if but == nil {
		return "synced"
	}
	return "synced, but for " + strings.Join(but, "; ")
}

// syncFailures returns the error for accounts that failed and for listed calendars that are
// not used; nil when there are none. The kind is that of the first account when all failed,
// else KindPartly. A single failure keeps its hint as the error's hint; several are printed
// as a list.
func syncFailures(rows []types.SyncRow) error {
	var failed []types.SyncRow
	var troubles []calbell.ListedName
	for _, r := range rows {
		if !r.Error.IsZero() {
			failed = append(failed, r)
		}
		troubles = append(troubles, r.Troubles...)
	}
	if len(failed)+len(troubles) == 0 {
		return nil
	}
	e := &calbell.Error{Kind: calbell.KindPartly}
	if len(failed) == len(rows) {
		e.Kind = failed[0].Kind // nothing was done
	}
	var lines []string
	for _, r := range failed {
		lines = append(lines, failure(r), r.Hint.English)
	}
	for _, n := range troubles {
		lines = append(lines, fmt.Sprintf("listed calendar %q: %s", n.Account+"/"+n.Name, n.Trouble), n.Hint.English)
	}
	if e.Hint = calbell.Plain(lines[1]); len(lines) == 2 {
		e.What = calbell.Plain(lines[0])
		return e
	}
	e.Hint = calbell.Text{}
	var text strings.Builder
	for i, line := range lines {
		switch {
		case line == "":
		case i%2 == 0: // what is wrong, and below it the next step
			text.WriteString(line + "\n")
		default:
			text.WriteString("  " + line + "\n")
		}
	}
	e.What = calbell.Plain(strings.TrimSuffix(text.String(), "\n"))
	return e
}

// failure describes why an account failed. The error may begin with the account's name
// already.
func failure(r types.SyncRow) string {
	name := fmt.Sprintf("account %q: ", r.Account)
	return name + strings.TrimPrefix(r.Error.English, name)
}
