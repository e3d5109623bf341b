// The webhook command without its add and edit, and the reading of secrets.
//
// The URL of a webhook is a credential: whoever has it can post. It is read from a file, is
// sealed in the database, and is never shown; lists show its host.

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/api/client"
	"calbell/api/types"
	"calbell/cmd/calbell/times"

	"github.com/spf13/cobra"
)

// webhookCmd builds the webhook command.
func (a webhookCommands) webhookCmd() *cobra.Command {
	return group("webhook", "Named webhooks: where messages go", `  calbell webhook list
  calbell webhook test team`,
		a.webhookListCmd(), a.webhookAddCmd(), a.webhookEditCmd(), a.webhookRemoveCmd(), a.webhookTestCmd(), deliveryCommands(a).webhookPauseCmd())
}

// webhookListCmd builds `webhook list`. Webhooks of the configuration file are listed with
// the stored ones; ORIGIN tells them apart.
func (a webhookCommands) webhookListCmd() *cobra.Command {
	return lists(a.app, "webhook", "List the webhooks with their health", (*client.Client).Webhooks, table[types.WebhookRow]{
		head:  []string{"NAME", "KIND", "HOST", "ORIGIN", "STATE", "USED BY"},
		empty: "no webhooks; add one with: calbell webhook add NAME --url-file -",
		cells: func(w types.WebhookRow) []string {
			return []string{w.Name, string(w.Kind), w.Host, string(w.Origin), webhookHealth(w), strings.ReplaceAll(calbell.List(w.UsedBy...).English, ", ", " ")}
		},
	})
}

// webhookHealth describes a webhook's state by its latest attempt.
func webhookHealth(w types.WebhookRow) string {
	what := "delivery"
	if w.Last != nil && w.Last.Test {
		what = "test"
	}
	switch {
	case w.State == calbell.WebhookNew:
		return "not tried yet"
	case w.State == calbell.WebhookFailed && w.Last != nil:
		how := string(w.Last.Verdict)
		if w.Last.Status != 0 {
			how = fmt.Sprintf("%s %d", how, w.Last.Status)
		}
		at := "just now"
		if time.Since(w.Last.At) >= 2*time.Minute { // Last.At is exact to the minute only
			at = ago(w.Last.At)
		}
		return fmt.Sprintf("last %s: %s, %s", what, how, at)
	case w.State == calbell.WebhookOK && w.Last != nil:
		return fmt.Sprintf("ok, last %s %s", what, w.Last.At.Local().Format(times.Minute))
	}
	return strings.TrimSpace(string(w.State) + " " + w.Reason.English)
}

// maxSecret limits a secret, from a file or typed.
const maxSecret = 16 << 10

// readSecret reads a secret from the file at path, or the first line of standard input when
// path is "-". The prompt is shown only at a terminal. White space around the secret is
// removed: files usually end with a line break.
func (a *app) readSecret(path, prompt string) (string, error) {
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, maxSecret))
		return strings.TrimSpace(string(text)), err
	}
	if in, ok := a.in.(*os.File); ok && isTerminal(in) {
		fmt.Fprint(a.err, prompt)
	}
	line, err := bufio.NewReader(io.LimitReader(a.in, maxSecret)).ReadString('\n')
	if err != nil && line == "" {
		return "", usage("nothing was typed")
	}
	return strings.TrimSpace(line), nil
}

// webhookRemoveCmd builds `webhook remove`.
func (a webhookCommands) webhookRemoveCmd() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a stored webhook that nothing uses",
		Long: `Remove a stored webhook, with its URL and template. It shows which it is, and asks. One that
calendars, rules or attached reminders send to is not removed.`,
		Example: `  calbell webhook remove ops
  calbell webhook remove -y "kChat #team"`,
		Args:              takes(1, 1),
		ValidArgsFunction: a.completeWebhooks,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.removeWebhook(cmd.Context(), args[0], yes)
		},
	}
	yesFlag(cmd, &yes)
	return cmd
}

// removeWebhook shows a stored webhook, asks for confirmation unless yes, and removes it.
func (a webhookCommands) removeWebhook(ctx context.Context, name string, yes bool) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	rows, err := c.Webhooks(ctx)
	if err != nil {
		return err
	}
	id := name
	// The daemon rejects webhooks that are in use, belong to the file or do not exist. Asking about
	// these first would be pointless.
	is := func(w types.WebhookRow) bool {
		return w.Origin == calbell.OriginStored && len(w.UsedBy) == 0 && (string(w.ID) == name || calbell.SameName(w.Name, name))
	}
	if i := slices.IndexFunc(rows, is); i >= 0 {
		w := rows[i]
		ok, err := a.sure(yes, fmt.Sprintf("Remove webhook %q?", w.Name), fmt.Sprintf("kind %s, at %s, with its URL and template", w.Kind, w.Host))
		if err != nil || !ok {
			return err
		}
		id, name = string(w.ID), w.Name
	}
	if err := c.RemoveWebhook(ctx, id); err != nil {
		return err
	}
	return a.done(removedNames{[]string{name}}, "webhook %q removed", name)
}

// webhookTestCmd builds `webhook test`.
func (a webhookCommands) webhookTestCmd() *cobra.Command {
	var sample string
	cmd := &cobra.Command{
		Use:   "test NAME",
		Short: "Post a sample message and show the server's answer",
		Long:  "Post a sample message and show the server's answer. A success puts a suspended webhook back into service.",
		Example: `  calbell webhook test team
  calbell webhook test team --sample hostile`,
		Args:              takes(1, 1),
		ValidArgsFunction: a.completeWebhooks,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.webhookTest(cmd.Context(), args[0], sample)
		},
	}
	cmd.Flags().StringVar(&sample, "sample", "timed", "`EVENT` to post: timed, all-day, empty or hostile")
	return cmd
}

// webhookTest posts the sample and prints the answer. The exit code is 9 when the server
// refused the message, 8 when it could not be sent.
func (a webhookCommands) webhookTest(ctx context.Context, name, sample string) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	r, err := c.TestWebhook(ctx, name, sample)
	if err != nil {
		return err
	}
	err = showOne(a.app, r, func(w io.Writer) {
		answer := r.Error
		if r.Status != 0 {
			answer = calbell.English("answer %d %s", r.Status, r.Answer)
		}
		fmt.Fprintf(w, "%s: %s in %d ms: %s\n", cell(r.Webhook), r.Verdict, r.TookMS, printable(strings.TrimSpace(answer.English), false))
	})
	if err != nil || r.Verdict == calbell.Accepted {
		return err
	}
	e := &calbell.Error{Kind: calbell.KindRefused, What: calbell.English("webhook %q did not accept the message", r.Webhook), Hint: r.Hint}
	if r.Verdict == calbell.NotSent {
		e.Kind = calbell.KindUnreachable
	}
	return e
}

// completeWebhooks completes the IDs of webhooks for the shell: unlike names, they contain
// no spaces.
func (a *app) completeWebhooks(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	c, err := a.client()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	rows, err := c.Webhooks(cmd.Context())
	var names []string
	for _, w := range rows {
		names = append(names, string(w.ID))
	}
	return names, directive(err)
}

// directive returns the shell directive for a list of names: no file names, and an error if
// the list could not be read.
func directive(err error) cobra.ShellCompDirective {
	if err != nil {
		return cobra.ShellCompDirectiveError | cobra.ShellCompDirectiveNoFileComp
	}
	return cobra.ShellCompDirectiveNoFileComp
}
