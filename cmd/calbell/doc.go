// Command calbell posts calendar reminders to chat: it syncs events from CalDAV and
// posts each alarm, at its instant, to a kChat, Mattermost or Slack webhook.
//
// Commands that touch state speak to the daemon over its unix socket; expand, once, render, check
// and restore need no daemon. The commands are methods of their subject (root.go).
//
// It may import the root package, api/client, api/types, caldav/caldavtest, cmd/calbell/demodata,
// cmd/calbell/times, config, daemon, ical, ical/zone, internal/failpoint, templates, web/chat,
// webhook, webhook/dialect, github.com/mattn/go-runewidth, github.com/spf13/cobra,
// github.com/spf13/pflag, golang.org/x/sys and golang.org/x/term.
//
// What all commands share:
//
//	main.go        the program, with its streams as arguments; errors and exit codes
//	root.go        the command tree, the shared flags, the subjects
//	args.go        arguments and flags: errors with suggestions
//	output.go      tables, JSON, and text made safe for a terminal
//	sure.go        questions before something that cannot be undone
//	password.go    passwords: from a file, the environment, a terminal
//	signin.go      how an account signs in: flags and files
//	changes.go     the flags of an edit → a merge patch
//	progress.go    how far syncs are, as bars or lines
//	orphans.go     reminders attached in accounts that the file no longer has
//	completion.go  completions for shells
//
// The daemon and its configuration:
//
//	serve.go    serve
//	status.go   status, reload, version
//	config.go   config show, config schema
//	check.go    check: configuration, servers, database
//	backup.go   backup
//	restore.go  restore
//
// Accounts and calendars:
//
//	account.go       account; calendar add, edit, remove
//	discover.go      calendar discover
//	calendar.go      calendar list
//	calendarshow.go  calendar show, calendar apply
//	sync.go          sync
//
// Events, and where their reminders go:
//
//	event.go        event list, event show
//	reminder.go     reminder, explain, rule test
//	rule.go         rule
//	webhook.go      webhook list, remove, test
//	webhookadd.go   webhook add, and the flags of a definition
//	webhookedit.go  webhook edit
//
// What was sent:
//
//	delivery.go  delivery list, delivery show
//	resend.go    delivery resend
//	pause.go     pause, resume
//
// People:
//
//	user.go   user, and the link that creates the first admin
//	token.go  token
//
// Without a daemon:
//
//	demo.go     demo: the real daemon between a calendar server and a chat of its own
//	expand.go   expand: a file → instances and alarms
//	render.go   render: a message as it would be posted
//	once.go     once: the reminders of a file, posted by this process
//	oncedue.go  what is due in a file
package main
