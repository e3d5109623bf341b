package main

import (
	"cmp"
	"fmt"
	"io"

	"calbell"
	"calbell/api/client"
	"calbell/config"

	"github.com/spf13/cobra"
)

// app is one run of the program: its streams, and the flags that all commands share.
type app struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string

	configPath string
	socket     string
	format     string
	noHeader   bool
	began      bool // a command's own code runs: errors are its own
}

// defaultSocket is where a packaged daemon listens.
const defaultSocket = "/run/calbell/calbell.sock"

const rootHelp = `Calbell posts calendar reminders to chat.

It syncs events from any CalDAV server and posts each alarm, at its instant, to a
kChat, Mattermost or Slack incoming webhook, with your message template.`

const exitHelp = `
Exit codes: 0 ok · 1 failed · 2 usage · 3 partly done · 4 configuration invalid ·
5 not allowed · 6 not found · 7 daemon not reachable · 8 remote not reachable ·
9 refused by the remote · 10 already running`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "calbell",
		Short: "Calendar reminders in chat",
		Long:  rootHelp,
		Example: `  calbell demo                          see it work: no account, no file
  calbell serve -c config.yaml          run the daemon
  calbell status                        ask the daemon how it is`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          refuseUnknown,
		RunE:          showHelp,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			a.began = true
			return a.checkFormat()
		},
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetHelpTemplate(root.HelpTemplate() + exitHelp + "\n")
	root.CompletionOptions.HiddenDefaultCmd = false
	f := root.PersistentFlags()
	f.StringVarP(&a.configPath, "config", "c", "", "configuration `FILE`")
	f.StringVar(&a.socket, "socket", "", "the daemon's unix `SOCKET` (default: CALBELL_SERVER_SOCKET, that of -c, "+defaultSocket+")")
	f.StringVarP(&a.format, "output", "o", "", "`FORMAT`: table, json or jsonl")
	f.BoolVar(&a.noHeader, "no-header", false, "tables without a header line")
	root.AddCommand(
		a.serveCmd(), a.demoCmd(), a.checkCmd(), a.expandCmd(), a.onceCmd(),
		a.statusCmd(), a.reloadCmd(), a.syncCmd(), a.webhookCmd(), a.calendarCmd(),
		a.eventCmd(), a.reminderCmd(), a.deliveryCmd(), a.versionCmd(),
	)
	return root
}

// group is a command that only holds others: alone it shows help, an unknown verb is an
// error that suggests.
func group(use, short, example string, verbs ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: use, Short: short, Example: example, Args: refuseUnknown, RunE: showHelp}
	g.AddCommand(verbs...)
	return g
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// refuseUnknown refuses a verb that does not exist and suggests the nearest.
func refuseUnknown(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	e := &calbell.Error{
		Kind: calbell.KindUsage, What: fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath()),
		Hint: "see: " + cmd.CommandPath() + " --help",
	}
	if near := calbell.Nearest(args[0], names); near != "" {
		e.Hint = fmt.Sprintf("did you mean: %s %s", cmd.CommandPath(), near)
	}
	return e
}

// usage is an error about how a command was called.
func usage(format string, args ...any) error {
	return &calbell.Error{Kind: calbell.KindUsage, What: fmt.Sprintf(format, args...)}
}

// client speaks to the daemon: at --socket, else CALBELL_SERVER_SOCKET, else the socket
// that the configuration file names, else the packaged one.
func (a *app) client() (*client.Client, error) {
	socket := cmp.Or(a.socket, a.getenv("CALBELL_SERVER_SOCKET"))
	if socket == "" && a.configPath != "" {
		var err error
		if socket, err = config.SocketOf(a.configPath, a.getenv); err != nil {
			return nil, err
		}
	}
	return client.New(cmp.Or(socket, defaultSocket)), nil
}
