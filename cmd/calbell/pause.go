// The pause and resume commands, and their second places at calendar and webhook.
//
// Reminders that fall due before a pause ends are suppressed and not sent later. A pause has a scope (a calendar, a webhook, both, or everything) and
// there is one per scope, so pausing again replaces its end.

package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/cmd/calbell/times"

	"github.com/spf13/cobra"
)

// pauseFlags are the scope and the end of a pause.
type pauseFlags struct {
	calendar, webhook string
	until, length     string
}

// add adds the flags that set the end.
func (f *pauseFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.until, "until", "", "`TIME` at which it ends, such as 2026-12-01 or 2026-12-01T09:00")
	cmd.Flags().StringVar(&f.length, "for", "", "`LENGTH` of time, such as 30m, 2h, 1d or 1w")
}

// end returns the end of the pause: --until, or now plus --for. Exactly one of them must be
// given, and the end must be in the future. Days of --for are calendar days in this
// machine's zone, so "1d" ends at the same time of day even when clocks change.
func (f *pauseFlags) end(now time.Time) (time.Time, error) {
	switch {
	case f.until != "" && f.length != "":
		return time.Time{}, usage("--until and --for both say when the pause ends: choose one")
	case f.until == "" && f.length == "":
		return time.Time{}, missing("--until", "say until when: --until 2026-12-01T09:00, or for how long: --for 2h")
	case f.until != "":
		t, err := times.Parse("--until", f.until, time.Local)
		if err == nil && !t.After(now) {
			err = usage("--until %s is past", f.until)
		}
		return t, err
	}
	l, err := calbell.ParseLength(f.length)
	if err != nil || l.Days == 0 && l.Exact == 0 {
		return time.Time{}, &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("--for %s is no length of time", quoted(f.length)), Hint: calbell.English("write 30m, 2h, 1d or 1w")}
	}
	return now.AddDate(0, 0, l.Days).Add(l.Exact), nil
}

// pauseCmd builds the pause command. Without a scope it pauses everything that the caller
// may pause.
func (a deliveryCommands) pauseCmd() *cobra.Command {
	var f pauseFlags
	cmd := &cobra.Command{
		Use:   "pause",
		Short: "Pause reminders until a time",
		Long: `Pause the reminders of a calendar, to a webhook, or all of them until a time. Those that
fall due meanwhile are not sent later.`,
		Example: `  calbell pause --for 2h
  calbell pause --calendar Holidays --until 2026-12-01
  calbell pause --webhook ops --for 1d`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.pause(cmd, f) },
	}
	f.add(cmd)
	a.addScope(cmd, &f)
	return cmd
}

// addScope adds the flags of the scope.
func (a *app) addScope(cmd *cobra.Command, f *pauseFlags) {
	cmd.Flags().StringVar(&f.calendar, "calendar", "", "`NAME` or ID of the calendar; all when absent")
	cmd.Flags().StringVar(&f.webhook, "webhook", "", "`NAME` of the webhook; all when absent")
	_ = cmd.RegisterFlagCompletionFunc("calendar", a.completeCalendars) // fails only for an unknown flag
	_ = cmd.RegisterFlagCompletionFunc("webhook", a.completeWebhooks)
}

// pause stores the pause and prints the command that ends it.
func (a deliveryCommands) pause(cmd *cobra.Command, f pauseFlags) error {
	until, err := f.end(time.Now())
	if err != nil {
		return err
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	p, err := c.Pause(cmd.Context(), types.PauseRequest{Calendar: f.calendar, Webhook: f.webhook, Until: until})
	if err != nil {
		return err
	}
	return showOne(a.app, p, func(w io.Writer) {
		fmt.Fprintln(w, cell(pauseLine(p)))
		fmt.Fprintf(a.err, "  end it: calbell resume%s\n", scopeFlags(f))
	})
}

// scopeFlags returns the flags of a pause's scope, for the command that ends it.
func scopeFlags(f pauseFlags) string {
	var b strings.Builder
	for _, one := range []struct{ flag, value string }{{"calendar", f.calendar}, {"webhook", f.webhook}} {
		if one.value != "" {
			b.WriteString(" --" + one.flag + " " + quoted(one.value))
		}
	}
	return b.String()
}

// pauseLine describes a pause: its end and its scope.
func pauseLine(p types.PauseRow) string {
	return fmt.Sprintf("paused until %s: %s", times.When(p.Until), p.What())
}

// resumeCmd builds the resume command: a pause request without an end removes the pause of
// that scope.
func (a deliveryCommands) resumeCmd() *cobra.Command {
	var f pauseFlags
	cmd := &cobra.Command{
		Use:        "resume",
		SuggestFor: []string{"calendar resume", "webhook resume"},
		Short:      "End a pause before its time",
		Long:       "End a pause before its time. Name what was paused as it was named then.",
		Example: `  calbell resume
  calbell resume --calendar Holidays`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			p, err := c.Pause(cmd.Context(), types.PauseRequest{Calendar: f.calendar, Webhook: f.webhook})
			if err != nil {
				return err
			}
			return showOne(a.app, p, func(w io.Writer) { fmt.Fprintln(w, "no longer paused: "+cell(p.What().English)) })
		},
	}
	a.addScope(cmd, &f)
	return cmd
}

// calendarPauseCmd builds `calendar pause`.
func (a deliveryCommands) calendarPauseCmd() *cobra.Command {
	var f pauseFlags
	cmd := &cobra.Command{
		Use:   "pause CALENDAR",
		Short: "Pause the reminders of a calendar until a time",
		Example: `  calbell calendar pause Holidays --until 2026-12-01
  calbell calendar pause team --for 2h`,
		Args:              takes(1, 1),
		ValidArgsFunction: a.completeCalendars,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.calendar = args[0]
			return a.pause(cmd, f)
		},
	}
	f.add(cmd)
	return cmd
}

// webhookPauseCmd builds `webhook pause`.
func (a deliveryCommands) webhookPauseCmd() *cobra.Command {
	var f pauseFlags
	cmd := &cobra.Command{
		Use:   "pause NAME",
		Short: "Pause the reminders to a webhook until a time",
		Example: `  calbell webhook pause ops --for 1d
  calbell webhook pause ops --until 2026-12-01T09:00`,
		Args:              takes(1, 1),
		ValidArgsFunction: a.completeWebhooks,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.webhook = args[0]
			return a.pause(cmd, f)
		},
	}
	f.add(cmd)
	return cmd
}
