// The `webhook edit` command. It sends a merge patch of the given flags (RFC 7396), so
// fields that were not given keep their values, the secret URL among them.

package main

import (
	"fmt"
	"io"

	"calbell/api/types"

	"github.com/spf13/cobra"
)

// webhookEditCmd builds `webhook edit`.
func (a webhookCommands) webhookEditCmd() *cobra.Command {
	var in webhookInput
	cmd := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a stored webhook",
		Long: `Change a stored webhook: only the given flags change, and an empty value clears a field. Its ID
stays, and with it what is attached through it.`,
		Example: `  calbell webhook edit team --template '%subject% at %time%'
  calbell webhook edit ops --url-file -          type or paste the new URL, then Enter`,
		Args:              takes(1, 1),
		ValidArgsFunction: a.completeWebhooks,
		RunE: func(cmd *cobra.Command, args []string) error {
			in.RatePerSecond = &in.rate
			if err := in.read(a.app); err != nil {
				return err
			}
			return a.webhookEdit(cmd, args[0], in.NewWebhook)
		},
	}
	cmd.Flags().StringVar(&in.Name, "name", "", "another `NAME`")
	in.flags(cmd.Flags(), "new URL; - = standard input", "", "")
	return cmd
}

// webhookEdit changes a webhook. Flags that name files are mapped to the keys of their
// contents.
func (a webhookCommands) webhookEdit(cmd *cobra.Command, name string, n types.NewWebhook) error {
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
	return showOne(a.app, w, func(out io.Writer) {
		fmt.Fprintf(out, "webhook %q (%s) changed\n", cell(w.Name), w.ID)
		fmt.Fprintf(a.err, "  try it: calbell webhook test %s\n", w.ID)
	})
}
