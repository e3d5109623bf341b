// The token command: bearer tokens (RFC 6750) with which programs use the API as a user.
//
// The text of a token is shown once, when it is created; only its SHA-256 hash is stored.
// Over the socket the caller is an admin of the machine, so --user names whose token it is.

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/api/client"
	"calbell/api/types"
	"calbell/cmd/calbell/times"

	"github.com/spf13/cobra"
)

// tokenCmd builds the token command.
func (a userCommands) tokenCmd() *cobra.Command {
	return group("token", "Tokens with which programs use the API as a user", `  calbell token list
  calbell token create backup --user anna --scope read`,
		a.tokenListCmd(), a.tokenCreateCmd(), a.tokenRevokeCmd())
}

// tokenListCmd builds `token list`. LAST USED is exact to the hour, so that a request does
// not cost a write.
func (a userCommands) tokenListCmd() *cobra.Command {
	return lists(a.app, "token", "List the tokens; their texts are not kept", (*client.Client).Tokens, table[calbell.Token]{
		head: []string{"ID", "USER", "NAME", "SCOPES", "LAST USED", "EXPIRES"}, empty: "no tokens",
		cells: func(t calbell.Token) []string {
			return []string{string(t.ID), t.Owner, t.Name, strings.Join(as[string](t.Scopes), ", "), times.When(t.LastUsedAt), times.When(t.ExpiresAt)}
		},
	})
}

// tokenCreateCmd builds `token create`. Only the token's text goes to standard output, so
// that a script can capture it.
func (a userCommands) tokenCreateCmd() *cobra.Command {
	var n types.NewToken
	var scopes []string
	var length string
	cmd := &cobra.Command{
		Use:   "create NAME --user USER --scope SCOPE",
		Short: "Make a token and show its text, this once",
		Long: `Make a token and show its text, this once: only a hash of it is kept. NAME says what it is
used for. A program sends the text after "Authorization: Bearer".

Scopes: read; write, which implies read; admin, which implies both and does what admins may.`,
		Example: `  calbell token create dashboard --user anna --scope read
  calbell token create sync-script --user bob --scope write --for 90d`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Name = args[0]
			for _, s := range scopes {
				n.Scopes = append(n.Scopes, calbell.Scope(strings.TrimSpace(s)))
			}
			switch {
			case n.User == "":
				return missing("--user", "say whose token it is to be")
			case len(n.Scopes) == 0:
				return missing("--scope", "read, write or admin")
			}
			if length != "" {
				l, err := calbell.ParseLength(length)
				if err != nil {
					return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("--for %s is no length of time", quoted(length)), Hint: calbell.English("write 8h, 90d or 52w")}
				}
				n.ExpiresAt = time.Now().AddDate(0, 0, l.Days).Add(l.Exact)
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			t, err := c.AddToken(cmd.Context(), n)
			if err != nil {
				return err
			}
			return showOne(a.app, t, func(w io.Writer) {
				fmt.Fprintln(w, t.Text)
				fmt.Fprintf(a.err, "  keep it now: it is not shown again; revoke it with: calbell token revoke %s\n", t.ID)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&n.User, "user", "", "`USER` in whose name it speaks (required)")
	f.StringSliceVar(&scopes, "scope", nil, "`SCOPE`: read, write or admin (required)")
	f.StringVar(&length, "for", "", "`LENGTH` of time after which it expires, such as 90d; without it, it does not")
	_ = cmd.RegisterFlagCompletionFunc("user", a.completeUsers)
	return cmd
}

// tokenRevokeCmd builds `token revoke`. An unknown ID is not asked about; the daemon
// reports it.
func (a userCommands) tokenRevokeCmd() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "revoke ID",
		Short: "Revoke a token",
		Long:  "Revoke a token: the program that has it is let in no more. It shows the token's name, and asks.",
		Example: `  calbell token revoke 3f9a1c22b7d04e5a
  calbell token revoke -y "$(calbell token list -o jsonl | jq -r 'select(.name=="old").id')"`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			tokens, err := c.Tokens(cmd.Context())
			if err != nil {
				return err
			}
			if i := slices.IndexFunc(tokens, func(t calbell.Token) bool { return string(t.ID) == args[0] }); i >= 0 {
				t := tokens[i]
				ok, err := a.sure(yes, fmt.Sprintf("Revoke token %q of %s?", t.Name, t.Owner),
					"scopes: "+strings.Join(as[string](t.Scopes), ", "), "last used: "+cmp.Or(times.When(t.LastUsedAt), "never"))
				if err != nil || !ok {
					return err
				}
			}
			if err := c.RemoveToken(cmd.Context(), args[0]); err != nil {
				return err
			}
			return a.done(removedNames{args}, "token %s revoked", args[0])
		},
	}
	yesFlag(cmd, &yes)
	return cmd
}
