// The commands status, reload and version.
//
// status always exits with 0 when the daemon answers, so that scripts can read the report;
// --check makes problems exit with 1, for monitoring. The report's fields are those of GET
// /api/v1/status.

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/cmd/calbell/times"

	"github.com/spf13/cobra"
)

// statusCmd builds the status command.
func (a *app) statusCmd() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the daemon's status",
		Long: `Show the daemon's status. The exit code is 0 when the daemon answers; with --check it is 1 when
something needs attention: an account or calendar that fails, is overdue or is gone at its
server, a webhook that refuses, or trouble of the program itself.`,
		Example: `  calbell status
  calbell status -o json
  calbell status --check`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			r, err := c.Status(cmd.Context())
			if err != nil {
				return err
			}
			if err := showOne(a, r, func(w io.Writer) { printStatus(w, r) }); err != nil || !check {
				return err
			}
			return attention(r)
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "exit with 1 when something needs attention")
	return cmd
}

// attention returns an error that counts what needs attention, by kind; nil when nothing
// does. An account that fails as a whole counts once, not once per calendar.
func attention(r types.StatusReport) error {
	failing, overdue, gone, webhooks := 0, 0, 0, 0
	note := func(s calbell.SyncState) {
		switch s {
		case calbell.SyncFailing:
			failing++
		case calbell.SyncOverdue:
			overdue++
		case calbell.SyncGone:
			gone++
		}
	}
	for _, s := range r.Accounts {
		if s.Whole {
			note(s.State)
		}
	}
	for _, c := range r.Calendars {
		if !wholly(r, c.Account) {
			note(c.State)
		}
	}
	for _, h := range r.Webhooks {
		if h.State.Refuses() {
			webhooks++
		}
	}
	var parts []string
	for _, p := range []struct {
		n    int
		text string
	}{
		{len(r.Troubles), "trouble of the program itself: %d"},
		{failing, "accounts or calendars that fail: %d"},
		{overdue, "accounts or calendars that are overdue: %d"},
		{gone, "calendars that are gone at their server: %d"},
		{len(r.ListTroubles), "listed calendars that are not used: %d"},
		{webhooks, "webhooks that refuse: %d"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf(p.text, p.n))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return &calbell.Error{Kind: calbell.KindFailed, What: calbell.Plain(strings.Join(parts, ", ")), Hint: calbell.English("calbell status names them")}
}

// wholly reports whether an account's state stands for all its calendars: none of them is
// known, or all fail.
func wholly(r types.StatusReport, account string) bool {
	return slices.ContainsFunc(r.Accounts, func(s calbell.AccountState) bool {
		return s.Account == account && s.Whole && !s.State.Well()
	})
}

// otherZone names this terminal's zone, in which times are shown, when its clocks differ
// from those of the daemon's zone, which messages and all-day events use. It returns ""
// when they agree.
func otherZone(r types.StatusReport) string {
	loc, err := time.LoadLocation(r.TimeZone)
	if err != nil {
		return ""
	}
	name, here := time.Now().Zone()
	if _, there := time.Now().In(loc).Zone(); here == there {
		return ""
	}
	return fmt.Sprintf(" in messages (times below: %s)", name)
}

// printStatus prints the report: the program's own problems first, then what waits, then
// accounts, calendars and webhooks, each with its next step below it.
func printStatus(w io.Writer, r types.StatusReport) {
	fmt.Fprintf(w, "calbell %s, running since %s (%s)\n", r.Version, times.When(r.StartedAt), ago(r.StartedAt))
	fmt.Fprintf(w, "zone %s%s, zone data %s\n", r.TimeZone, otherZone(r), r.TZData)
	for _, t := range r.Troubles {
		fmt.Fprintf(w, "trouble: %s\n", printable(t.English, false))
	}
	if len(r.Waiting) > 0 {
		fmt.Fprintf(w, "waits for a restart: %s\n", printable(strings.Join(r.Waiting, ", "), false))
	}
	for _, n := range r.ListTroubles {
		fmt.Fprintln(w, printable(listTrouble(n), false))
	}
	for _, p := range r.Pauses {
		fmt.Fprintf(w, "%s\n", printable(pauseLine(p), false))
	}
	if r.NextDue == nil {
		fmt.Fprintln(w, "next reminder: none planned")
	} else {
		fmt.Fprintf(w, "next reminder: %s\n", times.When(*r.NextDue))
	}
	fmt.Fprintf(w, "deliveries: %s\n", counts(r.Deliveries))
	printAccounts(w, r)
	fmt.Fprintln(w, "calendars:")
	for _, c := range r.Calendars {
		fmt.Fprintf(w, "  %s/%s: %s\n", cell(c.Account), cell(c.Name), calendarHealth(c))
		if c.Silent() {
			fmt.Fprintf(w, "    %s\n", printable(c.Gone.Hint.English, false))
		}
		if said := problemCount(c.Problems); said != "" {
			fmt.Fprintf(w, "    %s (calbell event list --bad)\n", said)
		}
		if held := heldBack(c.Calendar); held != "" {
			fmt.Fprintf(w, "    %s\n", held)
		}
	}
	if len(r.Syncing) > 0 {
		fmt.Fprintln(w, "under way:")
	}
	for _, p := range r.Syncing {
		fmt.Fprintf(w, "  %s\n", printable(progressLine(p, time.Now()), false))
	}
	fmt.Fprintln(w, "webhooks:")
	for _, h := range r.Webhooks {
		fmt.Fprintf(w, "  %s: %s\n", cell(h.Name), printable(webhookHealth(h), false))
		if !h.Hint.IsZero() {
			fmt.Fprintf(w, "    %s\n", printable(h.Hint.English, false))
		}
	}
}

// counts lists the number of deliveries per status, largest first.
func counts(m map[calbell.Status]int) string {
	var states []calbell.Status
	for s, n := range m {
		if n > 0 {
			states = append(states, s)
		}
	}
	slices.SortFunc(states, func(a, b calbell.Status) int {
		return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, s := range states {
		parts = append(parts, fmt.Sprintf("%d %s", m[s], words(s)))
	}
	return cmp.Or(strings.Join(parts, ", "), "none yet")
}

// printAccounts prints the accounts that fail as a whole or have no calendar; others are
// described by their calendars.
func printAccounts(w io.Writer, r types.StatusReport) {
	head := "accounts:\n"
	for _, s := range r.Accounts {
		if !s.Whole {
			continue
		}
		fmt.Fprintf(w, "%s  %s: %s\n", head, cell(s.Account), accountHealth(s.AccountHealth))
		head = ""
		if !s.Hint.IsZero() {
			fmt.Fprintf(w, "    %s\n", printable(s.Hint.English, false))
		}
	}
}

// accountHealth describes the sync of an account that fails as a whole or has no calendar
// in use.
func accountHealth(h calbell.AccountHealth) string {
	switch h.State {
	case calbell.SyncFailing:
		return fmt.Sprintf("failing since %s: %s", times.When(h.FailingSince), printable(h.LastError.English, false))
	case calbell.SyncOverdue:
		return "overdue since " + times.When(h.OverdueSince) + ": " + lastSynced(h.SyncedAt)
	case calbell.SyncNew:
		return lastSynced(h.SyncedAt)
	}
	return lastSynced(h.SyncedAt) + ", none of its calendars is used"
}

// lastSynced says how long ago the last sync was.
func lastSynced(t time.Time) string {
	if t.IsZero() {
		return "not synced yet"
	}
	return "synced " + ago(t)
}

// calendarHealth describes the sync of a calendar, worst state first, and where its
// reminders go.
func calendarHealth(c types.CalendarRow) string {
	switch {
	case c.Silent():
		return fmt.Sprintf("silent since %s: %s", times.When(c.Gone.SilentAt), printable(c.Gone.Reason.English, false))
	case !c.FailingSince.IsZero():
		return fmt.Sprintf("failing since %s: %s", times.When(c.FailingSince), printable(c.LastError.English, false))
	case c.State == calbell.SyncOverdue:
		return "overdue since " + times.When(c.OverdueSince) + ": " + lastSynced(c.SyncedAt)
	case c.SyncedAt.IsZero():
		return "not synced yet"
	case c.SwitchedOff:
		return "synced " + ago(c.SyncedAt) + ", " + printable(offLine(c), false)
	case len(c.Webhooks) == 0:
		return "synced " + ago(c.SyncedAt) + ", silent (no webhook)"
	}
	return "synced " + ago(c.SyncedAt) + " → " + strings.Join(c.Webhooks, ", ")
}

// problemCount says how many objects could not be read, or were read differently from what
// they say; "" for none.
func problemCount(n types.ProblemCount) string {
	var parts []string
	if n.Bad > 0 {
		parts = append(parts, count(n.Bad, "event")+" could not be read")
	}
	if n.Mended > 0 {
		parts = append(parts, count(n.Mended, "event")+" mended")
	}
	return strings.Join(parts, ", ")
}

// ago says how long ago t was, in one unit, rounded down.
func ago(t time.Time) string {
	d := time.Since(t)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// reloadCmd builds the reload command. It waits for the result, unlike SIGHUP.
func (a *app) reloadCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "reload",
		Short: "Make the daemon read its configuration again",
		Long: `Make the daemon read its configuration again. When the file is bad, the old configuration
stays in force. The answer names changed keys that wait for a restart, and what check would
warn of; neither changes the exit code.`,
		Example: `  calbell reload
  systemctl reload calbell`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			r, err := c.Reload(cmd.Context())
			if err != nil {
				return err
			}
			return a.showReload(r)
		},
	}
}

// showReload prints the result of a reload: what waits for a restart, which webhooks are
// retried because they changed, and warnings.
func (a *app) showReload(r types.ReloadReport) error {
	if a.wantsJSON() {
		return showOne(a, r, nil)
	}
	done := "configuration reloaded"
	if len(r.Waiting) > 0 {
		done += ", but for what waits for a restart: " + strings.Join(r.Waiting, ", ")
	}
	err := a.say("%s", done)
	if len(r.InForce) > 0 {
		err = errors.Join(err, a.say("changed and in force: %s", strings.Join(r.InForce, ", ")))
	}
	for _, name := range r.Lifted {
		err = errors.Join(err, a.say("webhook %s: its definition changed; what was held is tried now", name))
	}
	for _, w := range r.Warnings {
		err = errors.Join(err, a.say("warning: %s", w.What), a.say("  %s", w.Hint))
	}
	return err
}

// versionCmd builds the version command. Unlike --version it has JSON.
func (a *app) versionCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the program's version",
		Example: `  calbell version
  calbell version -o json`,
		Args: takes(0, 0),
		RunE: func(*cobra.Command, []string) error {
			v := map[string]string{"version": version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH}
			return showOne(a, v, func(w io.Writer) {
				fmt.Fprintf(w, "calbell %s (%s, %s)\n", v["version"], v["go"], v["platform"])
			})
		},
	}
}
