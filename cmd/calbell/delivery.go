// The delivery command: what was sent, what was not, and why. The states are those of
// calbell.Status.

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

// words returns a status as people read it: "in flight" for in_flight.
func words(s calbell.Status) string { return strings.ReplaceAll(string(s), "_", " ") }

// deliveryCmd builds the delivery command.
func (a deliveryCommands) deliveryCmd() *cobra.Command {
	return group("delivery", "What was sent, or why not", `  calbell delivery list --since 24h
  calbell delivery show 5d0c…
  calbell delivery resend --webhook team --since 24h`,
		a.deliveryListCmd(), a.deliveryShowCmd(), a.deliveryResendCmd())
}

// deliveryListCmd builds `delivery list`.
func (a deliveryCommands) deliveryListCmd() *cobra.Command {
	var statuses []string
	var since, webhook string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what was sent, or why not; newest first",
		Example: `  calbell delivery list --status dead,missed
  calbell delivery list --since 2026-11-01 -o json`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := historyQuery(statuses, since, time.Now())
			if err != nil {
				return err
			}
			q.Webhook, q.Limit = webhook, limit
			c, err := a.client()
			if err != nil {
				return err
			}
			rows, err := c.History(cmd.Context(), q)
			if err != nil {
				return err
			}
			return show(a.app, rows, deliveryTable())
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&statuses, "status", nil, "only in these `STATES`: sent, dead, missed, cancelled, dropped, waiting, held, in_flight")
	f.StringVar(&since, "since", "", "since this `TIME` (RFC 3339 or a date), or so long ago (24h)")
	f.StringVar(&webhook, "webhook", "", "only to the webhook with this `NAME`")
	f.IntVar(&limit, "limit", 0, "at most `N` (default 100)")
	return cmd
}

// deliveryTable returns the table of deliveries. LATE is how long after its time a message
// was sent; it is empty for what was not sent.
func deliveryTable() table[types.DeliveryRow] {
	return table[types.DeliveryRow]{
		head: []string{"DUE", "STATUS", "LATE", "WEBHOOK", "SUBJECT", "TRIES", "WHY", "ID"}, empty: "nothing was sent yet",
		cells: func(r types.DeliveryRow) []string {
			late := ""
			if r.LateMS != nil {
				late = (time.Duration(*r.LateMS) * time.Millisecond).String()
			}
			subject := r.Subject
			if r.Notice == calbell.NoticeTest {
				subject = "test: " + subject
			}
			return []string{times.When(r.Due), words(r.Status), late, string(r.Webhook), subject, fmt.Sprint(r.Attempts), r.Error.English, string(r.ID)}
		},
	}
}

// historyQuery converts the flags of `delivery list` and `delivery resend`. Statuses may be
// written with spaces. since is a duration back from now, a date, or RFC 3339; "" leaves
// the start open.
func historyQuery(statuses []string, since string, now time.Time) (q types.DeliveryQuery, err error) {
	known := []string{"planned", "waiting", "in_flight", "held", "sent", "dead", "missed", "cancelled", "dropped"}
	for _, s := range statuses {
		s = strings.ReplaceAll(strings.TrimSpace(s), " ", "_")
		if near := calbell.Nearest(s, known); near != s {
			return q, &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("unknown status %q", s), Hint: calbell.T("calbell:one", "one of: %s", strings.Join(known, ", "))}
		}
		q.Statuses = append(q.Statuses, calbell.Status(s))
	}
	if ago, durationErr := time.ParseDuration(since); durationErr == nil {
		q.Since = now.Add(-ago)
		return q, nil
	}
	q.Since, err = times.Parse("--since", since, time.Local)
	return q, err
}

// deliveryShowCmd builds `delivery show`.
func (a deliveryCommands) deliveryShowCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show a delivery with its tries",
		Example: `  calbell delivery show 5d0c6a7e9b1f4c3d8e2a7b9c0d1e2f3a
  calbell delivery show 5d0c6a7e9b1f4c3d8e2a7b9c0d1e2f3a -o json`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			d, err := c.Delivery(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return showOne(a.app, d, func(w io.Writer) { printDelivery(w, d) })
		},
	}
}

// printDelivery prints a delivery with its latest tries and, unless it was sent, the next
// step that the last one suggests. Only the latest tries are stored, so it says how many
// older ones there were.
func printDelivery(w io.Writer, d calbell.Delivery) {
	fmt.Fprintf(w, "%s\n", cell(d.Subject))
	late := ""
	if ms := types.RowOf(d).LateMS; ms != nil {
		late = " " + (time.Duration(*ms) * time.Millisecond).String() + " late"
	}
	fmt.Fprintf(w, "  %s%s, due %s, to %s\n", words(d.Status), late, times.When(d.Due), d.Webhook)
	if !d.Reason.IsZero() {
		fmt.Fprintf(w, "  %s\n", printable(d.Reason.English, false))
	}
	if !d.KnownAt.IsZero() && d.Status != calbell.StatusMissed { // the reason of "missed" says it already
		fmt.Fprintf(w, "  first seen %s, after it fell due\n", times.When(d.KnownAt))
	}
	if !d.NextAt.IsZero() && d.Attempts > 0 {
		fmt.Fprintf(w, "  next try %s\n", times.When(d.NextAt))
	}
	if d.PossibleRepeat {
		fmt.Fprintln(w, "  a try may have been accepted without our knowing")
	}
	if skipped := d.Attempts - len(d.Tries); skipped > 0 {
		fmt.Fprintf(w, "  %d earlier tries are not kept\n", skipped)
	}
	for _, t := range d.Tries {
		answer := t.Error
		if t.Status != 0 {
			answer = calbell.Plain(strings.TrimSpace(fmt.Sprintf("%d %s", t.Status, t.Answer)))
		}
		fmt.Fprintf(w, "  %s  %s in %s: %s\n", times.When(t.At), t.Verdict, t.Took.Round(time.Millisecond), printable(answer.English, false))
	}
	if n := len(d.Tries); n > 0 && !d.Tries[n-1].Hint.IsZero() && d.Status != calbell.StatusSent {
		fmt.Fprintf(w, "  %s\n", printable(d.Tries[n-1].Hint.English, false))
	}
}
