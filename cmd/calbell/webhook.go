package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"calbell"

	"github.com/spf13/cobra"
)

func (a *app) webhookCmd() *cobra.Command {
	return group("webhook", "Named webhooks: where messages go", `  calbell webhook list
  calbell webhook test team`,
		a.webhookListCmd(), a.webhookAddCmd(), a.webhookRemoveCmd(), a.webhookTestCmd())
}

func (a *app) webhookListCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the webhooks with their health",
		Example: `  calbell webhook list
  calbell webhook list -o json`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			rows, err := c.Webhooks(cmd.Context())
			if err != nil {
				return err
			}
			return show(a, rows, table[calbell.WebhookRow]{
				head:  []string{"NAME", "KIND", "HOST", "ORIGIN", "STATE", "USED BY"},
				empty: "no webhooks; add one with: calbell webhook add NAME --url-file -",
				cells: func(w calbell.WebhookRow) []string {
					return []string{w.Name, string(w.Kind), w.Host, string(w.Origin), strings.TrimSpace(w.State + " " + w.Reason), strings.Join(w.UsedBy, " ")}
				},
			})
		},
	}
}

func (a *app) webhookAddCmd() *cobra.Command {
	var n calbell.NewWebhook
	var urlFile, templateFile, kind string
	var rate float64
	cmd := &cobra.Command{
		Use:   "add NAME --url-file FILE",
		Short: "Store a webhook",
		Long: `Store a webhook. Its URL is a secret: it is read from a file, or from standard input
with --url-file -, and never shown again.`,
		Example: `  calbell webhook add team --url-file -        type or paste the URL, then Enter
  calbell webhook add ops --url-file ops.url --kind slack --template '%subject% at %time%'`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Name, n.Kind = args[0], calbell.WebhookKind(kind)
			if cmd.Flags().Changed("rate") { // 0 is a rate of its own: no bound
				n.RatePerSecond = &rate
			}
			return a.webhookAdd(cmd.Context(), n, urlFile, templateFile)
		},
	}
	f := cmd.Flags()
	f.StringVar(&urlFile, "url-file", "", "`FILE` that holds the URL; - = standard input (required)")
	f.StringVar(&kind, "kind", "", "`KIND` of chat: kchat (= mattermost), slack or json; guessed from the URL when absent")
	f.StringVar(&n.Template, "template", "", "message `TEXT` with %variables%")
	f.StringVar(&templateFile, "template-file", "", "`FILE` that holds the message text")
	f.StringVar(&n.Channel, "channel", "", "`NAME` of the channel (not its display name), or @user")
	f.StringVar(&n.Username, "username", "", "`NAME` that the message is posted under")
	f.StringVar(&n.IconURL, "icon-url", "", "`URL` of the picture that the message is posted with")
	f.StringVar(&n.IconEmoji, "icon-emoji", "", "`NAME` of the emoji that the message is posted with, such as :bell:")
	f.StringVar(&n.Locale, "locale", "", "`LANGUAGE` of dates, such as fr-CH")
	f.StringVar(&n.TimeZone, "time-zone", "", "`ZONE` of times, such as Europe/Zurich")
	f.StringVar(&n.Encoding, "encoding", "", "`HOW` the body is sent: json or form")
	f.StringVar(&n.Success, "success", "", "`WHAT` counts as accepted: ok or 2xx")
	f.StringVar(&n.OnUnknown, "on-unknown", "", "`WHAT` to do when an answer was lost: resend or drop")
	f.Float64Var(&rate, "rate", 0, "`POSTS` a second at most, such as 0.5; 0 = no bound (default: by kind)")
	f.BoolVar(&n.Combine, "combine", false, "join more than five reminders of one second into one message")
	f.StringVar(&n.Missed, "missed", "", "`WHAT` becomes of reminders nobody could send in time: digest, send or drop")
	f.StringVar(&n.Style, "style", "", "`LOOK` of the message: text, or card = the event in an attachment")
	f.StringVar(&n.Mentions, "mentions", "", "`WHO` may mention people: deny = nobody, template = its own text")
	f.IntVar(&n.MaxLength, "max-length", 0, "`CHARACTERS` after which a message is cut (default 3900)")
	return cmd
}

func (a *app) webhookAdd(ctx context.Context, n calbell.NewWebhook, urlFile, templateFile string) error {
	if urlFile == "" {
		return missing("--url-file", "the URL is a secret, so it is read from a file, or typed: --url-file -")
	}
	if n.Template != "" && templateFile != "" {
		return usage("--template and --template-file both give the message: choose one")
	}
	var err error
	if n.URL, err = a.readSecret(urlFile, "webhook URL: "); err != nil {
		return err
	}
	if templateFile != "" {
		text, err := os.ReadFile(templateFile)
		if err != nil {
			return err
		}
		n.Template = string(text)
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	w, err := c.AddWebhook(ctx, n)
	if err != nil {
		return err
	}
	return showOne(a, w, func(out io.Writer) {
		fmt.Fprintf(out, "webhook %q (%s, %s) stored as %s\n", cell(w.Name), w.Kind, cell(w.Host), w.ID)
		fmt.Fprintf(a.err, "  try it: calbell webhook test %s\n", w.ID)
	})
}

// maxSecret bounds a secret read from a file.
const maxSecret = 16 << 10

// readSecret reads a secret from a file, or its first line from standard input, with a
// prompt when a person types.
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

func (a *app) webhookRemoveCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a stored webhook that nothing uses",
		Example: `  calbell webhook remove ops
  calbell webhook remove "kChat #team"`,
		Args:              takes(1, 1),
		ValidArgsFunction: a.completeWebhooks,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			if err := c.RemoveWebhook(cmd.Context(), args[0]); err != nil {
				return err
			}
			return a.say("webhook %q removed", args[0])
		},
	}
}

func (a *app) webhookTestCmd() *cobra.Command {
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

func (a *app) webhookTest(ctx context.Context, name, sample string) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	r, err := c.TestWebhook(ctx, name, sample)
	if err != nil {
		return err
	}
	err = showOne(a, r, func(w io.Writer) {
		answer := r.Error
		if r.Status != 0 {
			answer = fmt.Sprintf("answer %d %s", r.Status, r.Answer)
		}
		fmt.Fprintf(w, "%s: %s in %d ms: %s\n", cell(r.Webhook), r.Verdict, r.TookMS, printable(strings.TrimSpace(answer), false))
	})
	if err != nil || r.Verdict == calbell.Accepted {
		return err
	}
	e := &calbell.Error{Kind: calbell.KindRefused, What: fmt.Sprintf("webhook %q did not accept the message", r.Webhook), Hint: r.Hint}
	if r.Verdict == calbell.NotSent {
		e.Kind = calbell.KindUnreachable
	}
	return e
}

// completeWebhooks completes the names of webhooks.
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

// directive tells the shell not to offer files where names belong.
func directive(err error) cobra.ShellCompDirective {
	if err != nil {
		return cobra.ShellCompDirectiveError | cobra.ShellCompDirectiveNoFileComp
	}
	return cobra.ShellCompDirectiveNoFileComp
}
