// The user command, and the link that creates the first admin. Users sign in at the page
// and through the API; commands over the socket need no user, because access to the socket
// is access as an admin (docs/people.md).

package main

import (
	"fmt"
	"io"

	"calbell"
	"calbell/api/client"
	"calbell/api/types"
	"calbell/cmd/calbell/times"

	"github.com/spf13/cobra"
)

// userCmd builds the user command.
func (a userCommands) userCmd() *cobra.Command {
	return group("user", "People who may sign in at the page", `  calbell user list
  calbell user add anna --admin`,
		a.userListCmd(), a.userAddCmd(), a.userPasswdCmd(), a.userRoleCmd(), a.userRemoveCmd())
}

// userListCmd builds `user list`.
func (a userCommands) userListCmd() *cobra.Command {
	return lists(a.app, "user", "List the users", (*client.Client).Users, table[types.UserRow]{
		head: []string{"NAME", "ROLE", "SIGNS IN BY", "SINCE"}, empty: "no users; make the first admin with: calbell setup-link",
		cells: func(u types.UserRow) []string {
			return []string{u.Name, string(u.Role), signsInBy(u), times.When(u.MadeAt)}
		},
	})
}

// signsInBy describes how a user can sign in; "" when no way is set.
func signsInBy(u types.UserRow) string {
	switch {
	case u.HasPassword && u.CalDAV:
		return "password, calendar account"
	case u.HasPassword:
		return "password"
	case u.CalDAV:
		return "calendar account"
	}
	return ""
}

// userAddCmd builds `user add`. A user of the calendar server needs no password here, and
// gets one only from --password-file.
func (a userCommands) userAddCmd() *cobra.Command {
	var n types.NewUser
	var admin bool
	var passwordFile string
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Create a user",
		Long: `Create a user, with a password that is asked for. With --calendar-account the user signs in
with name and password of the calendar server that auth.caldav names, and needs no other.`,
		Example: `  calbell user add anna --admin
  calbell user add bob@example.org --calendar-account`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Name = args[0]
			if admin {
				n.Role = calbell.RoleAdmin
			}
			var err error
			if !n.CalDAV || passwordFile != "" {
				if n.Password, err = a.password(passwordFile, "password for "+quoted(n.Name)+": ", true); err != nil {
					return err
				}
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			u, err := c.AddUser(cmd.Context(), n)
			if err != nil {
				return err
			}
			return showOne(a.app, u, func(w io.Writer) { fmt.Fprintf(w, "user %q made (%s)\n", cell(u.Name), u.Role) })
		},
	}
	f := cmd.Flags()
	f.BoolVar(&admin, "admin", false, "manages users, and what belongs to the admins")
	f.BoolVar(&n.CalDAV, "calendar-account", false, "signs in at the calendar server")
	f.StringVar(&n.Locale, "locale", "", "`LANGUAGE` of the page, such as fr-CH")
	f.StringVar(&n.TimeZone, "time-zone", "", "`ZONE` of the page, such as Europe/Zurich")
	f.StringVar(&passwordFile, "password-file", "", passwordFlag)
	return cmd
}

// userPasswdCmd builds `user passwd`.
func (a userCommands) userPasswdCmd() *cobra.Command {
	var passwordFile string
	cmd := &cobra.Command{
		Use:   "passwd NAME",
		Short: "Change a user's password",
		Long:  "Change a user's password. All sessions and tokens of the user end.",
		Example: `  calbell user passwd anna
  calbell user passwd anna --password-file -`,
		Args:              takes(1, 1),
		ValidArgsFunction: a.completeUsers,
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := a.password(passwordFile, "new password for "+quoted(args[0])+": ", true)
			if err != nil {
				return err
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			if err := c.SetPassword(cmd.Context(), args[0], password); err != nil {
				return err
			}
			return a.done(struct {
				User string `json:"user"`
			}{args[0]}, "password of %q changed; sessions and tokens have ended", args[0])
		},
	}
	cmd.Flags().StringVar(&passwordFile, "password-file", "", passwordFlag)
	return cmd
}

// userRoleCmd builds `user role`. Over the socket even the last admin can become a member;
// `setup-link` then creates another.
func (a userCommands) userRoleCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "role NAME admin|member",
		Short: "Make a user an admin, or a member",
		Example: `  calbell user role anna admin
  calbell user role bob member`,
		Args:              takes(2, 2),
		ValidArgsFunction: a.completeUsers,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			u, err := c.EditUser(cmd.Context(), args[0], client.Patch{"role": args[1]})
			if err != nil {
				return err
			}
			return a.done(u, "user %q is %s", u.Name, u.Role)
		},
	}
}

// userRemoveCmd builds `user remove`.
func (a userCommands) userRemoveCmd() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a user with all that is theirs",
		Long: `Remove a user with their accounts and calendars, webhooks, rules, tokens and attached
reminders. What they planned is not sent any more. It shows what goes, and asks.`,
		Example: `  calbell user remove bob
  calbell user remove -y bob@example.org`,
		Args:              takes(1, 1),
		ValidArgsFunction: a.completeUsers,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			r, err := c.UserRemoval(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if ok, err := a.sure(yes, fmt.Sprintf("Remove user %q?", r.Name), goesWith(r)...); err != nil || !ok {
				return err
			}
			if err := c.RemoveUser(cmd.Context(), args[0]); err != nil {
				return err
			}
			return a.done(removedNames{args}, "user %q removed", args[0])
		},
	}
	yesFlag(cmd, &yes)
	return cmd
}

// completeUsers completes the names of users for the shell.
func (a *app) completeUsers(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	c, err := a.client()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	rows, err := c.Users(cmd.Context())
	var names []string
	for _, u := range rows {
		names = append(names, u.Name)
	}
	return names, directive(err)
}

// setupLinkCmd builds `setup-link`. The link contains a secret; the daemon stores only its
// hash.
func (a userCommands) setupLinkCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "setup-link",
		Short: "Print a one-time link that creates the first admin",
		Long: `Print a link that creates the first admin at the page. It works once, for 15 minutes,
and only as long as there is no admin. Whoever has it can use it.`,
		Example: `  calbell setup-link
  calbell setup-link -o json`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			l, err := c.AddSetupLink(cmd.Context())
			if err != nil {
				return err
			}
			return showOne(a.app, l, func(w io.Writer) {
				fmt.Fprintln(w, printable(l.URL, false))
				fmt.Fprintf(a.err, "  open it at the page's address; it works once, until %s\n", times.When(l.ExpiresAt))
			})
		},
	}
}
