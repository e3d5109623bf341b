package main

import (
	"context"
	"errors"
	"fmt"

	"calbell"

	"github.com/spf13/cobra"
)

func (a *app) syncCmd() *cobra.Command {
	var wait bool
	cmd := &cobra.Command{
		Use:   "sync [CALENDAR]",
		Short: "Sync calendars now",
		Long: `Sync all calendars now, or the one that is named. With --wait it returns when what the
servers hold is stored and planned, and says how each account fared.`,
		Example: `  calbell sync --wait
  calbell sync team`,
		Args:              cobra.MaximumNArgs(1),
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
		return c.StartSync(ctx, calendar)
	}
	rows, err := c.Sync(ctx, calendar)
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
	first := failed[0]
	e := &calbell.Error{Kind: calbell.KindPartly, What: fmt.Sprintf("account %q: %s", first.Account, first.Error), Hint: first.Hint}
	if len(failed) == len(rows) {
		e.Kind = first.Kind // nothing was done
	}
	return e
}
