package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"calbell"
	"calbell/config"
	"calbell/daemon"

	"github.com/spf13/cobra"
)

func (a *app) checkCmd() *cobra.Command {
	var offline, store bool
	cmd := &cobra.Command{
		Use:   "check -c FILE",
		Short: "Check a configuration before it is used",
		Long: `Check a configuration: first the file itself, then DNS and TLS of the webhooks and the
sign-in of the accounts. No message is posted to any webhook.

With --store the database is read instead, all of it: by the daemon if it runs, else here.`,
		Example: `  calbell check -c config.yaml
  calbell check -c config.yaml --offline      the file alone
  calbell check -c config.yaml --store        the database`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if store {
				return a.checkStore(cmd.Context())
			}
			return a.check(cmd.Context(), offline)
		},
	}
	cmd.Flags().BoolVar(&store, "store", false, "check the database instead")
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
	if names := append(daemon.PageHosts(cfg.Server), "localhost", "every IP address"); cfg.Server.Listen != "" {
		fmt.Fprintf(a.out, "the page answers to: %s; other names: server.hosts\n", strings.Join(names, ", "))
	}
	for _, w := range cfg.Warnings() {
		fmt.Fprintf(a.out, "warning: %s\n  %s\n", printable(w.What, false), printable(w.Hint, false))
	}
	for _, line := range a.orphans(ctx, cfg) {
		fmt.Fprintf(a.out, "warning: %s\n  calbell reload cancels them; give the account the name that it had\n", printable(line, false))
	}
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

// checkStore reads the whole database: the daemon does, which has it open; without one it
// is opened here.
func (a *app) checkStore(ctx context.Context) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	begun := time.Now()
	fmt.Fprintln(a.err, "reading the whole database")
	r, err := c.CheckStore(ctx)
	if calbell.KindOf(err) == calbell.KindNoDaemon {
		var cfg *config.Config
		if cfg, err = a.loadConfig(); err != nil {
			return err
		}
		r.Findings, err = daemon.CheckFileStore(ctx, cfg)
		r.TookMS = time.Since(begun).Milliseconds()
	}
	if err != nil {
		return err
	}
	err = showOne(a, r, func(w io.Writer) {
		for _, f := range r.Findings {
			fmt.Fprintln(w, printable(f, false))
		}
		if len(r.Findings) == 0 {
			fmt.Fprintf(w, "the database is sound (%v)\n", time.Duration(r.TookMS)*time.Millisecond)
		}
	})
	if err == nil && len(r.Findings) > 0 {
		err = &calbell.Error{
			Kind: calbell.KindFailed, What: "the database is damaged: " + count(len(r.Findings), "finding"),
			Hint: "rows that do not open are left out and the rest goes on; to go back to a backup: calbell restore FILE",
		}
	}
	return err
}
