package main

import (
	"context"
	"fmt"
	"strings"

	"calbell"
	"calbell/config"
	"calbell/daemon"

	"github.com/spf13/cobra"
)

func (a *app) checkCmd() *cobra.Command {
	var offline bool
	cmd := &cobra.Command{
		Use:   "check -c FILE",
		Short: "Check a configuration before it is used",
		Long: `Check a configuration: first the file itself, then DNS and TLS of the webhooks and the
sign-in of the accounts. No message is posted to any webhook.`,
		Example: `  calbell check -c config.yaml
  calbell check -c config.yaml --offline      the file alone`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.check(cmd.Context(), offline) },
	}
	cmd.Flags().BoolVar(&offline, "offline", false, "check the file alone, ask no server")
	return cmd
}

func (a *app) check(ctx context.Context, offline bool) error {
	cfg, err := a.loadConfig()
	if err != nil {
		return err
	}
	if err := config.Join(daemon.CheckFile(cfg), cfg.CheckWebhooks(a.storedWebhooks(ctx, cfg))); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s: ok, %s, %s\n", cfg.Path, count(len(cfg.Accounts), "account"), count(len(cfg.Webhooks), "webhook"))
	if offline {
		return nil
	}
	var first error
	n := 0
	daemon.CheckOutside(ctx, cfg, version, func(f daemon.Finding) {
		n++
		if f.Err == nil {
			fmt.Fprintf(a.out, "%s: ok, %s\n", f.What, printable(f.Detail, false))
			return
		}
		fmt.Fprintf(a.out, "%s: %s\n", f.What, printable(strings.TrimPrefix(f.Err.Error(), f.What+": "), true))
		if hint := calbell.HintOf(f.Err); hint != "" {
			fmt.Fprintf(a.out, "  %s\n", printable(hint, true))
		}
		if first == nil {
			first = f.Err
		}
	})
	fmt.Fprintln(a.out, "no message was posted to any webhook; to post one: calbell webhook test NAME")
	if first != nil {
		return &calbell.Error{Kind: calbell.KindOf(first), What: "not everything that the configuration names works"}
	}
	return nil
}

// storedWebhooks asks a running daemon for the webhooks that the file does not know;
// without one there are none to know of.
func (a *app) storedWebhooks(ctx context.Context, cfg *config.Config) []string {
	if a.socket == "" {
		a.socket = cfg.Server.Socket
	}
	c, err := a.client()
	if err != nil {
		return nil
	}
	rows, err := c.Webhooks(ctx)
	if err != nil {
		return nil
	}
	var names []string
	for _, w := range rows {
		if w.Origin == calbell.OriginStored {
			names = append(names, w.Name, string(w.ID))
		}
	}
	return names
}
