// The discover command: finding an account's calendars without storing anything.
//
// It asks the servers from this process, so it works before there is a daemon, and shows
// every request with its answer. The steps are those of RFC 6764 (SRV, TXT and well-known
// addresses) and RFC 4791 (calendar-home-set).

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/daemon"

	"github.com/spf13/cobra"
)

// discoverTimeout limits each request of discovery, since a person waits for it.
const discoverTimeout = 30 * time.Second

// calendarDiscoverCmd builds `calendar discover`. Unlike `calendar add` it does not prompt
// for a password: without credentials, discovery shows what the server tells everybody.
func (a accountCommands) calendarDiscoverCmd() *cobra.Command {
	var account calbell.Account
	var how signIn
	cmd := &cobra.Command{
		Use:        "discover URL",
		SuggestFor: []string{"account discover"},
		Short:      "Look for the calendars of an account, and show each step",
		Long: `Look for the calendars of an account, and show each question with its answer. URL may be
a server, a CalDAV address, a calendar's own, a host name or a mail address. Nothing is
stored, and no daemon is needed.`,
		Example: `  calbell calendar discover https://cloud.example.org/ --username anna --password-file -
  calbell calendar discover anna@example.org --username anna --password-file anna.password -o json
  calbell calendar discover https://dav.example.org/ --token-file anna.token --ca-file company-ca.pem`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			account.Name, account.URL = args[0], args[0]
			return a.discover(cmd.Context(), account, &how)
		},
	}
	f := cmd.Flags()
	f.StringVar(&account.Username, "username", "", "sign-in `NAME`")
	how.flags(f, "`FILE` that holds the password; - = standard input")
	return cmd
}

// discover asks the servers and prints the probes, also when it fails: the probes up to the
// error are what people need then.
func (a accountCommands) discover(ctx context.Context, account calbell.Account, how *signIn) error {
	n := types.NewAccount{Username: account.Username}
	if err := a.readSignIn(how, &n); err != nil {
		return err
	}
	if how.passwordFile != "" {
		password, err := a.readSecret(how.passwordFile, "password: ")
		if err != nil {
			return err
		}
		account.Password = calbell.Secret(password)
	}
	account.Token, account.CAPEM = calbell.Secret(n.Token), n.CAPEM
	account.ClientCertificatePEM, account.ClientKeyPEM = n.ClientCertificatePEM, calbell.Secret(n.ClientKeyPEM)
	// Private addresses are allowed, as for accounts of the file: a person who can start this command
	// can reach those servers without it.
	account.Origin = calbell.OriginFile
	found, err := daemon.Discover(ctx, account, daemon.RemoteOptions{Timeout: discoverTimeout, Version: version})
	return errors.Join(showOne(a.app, found, func(w io.Writer) { printDiscovered(w, found) }), err)
}

// printDiscovered prints the probes, the calendars, and a command for each subscription. A
// subscription is a calendar elsewhere to which the server only links, so it has to be
// added by its own address.
func printDiscovered(w io.Writer, d types.Discovered) {
	for _, p := range d.Probes {
		mark := "✗"
		if p.OK {
			mark = "✓"
		}
		fmt.Fprintf(w, "%s %s %s: %s (%d ms)\n", mark, p.Method, printable(p.URL, false), printable(p.Answer.English, false), p.TookMS)
	}
	for _, c := range d.Calendars {
		fmt.Fprintf(w, "  %s  %s%s\n", cell(c.Name), printable(c.URL, false), traits(c))
	}
	if n := len(d.Subscriptions); n > 0 {
		fmt.Fprintf(w, "%s at the server, whose events it does not have:\n", count(n, "subscription"))
	}
	for _, s := range d.Subscriptions {
		// The name comes from the server. It must not be read as a path or a flag.
		name := strings.TrimLeft(strings.ReplaceAll(printable(s.Name, false), "/", " "), "- ")
		fmt.Fprintf(w, "  calbell calendar add %s --url %s\n", shellWord(name), shellWord(printable(s.URL, false)))
	}
}

// shellWord quotes a text for a POSIX shell, if it needs quotes. It is used for texts of
// servers within commands that people copy.
func shellWord(s string) string {
	odd := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_./:@%+=,-", r))
	}
	if s != "" && !strings.ContainsFunc(s, odd) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// traits lists what a server says about a calendar besides its name: read-only, shared,
// zone, colour. It returns "" or a text in parentheses with a space before it.
func traits(c calbell.Calendar) string {
	var s []string
	if c.ReadOnly {
		s = append(s, "read-only")
	}
	if c.Ownership == calbell.OwnershipOther {
		s = append(s, sharedBy(c))
	}
	if zone := c.TimeZone; zone != "" {
		if strings.Contains(zone, "\n") { // the text of a VTIMEZONE
			zone = "a zone of its own"
		}
		s = append(s, zone)
	}
	if c.Color != "" {
		s = append(s, c.Color)
	}
	if len(s) == 0 {
		return ""
	}
	return "  (" + printable(strings.Join(s, ", "), false) + ")"
}
