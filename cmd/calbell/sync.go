package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"calbell"

	"github.com/spf13/cobra"
)

func (a *app) syncCmd() *cobra.Command {
	var wait bool
	cmd := &cobra.Command{
		Use:   "sync [CALENDAR]",
		Short: "Sync calendars now",
		Long: `Sync all calendars now, or the one that is named. With --wait it returns when what the
servers hold is stored and planned, and says how each account fared; until then it shows how
far it is.`,
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

func (a *app) sync(ctx context.Context, calendar string, wait bool) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	if !wait {
		if err := c.StartSync(ctx, calendar); err != nil {
			return err
		}
		return a.say("sync started; to see it end: calbell sync --wait")
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
	err = show(a, rows, table[calbell.SyncRow]{
		head: []string{"ACCOUNT", "RESULT"}, empty: "no accounts are configured",
		cells: func(r calbell.SyncRow) []string {
			if r.Error == "" {
				return []string{r.Account, "synced"}
			}
			return []string{r.Account, "failed"}
		},
	})
	return errors.Join(err, syncFailures(rows))
}

// syncFailures is the error for accounts that failed: all, or some of them.
func syncFailures(rows []calbell.SyncRow) error {
	var failed []calbell.SyncRow
	for _, r := range rows {
		if r.Error != "" {
			failed = append(failed, r)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	e := &calbell.Error{Kind: calbell.KindPartly}
	if len(failed) == len(rows) {
		e.Kind = failed[0].Kind // nothing was done
	}
	if len(failed) == 1 {
		e.What, e.Hint = failure(failed[0]), failed[0].Hint
		return e
	}
	var lines []string
	for _, r := range failed {
		lines = append(lines, failure(r))
		if r.Hint != "" {
			lines = append(lines, "  "+r.Hint)
		}
	}
	e.What = strings.Join(lines, "\n")
	return e
}

// failure says why an account failed; the error may name the account already.
func failure(r calbell.SyncRow) string {
	name := fmt.Sprintf("account %q: ", r.Account)
	return name + strings.TrimPrefix(r.Error, name)
}
