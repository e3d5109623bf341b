package main

import (
	"fmt"
	"io"
	"os"

	"calbell"

	"github.com/spf13/cobra"
)

func (a *app) webhookEditCmd() *cobra.Command {
	var n calbell.NewWebhook
	var urlFile, templateFile, kind string
	var rate float64
	var trees treeFiles
	cmd := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a stored webhook",
		Long: `Change a stored webhook: what flags say is changed, an empty value takes it away. Its ID
stays, and with it what is attached through it.`,
		Example: `  calbell webhook edit team --template '%subject% at %time%'
  calbell webhook edit ops --url-file -          type or paste the new URL, then Enter`,
		Args:              takes(1, 1),
		ValidArgsFunction: a.completeWebhooks,
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Kind, n.RatePerSecond = calbell.WebhookKind(kind), &rate
			if err := trees.read(&n.Attachments, &n.Blocks, &n.Payload); err != nil {
				return err
			}
			if urlFile != "" {
				var err error
				if n.URL, err = a.readSecret(urlFile, "webhook URL: "); err != nil {
					return err
				}
			}
			if templateFile != "" {
				text, err := os.ReadFile(templateFile)
				if err != nil {
					return err
				}
				n.Template = string(text)
			}
			return a.webhookEdit(cmd, args[0], n)
		},
	}
	f := cmd.Flags()
	f.StringVar(&n.Name, "name", "", "another `NAME`")
	f.StringVar(&urlFile, "url-file", "", "`FILE` that holds the new URL; - = standard input")
	f.StringVar(&kind, "kind", "", "`KIND` of chat: kchat (= mattermost), slack or json")
	f.StringVar(&templateFile, "template-file", "", "`FILE` that holds the message text")
	f.Float64Var(&rate, "rate", 0, "`POSTS` a second at most, such as 0.5; 0 = no bound")
	f.BoolVar(&n.Share, "share", false, "others may use it, without seeing its URL")
	trees.flags(f)
	messageFlags(f, &n)
	deliveryFlags(f, &n)
	return cmd
}

func (a *app) webhookEdit(cmd *cobra.Command, name string, n calbell.NewWebhook) error {
	p, err := changes(cmd, n, map[string]string{
		"url-file": "url", "template-file": "template", "rate": "rate_per_second",
		"attachments-file": "attachments", "blocks-file": "blocks", "payload-file": "payload",
	})
	if err != nil {
		return err
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	w, err := c.EditWebhook(cmd.Context(), name, p)
	if err != nil {
		return err
	}
	return showOne(a, w, func(out io.Writer) {
		fmt.Fprintf(out, "webhook %q (%s) changed\n", cell(w.Name), w.ID)
		fmt.Fprintf(a.err, "  try it: calbell webhook test %s\n", w.ID)
	})
}
