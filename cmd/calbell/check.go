// The check command: whether a configuration will work, before a daemon uses it.
//
// The steps are ordered by cost, and errors of the file end it: first the file, then advice
// about it, then DNS, TLS and sign-ins over the network. No message is posted to a webhook.
// When a daemon runs, its stored webhooks count as known names; without one, a name that the
// file does not define is an error.

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"calbell"
	"calbell/config"
	"calbell/daemon"

	"github.com/spf13/cobra"
)

// checkCmd builds the check command.
func (a upkeepCommands) checkCmd() *cobra.Command {
	var offline, store bool
	cmd := &cobra.Command{
		Use:        "check -c FILE",
		SuggestFor: []string{"config check"},
		Short:      "Check a configuration before it is used",
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

// checkReport is the JSON of check.
type checkReport struct {
	File      string                  `json:"file"`
	Accounts  int                     `json:"accounts"`
	Webhooks  int                     `json:"webhooks"`
	PageHosts []string                `json:"page_hosts,omitempty"` // host names that the page accepts
	Warnings  []calbell.ConfigWarning `json:"warnings"`
	Tried     []checkFinding          `json:"tried"` // servers that were asked; empty with --offline
}

// checkFinding is the result for one webhook's host or one account's server.
type checkFinding struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"` // the host was reached as Detail says; no message was posted
	Detail string `json:"detail,omitempty"`
	Error  string `json:"error,omitempty"`
	Hint   string `json:"hint,omitempty"`
}

// check checks the file, prints the report, and then asks the servers unless offline.
// People see each finding as it arrives, programs get one object at the end. The exit code
// is that of the first failed finding; warnings do not change it.
func (a upkeepCommands) check(ctx context.Context, offline bool) error {
	cfg, err := a.loadConfig()
	if err != nil {
		return err
	}
	webhooks, stored := a.stored(ctx, cfg)
	if err := config.Join(daemon.CheckFile(cfg), cfg.CheckWebhooks(webhooks)); err != nil {
		return err
	}
	r := checkReport{File: cfg.Path, Accounts: len(cfg.Accounts), Webhooks: len(cfg.Webhooks), Warnings: append(daemon.Advise(cfg, stored), daemon.CheckPlaces(cfg)...), Tried: []checkFinding{}}
	if offline {
		r.Warnings = append(r.Warnings, daemon.UnknownCalendars(cfg, stored)...)
	}
	if cfg.Server.Listen != "" {
		r.PageHosts = append(daemon.PageHosts(cfg.Server), "localhost", "every IP address")
	}
	for _, line := range a.orphans(ctx, cfg) {
		r.Warnings = append(r.Warnings, calbell.ConfigWarning{What: calbell.Plain(line), Hint: calbell.English("calbell reload cancels them; give the account the name that it had")})
	}
	people := !a.wantsJSON()
	if people {
		r.print(a.out)
	}
	var first error
	if !offline {
		daemon.CheckOutside(ctx, cfg, version, func(f daemon.Finding) {
			c := findingOf(f)
			r.Tried = append(r.Tried, c)
			if people {
				c.print(a.out)
			}
			if first == nil {
				first = f.Err
			}
		})
	}
	switch {
	case !people:
		err = showOne(a.app, r, nil)
	case !offline:
		fmt.Fprintln(a.out, "no message was posted to any webhook; to post one: calbell webhook test NAME")
	}
	if first != nil {
		return &calbell.Error{Kind: calbell.KindOf(first), What: calbell.English("not everything that the configuration names works")}
	}
	return err
}

// print prints what the file alone shows.
func (r checkReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s: ok, %s, %s\n", r.File, count(r.Accounts, "account"), count(r.Webhooks, "webhook"))
	if len(r.PageHosts) > 0 {
		fmt.Fprintf(w, "the page answers to: %s; other names: server.hosts\n", strings.Join(r.PageHosts, ", "))
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "warning: %s\n  %s\n", printable(warning.What.English, false), printable(warning.Hint.English, false))
	}
}

// findingOf converts a finding for the report. The error's prefix is removed where it
// repeats the subject.
func findingOf(f daemon.Finding) checkFinding {
	if f.Err == nil {
		return checkFinding{What: f.What, OK: true, Detail: f.Detail}
	}
	return checkFinding{What: f.What, Error: strings.TrimPrefix(f.Err.Error(), f.What+": "), Hint: calbell.HintOf(f.Err).English}
}

// print prints a finding and, if it failed, its next step.
func (f checkFinding) print(w io.Writer) {
	if f.OK {
		fmt.Fprintf(w, "%s: %s\n", f.What, printable(f.Detail, false))
		return
	}
	fmt.Fprintf(w, "%s: %s\n", f.What, printable(f.Error, true))
	if f.Hint != "" {
		fmt.Fprintf(w, "  %s\n", printable(f.Hint, true))
	}
}

// stored asks a running daemon for what the file does not contain: the names of stored
// webhooks, and which things use the file's webhooks and accounts. The results are zero
// without a daemon; then no warning depends on them.
func (a upkeepCommands) stored(ctx context.Context, cfg *config.Config) (webhooks []string, s daemon.Stored) {
	if a.socket == "" {
		a.socket = cfg.Server.Socket
	}
	c, err := a.client()
	if err != nil {
		return nil, s
	}
	rows, err := c.Webhooks(ctx)
	if err != nil {
		return nil, s
	}
	s = daemon.Stored{Used: map[calbell.WebhookID]bool{}, Attached: map[string]bool{}}
	for _, w := range rows {
		if w.Origin == calbell.OriginStored {
			webhooks = append(webhooks, w.Name, string(w.ID))
		}
		s.Used[w.ID] = w.StoredUse
	}
	byDefault := map[string]bool{}
	accounts, err := c.Accounts(ctx)
	for _, r := range accounts {
		s.Attached[r.Key()] = r.Reminders > 0
		byDefault[r.Key()] = r.Default.Webhook != ""
	}
	calendars, calendarsErr := c.Calendars(ctx)
	for _, r := range calendars {
		s.Calendars = append(s.Calendars, r.Calendar)
		if r.Listed == "" && len(r.Webhooks) > 0 && !byDefault[r.Account] { // set by a user, not the file
			s.Attached[r.Account] = true
		}
	}
	if errors.Join(err, calendarsErr) != nil {
		return webhooks, daemon.Stored{} // the daemon is stopping; half an answer would warn wrongly
	}
	return webhooks, s
}

// checkStore reads the whole database and prints its faults. A running daemon holds the
// file's lock, so it does the reading; without one the file is opened here, for which -c is
// needed.
func (a upkeepCommands) checkStore(ctx context.Context) error {
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
	err = showOne(a.app, r, func(w io.Writer) {
		for _, f := range r.Findings {
			fmt.Fprintln(w, printable(f, false))
		}
		if len(r.Findings) == 0 {
			fmt.Fprintf(w, "the database is sound (%v)\n", time.Duration(r.TookMS)*time.Millisecond)
		}
	})
	if err == nil && len(r.Findings) > 0 {
		err = &calbell.Error{
			Kind: calbell.KindFailed, What: calbell.English("the database is damaged: %s", count(len(r.Findings), "finding")),
			Hint: calbell.English("rows that do not open are left out and the rest goes on; to go back to a backup: calbell restore FILE"),
		}
	}
	return err
}
