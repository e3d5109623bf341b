// The `delivery resend` command: sending deliveries again that have ended.
//
// With --webhook the deliveries are listed first, so that the confirmation shows their
// number and exactly these are sent, even if others end in the meantime.

package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"calbell"
	"calbell/api/client"
	"calbell/api/types"

	"github.com/spf13/cobra"
)

// maxResend limits the deliveries of one request (service.MaxResend).
const maxResend = 10_000

// deliveryResendCmd builds `delivery resend`. Either IDs or --webhook and --since are
// given, not both.
func (a deliveryCommands) deliveryResendCmd() *cobra.Command {
	var statuses []string
	var since, webhook string
	var yes bool
	cmd := &cobra.Command{
		Use:   "resend ID… | --webhook NAME --since TIME",
		Short: "Send deliveries that have ended again",
		Long: `Send deliveries that have ended again: those that are named, or all to a webhook that
were given up or missed since a time. What was cancelled is not sent again: its event is
gone from the calendar.`,
		Example: `  calbell delivery resend 5d0c6a7e9b1f4c3d8e2a7b9c0d1e2f3a
  calbell delivery resend --webhook team --since 24h --status dead`,
		Args: takes(0, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			if len(args) > 0 && webhook == "" && since == "" && len(statuses) == 0 {
				return a.resend(cmd.Context(), c, as[calbell.ReminderID](args), yes)
			}
			r, err := resendRequest(args, webhook, since, statuses)
			if err != nil {
				return err
			}
			return a.resendAll(cmd.Context(), c, r, yes)
		},
	}
	f := cmd.Flags()
	f.StringVar(&webhook, "webhook", "", "all to the webhook with this `NAME`")
	f.StringVar(&since, "since", "", "that ended since this `TIME` (RFC 3339 or a date), or so long ago (24h)")
	f.StringSliceVar(&statuses, "status", nil, "in these `STATES`: dead, missed, dropped, sent (default dead,missed)")
	yesFlag(cmd, &yes)
	_ = cmd.RegisterFlagCompletionFunc("webhook", a.completeWebhooks)
	return cmd
}

// resendRequest converts the flags that select the deliveries of a webhook. The default is
// those that were given up or missed: sent ones are repeated only when asked for.
func resendRequest(args []string, webhook, since string, statuses []string) (types.ResendRequest, error) {
	r := types.ResendRequest{Webhook: webhook}
	switch {
	case len(args) > 0:
		return r, usage("IDs, and --webhook with --since, exclude each other")
	case webhook == "" || since == "":
		return r, &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("name deliveries by their IDs, or give --webhook and --since"), Hint: calbell.English("see: calbell delivery list --status dead,missed")}
	}
	if len(statuses) == 0 {
		statuses = []string{string(calbell.StatusDead), string(calbell.StatusMissed)}
	}
	q, err := historyQuery(statuses, since, time.Now())
	r.Since, r.Statuses = q.Since, q.Statuses
	return r, err
}

// resendAll lists the matching deliveries, asks, and sends these. Calbell's own notices are
// left out: they have no event, and are out of date by now. When nothing matches, the
// daemon is asked all the same, because it reports an unknown webhook or status.
func (a deliveryCommands) resendAll(ctx context.Context, c *client.Client, r types.ResendRequest, yes bool) error {
	rows, err := c.History(ctx, types.DeliveryQuery{Statuses: r.Statuses, Since: r.Since, Webhook: r.Webhook, Limit: maxResend})
	if err != nil {
		return err
	}
	var ids []calbell.ReminderID
	for _, row := range rows {
		if row.UID != "" { // Calbell's own notices have no UID
			ids = append(ids, row.ID)
		}
	}
	if len(ids) > 0 {
		return a.resend(ctx, c, ids, yes)
	}
	if _, err := c.Resend(ctx, r); err != nil {
		return err // an unknown webhook, or statuses that cannot be sent again
	}
	return a.done(types.ResendResult{}, "nothing to send again")
}

// resend asks for confirmation when there are several deliveries, and queues them.
func (a deliveryCommands) resend(ctx context.Context, c *client.Client, ids []calbell.ReminderID, yes bool) error {
	if ok, err := a.sure(yes || len(ids) == 1, fmt.Sprintf("Send %d deliveries again?", len(ids))); err != nil || !ok {
		return err
	}
	result, err := c.Resend(ctx, types.ResendRequest{IDs: ids})
	if err != nil {
		return err
	}
	return showOne(a.app, result, func(w io.Writer) {
		noun := "deliveries"
		if result.Planned == 1 {
			noun = "delivery"
		}
		fmt.Fprintf(w, "%d %s queued to be sent again\n", result.Planned, noun)
	})
}
