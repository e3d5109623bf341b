// The commands of accounts, and those of calendars that change an account or a calendar's
// settings.
//
// People connect a calendar, not an account, so `calendar add` stores the account and
// `calendar remove` removes it. Accounts of the configuration file can be listed, not
// changed: the daemon rejects that and names the file. Passwords and tokens go to the
// daemon over the socket and are sealed there; no answer contains them.

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"calbell"
	"calbell/api/client"
	"calbell/api/types"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// accountCmd builds the account command.
func (a accountCommands) accountCmd() *cobra.Command {
	return group("account", "Accounts at calendar servers", `  calbell account list
  calbell account edit home --password-file -`,
		a.accountListCmd(), a.accountEditCmd(), a.accountRemoveCmd())
}

// accountListCmd builds `account list`. PROBLEM is the latest error of a sync of the
// account as a whole; errors of single calendars are in `calendar list`.
func (a accountCommands) accountListCmd() *cobra.Command {
	return lists(a.app, "account", "List the accounts with their calendars", (*client.Client).Accounts, table[types.AccountRow]{
		head: []string{"ID", "NAME", "URL", "USERNAME", "OWNER", "ORIGIN", "CALENDARS", "STATE", "PROBLEM"}, empty: "no accounts; add one with: calbell calendar add NAME --url URL",
		cells: func(r types.AccountRow) []string {
			return []string{r.ID, r.Name, r.URL, r.Username, r.Owner, string(r.Origin), strings.Join(r.Found, ", "), string(r.Sync.State), r.Sync.LastError.English}
		},
	})
}

// accountFlags adds the flags that `calendar add` and `account edit` share, except those
// that sign in (signIn).
func accountFlags(f *pflag.FlagSet, n *types.NewAccount) {
	f.StringVar(&n.URL, "url", "", "`URL` of the server, a host name, a mail address, or a secret .ics address")
	f.StringVar(&n.Username, "username", "", "sign-in `NAME`")
	f.StringVar(&n.TimeZone, "time-zone", "", "`ZONE` of times without one, such as Europe/Zurich")
	f.StringSliceVar(&n.Addresses, "addresses", nil, "`MAIL` addresses of its person, beside those that the server names")
	f.BoolVar(&n.TrustInvitations, "trust-invitations", false, "events organised by strangers may choose a webhook")
	f.BoolVar(&n.WriteBack, "write-back", false, "reminders are put into the events, too")
	f.StringSliceVar(&n.Calendars, "calendars", nil, "`NAMES` or addresses of the calendars to use; all when absent")
	remindFlags(f, &n.Webhook, &n.Remind, &n.RemindAllDay, &n.Mode)
}

// remindFlags adds the flags of anything that creates reminders: accounts, calendars,
// rules. webhook may be nil, where a list of webhooks takes its place. An empty list of
// times clears the field, so `--remind ""` is not an error.
func remindFlags(f *pflag.FlagSet, webhook *string, timed, allDay *[]calbell.Lead, mode *calbell.Mode) {
	leads := func(to *[]calbell.Lead) func(string) error {
		return func(text string) (err error) {
			if *to = nil; text != "" {
				*to, err = calbell.ParseLeads(text)
			}
			return err
		}
	}
	if webhook != nil {
		f.StringVar(webhook, "webhook", "", "`NAME` of the webhook that reminders go to")
	}
	f.Func("remind", "how long before each event (`15m,1d@18:00`)", leads(timed))
	f.Func("remind-all-day", "how long before each all-day event (`1d@18:00`)", leads(allDay))
	f.StringVar((*string)(mode), "mode", "", "`HOW` it combines with an event's own alarms: fallback, add, replace or off")
}

// calendarAddCmd builds `calendar add`. --owner counts as given even when it is empty: ""
// makes the account belong to the admins, while its absence leaves the choice to the
// daemon.
func (a accountCommands) calendarAddCmd() *cobra.Command {
	var n types.NewAccount
	var how signIn
	var owner string
	cmd := &cobra.Command{
		Use:        "add NAME --url URL",
		SuggestFor: []string{"account add"},
		Short:      "Connect the calendars of an account",
		Long: `Connect the calendars of an account, which is called NAME from then on. They are looked for
first, and each question to the server is shown; what cannot be found is not stored. With
--username, the password is asked for; many servers want an app password here. Files of
certificates are read here, and their texts are stored.`,
		Example: `  calbell calendar add home --url https://cloud.example.org/ --username anna
  calbell calendar add work --url https://dav.example.org/ --token-file work.token --ca-file company-ca.pem
  calbell calendar add holidays --url webcal://example.org/holidays.ics`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Name = args[0]
			if cmd.Flags().Changed("owner") {
				n.Owner = &owner
			}
			if n.URL == "" {
				return missing("--url", "where is the calendar server?")
			}
			if err := a.readSignIn(&how, &n); err != nil {
				return err
			}
			if n.Username != "" || how.passwordFile != "" {
				var err error
				if n.Password, err = a.password(how.passwordFile, "password of "+quoted(n.Username)+": ", false); err != nil {
					return err
				}
			}
			return a.calendarAdd(cmd.Context(), n)
		},
	}
	accountFlags(cmd.Flags(), &n)
	how.flags(cmd.Flags(), passwordFlag)
	cmd.Flags().StringVar(&owner, "owner", "", "`USER` who owns it; without one it belongs to the admins")
	return cmd
}

// calendarAdd discovers the account's calendars (RFC 6764, RFC 4791 §6.2.1) through the
// daemon, then stores the account. Discovery comes first so that a misspelt address or
// password is reported with the server's answers, and nothing is stored. The probes go to
// standard error, and are left out with JSON.
func (a accountCommands) calendarAdd(ctx context.Context, n types.NewAccount) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	found, err := c.Discover(ctx, n)
	if err != nil {
		return err
	}
	if a.format == "" || a.format == "table" {
		printDiscovered(a.err, found)
	}
	if !found.Error.IsZero() {
		return &calbell.Error{Kind: found.Kind, What: found.Error, Hint: found.Hint}
	}
	r, err := c.AddAccount(ctx, n)
	if err != nil {
		return err
	}
	return showOne(a.app, r, func(w io.Writer) {
		fmt.Fprintf(w, "account %q stored, %s\n", cell(r.Name), count(len(found.Calendars), "calendar"))
		fmt.Fprintln(a.err, "  see them: calbell calendar list")
	})
}

// accountEditCmd builds `account edit`. Only given flags are part of the request, a merge
// patch (RFC 7396). The daemon asks for the password again when the URL or the user name
// changes: a stored password must not be sent to another server.
func (a accountCommands) accountEditCmd() *cobra.Command {
	var n types.NewAccount
	var how signIn
	cmd := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a stored account",
		Long: `Change a stored account: only the given flags change, and an empty value clears a field. Another
server or name wants the password again.`,
		Example: `  calbell account edit home --password-file -
  calbell account edit home --webhook team --remind 15m`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.readSignIn(&how, &n); err != nil {
				return err
			}
			if how.passwordFile != "" {
				var err error
				if n.Password, err = a.password(how.passwordFile, "new password: ", true); err != nil {
					return err
				}
			}
			p, err := changes(cmd, n, signInKeys())
			if err != nil {
				return err
			}
			if n.ClientKeyPEM != "" { // without --client-key it was read from the certificate's file
				p["client_key_pem"] = n.ClientKeyPEM
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			r, err := c.EditAccount(cmd.Context(), args[0], p)
			if err != nil {
				return err
			}
			return showOne(a.app, r, func(w io.Writer) { fmt.Fprintf(w, "account %q changed\n", cell(r.Name)) })
		},
	}
	accountFlags(cmd.Flags(), &n)
	how.flags(cmd.Flags(), "`FILE` that holds the new password; - = standard input")
	return cmd
}

// accountRemoveCmd builds `account remove`.
func (a accountCommands) accountRemoveCmd() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a stored account with its calendars",
		Long: `Remove a stored account with its calendars and what is attached to their events. It shows
what goes, and asks. At the server nothing changes.`,
		Example: `  calbell account remove home
  calbell account remove -y "Anna's cloud"`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.removeAccount(cmd.Context(), args[0], yes) },
	}
	yesFlag(cmd, &yes)
	return cmd
}

// calendarRemoveCmd builds `calendar remove`, which is `account remove` beside `calendar
// add`.
func (a accountCommands) calendarRemoveCmd() *cobra.Command {
	cmd := a.accountRemoveCmd()
	cmd.Example = `  calbell calendar remove home
  calbell calendar remove -y "Anna's cloud"`
	cmd.Short = "Disconnect the calendars of a stored account"
	return cmd
}

// removeAccount lists what will be removed with the account, asks for confirmation unless
// yes, and removes it.
func (a accountCommands) removeAccount(ctx context.Context, name string, yes bool) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	r, err := c.AccountRemoval(ctx, name)
	if calbell.IsNotFound(err) {
		return orItsAccount(ctx, c, name, err)
	}
	if err != nil {
		return err
	}
	r.Accounts = types.Removed{} // the question already names the account
	if ok, err := a.sure(yes, fmt.Sprintf("Remove account %q?", r.Name), goesWith(r)...); err != nil || !ok {
		return err
	}
	if err := c.RemoveAccount(ctx, name); err != nil {
		return err
	}
	return a.done(removedNames{[]string{name}}, "account %q removed with its calendars", name)
}

// orItsAccount returns err, unless name is that of a calendar: then it returns an error
// whose hint names the calendar's account. People know the names of their calendars better
// than those of accounts.
func orItsAccount(ctx context.Context, c *client.Client, name string, err error) error {
	rows, listErr := c.Calendars(ctx)
	for _, r := range rows {
		if listErr == nil && (calbell.SameName(r.Name, name) || string(r.ID) == name) {
			return &calbell.Error{
				Kind: calbell.KindNotFound, What: calbell.TextOfError(err),
				Hint: calbell.English("it is a calendar of the account %q, whose calendars go together: calbell calendar remove %s", r.Account, shellWord(r.Account)),
			}
		}
	}
	return err
}

// calendarEditCmd builds `calendar edit`. What it stores applies beside the configuration
// file; a calendar that the file lists is changed in the file, and the daemon rejects it
// here.
func (a accountCommands) calendarEditCmd() *cobra.Command {
	var n types.CalendarEdit
	cmd := &cobra.Command{
		Use:   "edit CALENDAR",
		Short: "Set where a calendar's reminders go, and which it has",
		Long: `Set where a calendar's reminders go, and which it has, beside what the file says: only
the given flags change, and an empty value clears a field. What the file lists is changed there.`,
		Example: `  calbell calendar edit team --webhook ops
  calbell calendar edit team --remind 15m,1d@18:00 --mode add
  calbell calendar edit 8c1f0a92d3b4e567 --on`,
		Args:              takes(1, 1),
		ValidArgsFunction: a.completeCalendars,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := changes(cmd, n, map[string]string{"on": "switched_on"})
			if err != nil {
				return err
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			r, err := c.EditCalendar(cmd.Context(), args[0], p)
			if err != nil {
				return err
			}
			return showOne(a.app, r, func(w io.Writer) {
				fmt.Fprintf(w, "calendar %q changed; reminders go to: %s\n", cell(r.Name), cell(cmp.Or(strings.Join(r.Webhooks, ", "), offLine(r), "no webhook by default")))
			})
		},
	}
	remindFlags(cmd.Flags(), &n.Webhook, &n.Remind, &n.RemindAllDay, &n.Mode)
	cmd.Flags().BoolVar(&n.SwitchedOn, "on", false, "let the events of another person's calendar post; --on=false ends it")
	cmd.Flags().StringVar(&n.Private, "private", "", "`WHAT` becomes of private events: skip, busy or full")
	cmd.Flags().StringVar(&n.TimeZone, "time-zone", "", "`ZONE` of times without one, such as Europe/Zurich")
	_ = cmd.RegisterFlagCompletionFunc("webhook", a.completeWebhooks)
	return cmd
}
