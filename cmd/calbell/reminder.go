// The reminder command and explain: reminders that people attach to events ("bindings"),
// and what each event's alarms lead to.
//
// Attached reminders are stored in Calbell, not in the calendar (docs/attaching.md). Events
// are named by the ID of `event list` or by a UID that is unique among the calendars;
// occurrences by their RECURRENCE-ID or their day.

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"calbell"
	"calbell/api/types"
	"calbell/cmd/calbell/times"

	"github.com/spf13/cobra"
)

// reminderCmd builds the reminder command.
func (a eventCommands) reminderCmd() *cobra.Command {
	return group("reminder", "Attach reminders to events, and see what falls due next", `  calbell reminder list
  calbell reminder add 3f9a1c22b7d0 --before 15m --webhook team`,
		a.reminderListCmd(), a.reminderAddCmd(), a.reminderRemoveCmd(), a.reminderMuteCmd(), a.reminderUnmuteCmd())
}

// reminderListCmd builds `reminder list`. NEXT TRY is shown for deliveries that were tried
// or wait for a webhook; for the others it equals DUE.
func (a eventCommands) reminderListCmd() *cobra.Command {
	limit := 0
	list := &cobra.Command{
		Use:   "list",
		Short: "List what falls due next",
		Long: `List what falls due next, each occurrence of a series: up to the last reminder that is laid out,
and for a week in any case. ID is that of the delivery or, where there is none yet, of the event;
explain takes both.`,
		Example: `  calbell reminder list
  calbell reminder list --limit 5 -o jsonl`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			rows, err := c.Upcoming(cmd.Context(), limit)
			if err != nil {
				return err
			}
			return show(a.app, rows, table[types.UpcomingRow]{
				head: []string{"DUE", "WEBHOOK", "SUBJECT", "STATUS", "NEXT TRY", "ID"}, empty: "no reminders are planned",
				cells: func(r types.UpcomingRow) []string {
					next := ""
					if r.Attempts > 0 || r.Status == calbell.StatusHeld {
						next = times.WhenPtr(r.NextAt)
					}
					// explain takes either ID. A reminder without a delivery yet has only its event's.
					return []string{times.When(r.Due), string(r.Webhook), r.Subject, words(r.Status), next, cmp.Or(r.Event, string(r.ID))}
				},
			})
		},
	}
	list.Flags().IntVar(&limit, "limit", 0, "at most `N` (default 100)")
	return list
}

// instanceFlags narrow a command to some occurrences of an event.
type instanceFlags struct {
	instance string
	onwards  bool
}

// register adds the flags.
func (f *instanceFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.instance, "instance", "", "only the occurrence with this start or day (`T`), as event show tells it")
	cmd.Flags().BoolVar(&f.onwards, "from-here", false, "and all later ones; without --instance: from the next one on")
}

// reminderAddCmd builds `reminder add`. The times of --before are parsed here, so that a
// mistake is reported without a daemon; everything else is checked by the daemon.
func (a eventCommands) reminderAddCmd() *cobra.Command {
	var n types.NewReminder
	var before string
	var at instanceFlags
	cmd := &cobra.Command{
		Use:   "add EVENT",
		Short: "Attach a reminder to an event",
		Long: `Attach a reminder to an event, and show when it is sent next. Calbell keeps it beside the
calendar: no client can lose it, and it works on calendars that nobody may write to.

Times are written 15m, 2h, 1d, 1w, 0m, or 1d@18:00 (a day before, at 18:00), several with
commas. With --at-alarm it rings whenever the calendar's own alarms do, in the place of where
these went. EVENT is the ID that event list shows, or a UID that only one event has.`,
		Example: `  calbell reminder add 3f9a1c22b7d0 --before 15m,1d@18:00 --webhook team
  calbell reminder add standup@example.org --at-alarm --webhook ops --instance 2026-12-01`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Event, n.Instance, n.Onwards = args[0], calbell.RecurrenceID(at.instance), at.onwards
			if before != "" {
				var err error
				if n.Before, err = calbell.ParseLeads(before); err != nil {
					return err
				}
			}
			return a.attach(cmd.Context(), n)
		},
	}
	cmd.Flags().StringVar(&before, "before", "", "how long before the start (`15m,1d@18:00`)")
	cmd.Flags().BoolVar(&n.AtAlarm, "at-alarm", false, "when the calendar's own alarms ring")
	cmd.Flags().StringVar(&n.Webhook, "webhook", "", "through the webhook with this `NAME`")
	at.register(cmd)
	_ = cmd.RegisterFlagCompletionFunc("webhook", a.completeWebhooks)
	return cmd
}

// attach attaches a reminder or a mute, and prints what the event's next alarms lead to
// now.
func (a eventCommands) attach(ctx context.Context, n types.NewReminder) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	r, err := c.AddReminder(ctx, n)
	if err != nil {
		return err
	}
	return showOne(a.app, r, func(w io.Writer) {
		for _, b := range r.Bindings {
			fmt.Fprintf(w, "attached %s: %s\n", b.ID, printable(bindingText(b), false))
		}
		if len(r.Next) == 0 {
			fmt.Fprintln(w, "nothing rings any more")
		}
		for _, row := range r.Next {
			will := "will be sent"
			if len(row.Routes) == 0 {
				will = "will not be sent"
			}
			fmt.Fprintf(w, "%s %s\n", will, printable(alarmText(row), false))
		}
	})
}

// bindingText describes an attached reminder: when, where to, for which occurrences, and
// whether it is also written into the event.
func bindingText(b calbell.Binding) string {
	var s string
	switch {
	case b.Mute:
		s = "muted"
	case b.AtAlarm:
		s = "when the calendar's alarms ring → " + string(b.Webhook)
	case b.Lead == calbell.Lead{}:
		s = "at the start → " + string(b.Webhook)
	default:
		s = b.Lead.String() + " before → " + string(b.Webhook)
	}
	switch {
	case b.Onwards:
		s += ", from " + string(b.Instance) + " on"
	case b.Instance != "":
		s += ", only " + string(b.Instance)
	}
	if !b.WrittenAt.IsZero() {
		s += ", written into the event"
	}
	if !b.WriteError.IsZero() {
		s += ", not written into the event: " + b.WriteError.English
	}
	if !b.GoneAt.IsZero() {
		s += ", its event is gone"
	}
	return s
}

// alarmText describes an alarm: its time, and its webhooks with the reason for each, or the
// reason why there are none.
func alarmText(r types.AlarmRow) string {
	s := times.When(r.Trigger)
	if len(r.Routes) == 0 {
		return s + " → nowhere: " + cmp.Or(r.Silent, calbell.T("calbell:nothing-says-which-webhook", "nothing says which webhook")).English
	}
	var to []string
	for _, route := range r.Routes {
		to = append(to, fmt.Sprintf("%s (%s)", route.Webhook, routeText(route)))
	}
	return s + " → " + strings.Join(to, ", ")
}

// routeText describes which step of the routing chose a webhook. A step without words of
// its own is described by the route's source alone.
func routeText(r calbell.Route) string {
	what := map[calbell.Step]string{
		calbell.StepBinding: "attached here", calbell.StepAlarm: "the alarm names it", calbell.StepAlias: "the alarm's address",
		calbell.StepEvent: "the event names it", calbell.StepCategory: "its category", calbell.StepLine: "its #remind line",
	}[r.Step]
	from := strings.TrimPrefix(r.From.English, ", ")
	switch {
	case what == "":
		return from
	case from == "":
		return what
	}
	return what + ", " + from
}

// reminderRemoveCmd builds `reminder remove`. Several IDs are removed one after the other;
// the first error ends it, and those before it stay removed.
func (a eventCommands) reminderRemoveCmd() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "remove ID…",
		Short: "Remove attached reminders",
		Long:  "Remove attached reminders, or mutes. event show lists them with their IDs. It asks before.",
		Example: `  calbell reminder remove 1f0c22d9e8aa
  calbell reminder remove -y 1f0c22d9e8aa 77e0c35d1f6b`,
		Args: takes(1, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			if ok, err := a.sure(yes, "Remove "+count(len(args), "attached reminder")+" ("+strings.Join(args, ", ")+")?"); err != nil || !ok {
				return err
			}
			for _, id := range args {
				if err := c.RemoveReminder(cmd.Context(), id); err != nil {
					return err
				}
			}
			return a.done(removedNames{args}, "removed %s", strings.Join(args, ", "))
		},
	}
	yesFlag(cmd, &yes)
	return cmd
}

// reminderMuteCmd builds `reminder mute`. A mute is stored as a binding, so it can be
// removed by its ID as well.
func (a eventCommands) reminderMuteCmd() *cobra.Command {
	var at instanceFlags
	cmd := &cobra.Command{
		Use:   "mute EVENT",
		Short: "Let nothing of an event ring",
		Example: `  calbell reminder mute standup@example.org
  calbell reminder mute standup@example.org --instance 2026-12-24`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.attach(cmd.Context(), types.NewReminder{
				Event: args[0], Mute: true, Instance: calbell.RecurrenceID(at.instance), Onwards: at.onwards,
			})
		},
	}
	at.register(cmd)
	return cmd
}

// reminderUnmuteCmd builds `reminder unmute`. It is no error when nothing was muted.
func (a eventCommands) reminderUnmuteCmd() *cobra.Command {
	instance := ""
	cmd := &cobra.Command{
		Use:   "unmute EVENT",
		Short: "Let a muted event ring again",
		Example: `  calbell reminder unmute standup@example.org
  calbell reminder unmute standup@example.org --instance 2026-12-24T08:00:00Z`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			n, err := c.Unmute(cmd.Context(), args[0], calbell.RecurrenceID(instance))
			if err != nil {
				return err
			}
			words := "it is not muted any more"
			if n == 0 {
				words = "it was not muted"
			}
			return a.done(struct {
				Removed int `json:"removed"` // mutes
			}{n}, "%s", words)
		},
	}
	cmd.Flags().StringVar(&instance, "instance", "", "only what mutes the occurrence of this name (`T`)")
	return cmd
}

// explainCmd builds the explain command. It prints the same as `event show`, for an event
// or for a delivery's ID.
func (a eventCommands) explainCmd() *cobra.Command {
	return &cobra.Command{
		Use:        "explain EVENT|REMINDER",
		SuggestFor: []string{"event explain", "reminder explain", "delivery explain"},
		Short:      "Say why an event rings, does not, or did not",
		Long: `Say why an event rings, does not, or did not: its zone, its recurrence, each of its next alarms
with what chose the webhook, what keeps it silent, what is attached, and what was sent. EVENT
is an ID or UID, REMINDER the ID that reminder list and delivery list show.`,
		Example: `  calbell explain standup@example.org
  calbell explain 5d0c7f1e9a2b4c6d`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			d, err := c.Explain(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return showOne(a.app, d, func(w io.Writer) { printEvent(w, d) })
		},
	}
}

// ruleTestCmd builds `rule test`. Rules are tried in their order; the first match decides.
func (a eventCommands) ruleTestCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "test EVENT",
		Short: "Say which rules match an event, and which one decides",
		Example: `  calbell rule test standup@example.org
  calbell rule test 3f9a1c22b7d0 -o json`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			rows, err := c.TestRules(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return show(a.app, rows, table[types.RuleRow]{
				head: []string{"RULE", "RESULT", "WEBHOOKS"}, empty: "no rule holds for the calendar of this event",
				cells: func(r types.RuleRow) []string {
					result := "does not match: " + r.Misses
					switch {
					case r.Decides:
						result = "decides"
					case r.Matches:
						result = "matches, an earlier one decides"
					}
					return []string{r.Name, result, strings.Join(r.Webhooks, ", ")}
				},
			})
		},
	}
}
