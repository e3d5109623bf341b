// The command tree, the flags that all commands share, and the client of the daemon.
//
// A command is built by a method xxxCmd of its subject; its RunE only reads flags and calls
// a method that does the work, so the rules can be followed without cobra. Every command
// except those without data (withoutJSON) supports -o json and -o jsonl with the API's
// types.

package main

import (
	"cmp"
	"io"

	"calbell/api/client"
	"calbell/config"

	"github.com/spf13/cobra"
)

// app is one run of the program: its streams, and the flags that all commands share. The
// flags are empty until cobra has parsed the command line.
type app struct {
	in     io.Reader           // read for passwords, secrets and confirmations
	out    io.Writer           // data only: tables, JSON, texts that scripts read
	err    io.Writer           // everything else: questions, hints, progress, "nothing found"
	getenv func(string) string // os.Getenv, except in tests

	configPath string // -c; "" = not given, see loadConfig and client
	socket     string // --socket; "" = not given, see client
	format     string // -o: "" or "table", "json", "jsonl"; checked by checkFormat
	noHeader   bool   // --no-header
}

// Each command is a method of its subject. A subject embeds app, so it has the streams and the
// shared flags.
type (
	webhookCommands  struct{ *app }
	accountCommands  struct{ *app } // accounts and their calendars
	eventCommands    struct{ *app } // events and their reminders
	ruleCommands     struct{ *app }
	userCommands     struct{ *app } // users and their tokens
	deliveryCommands struct{ *app } // deliveries, and pauses of them
	upkeepCommands   struct{ *app } // backup, configuration
	offlineCommands  struct{ *app } // what works without a daemon
)

// defaultSocket is the socket of a packaged daemon: RuntimeDirectory of
// systemd/calbell.service.
const defaultSocket = "/run/calbell/calbell.sock"

// rootHelp introduces the program on the first help page.
const rootHelp = `Calbell posts calendar reminders to chat.

It syncs events from any CalDAV server and posts each alarm, at its instant, to a
kChat, Mattermost or Slack incoming webhook, with your message template.`

// exitHelp lists the exit codes: the values of calbell.ErrorKind. Scripts depend on them,
// so a code never changes its meaning.
const exitHelp = `
Exit codes: 0 ok · 1 failed · 2 usage · 3 partly done · 4 configuration invalid ·
5 not allowed · 6 not found · 7 daemon not reachable · 8 remote not reachable ·
9 refused by the remote · 10 already running
`

// usageTemplate lays out a command's help. The exit codes are on the first page only.
const usageTemplate = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{end}}
{{- if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if or .IsAvailableCommand (and (eq .Name "help") (not .Parent.HasParent))}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Flags of every command:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
{{if not .HasParent}}` + exitHelp + `{{end}}{{if .HasAvailableSubCommands}}
More about a command: {{.CommandPath}} COMMAND --help
{{end}}`

// root builds the whole command tree. cobra prints neither errors nor usage: run prints
// errors once, and flagError and takes name the correct usage in the hint.
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
		Version:       version,
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetUsageTemplate(usageTemplate)
	root.SetVersionTemplate("calbell {{.Version}}\n")
	root.Flags().Bool("version", false, "show the version")
	root.SetFlagErrorFunc(flagError)
	help := helpCmd()
	root.SetHelpCommand(help)
	f := root.PersistentFlags()
	f.StringVarP(&a.configPath, "config", "c", "", "configuration `FILE` (check, serve: default "+defaultConfig+")")
	f.StringVar(&a.socket, "socket", "", "the daemon's `SOCKET`; default: $CALBELL_SERVER_SOCKET, that of -c FILE,\n"+defaultSocket)
	f.StringVarP(&a.format, "output", "o", "", "print as `FORMAT`: table, json or jsonl")
	f.BoolVar(&a.noHeader, "no-header", false, "tables without a header line")
	offline, upkeep, events := offlineCommands{a}, upkeepCommands{a}, eventCommands{a}
	accounts, users, deliveries := accountCommands{a}, userCommands{a}, deliveryCommands{a}
	root.AddCommand(
		a.serveCmd(), offline.demoCmd(), upkeep.checkCmd(), offline.expandCmd(), offline.onceCmd(), offline.renderCmd(),
		a.statusCmd(), a.reloadCmd(), a.syncCmd(), webhookCommands{a}.webhookCmd(), accounts.calendarCmd(),
		events.eventCmd(), events.reminderCmd(), ruleCommands{a}.ruleCmd(), accounts.accountCmd(),
		users.userCmd(), users.tokenCmd(), users.setupLinkCmd(), events.explainCmd(),
		deliveries.pauseCmd(), deliveries.resumeCmd(), deliveries.deliveryCmd(),
		upkeep.backupCmd(), upkeep.restoreCmd(), upkeep.configCmd(), a.completionCmd(), a.versionCmd(), help,
	)
	a.eachRun(root)
	return root
}

// client returns a client of the daemon. The socket is --socket, else
// $CALBELL_SERVER_SOCKET, else the one that the configuration file of -c names, else the
// packaged one. It does not connect yet: an unreachable daemon is reported by the first
// request.
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
