package main

import (
	"cmp"
	"io"

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
}

// The commands are methods of the subject that they are about; each has what all commands share.
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

// defaultSocket is where a packaged daemon listens.
const defaultSocket = "/run/calbell/calbell.sock"

const rootHelp = `Calbell posts calendar reminders to chat.

It syncs events from any CalDAV server and posts each alarm, at its instant, to a
kChat, Mattermost or Slack incoming webhook, with your message template.`

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
