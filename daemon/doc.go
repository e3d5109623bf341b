// Package daemon wires the program together and owns its life: opening the store, starting the
// loops, answering the socket and the page, reloading, stopping. It decides nothing about events or
// messages. [Daemon] holds what concerns several parts; each part owns the rest.
//
// It may import the root package, access, api, api/types, caldav, config, ical, internal/failpoint,
// internal/rights, scheduler, scheduler/dispatch, scheduler/notices, scheduler/plan,
// scheduler/syncer, service, service/authz, store, store/bolt, store/record, templates, web,
// web/i18n, webhook, webhook/dialect, github.com/KimMachineGun/automemlimit,
// github.com/coreos/go-systemd/v22, github.com/prometheus/client_golang and golang.org/x/sys.
//
//	daemon.go       New, Run, Close: the parts, put together, and the loops
//	settings.go     the configuration in force, with the accounts and rules that people stored
//	start.go        the database opened; next steps when a start fails
//	clock.go        a start with a clock that stands in the past
//	lost.go         a database that is gone, or is an older copy
//	regular.go      the regular jobs: a sync of each account, upkeep
//	sync.go         syncs that people ask for, and how syncs are
//	servers.go      what people ask of calendar servers: discovery, sign-ins, new events
//	remote.go       accounts at their servers, as the syncer sees them
//	discover.go     the calendars of an account that is not stored
//	memory.go       how much memory the process and the answers of servers may use
//	sender.go       how webhooks are called
//	self.go         the daemon's own addresses, which no webhook may reach
//	reload.go       a new configuration, or the old one stays
//	fitting.go      what is stored follows the settings in force
//	service.go      the service, and what it asks of the program
//	listen.go       the unix socket and the probes
//	page.go         the page and the API at server.listen, behind their gate
//	certificate.go  the certificate of server.tls, read again when it changes
//	welcome.go      the demo's link that signs in, once
//	upkeep.go       beats, forgetting, checks and snapshots of the database
//	health.go       what is wrong with the program itself, and its answer to probes
//	metrics.go      what is counted, for Prometheus
//	scrape.go       what is read when Prometheus asks
//	notify.go       systemd: readiness, watchdog
//	check.go        a configuration, checked without running it
//	advice.go       … what is unwise in it
//	places.go       … files and folders that the daemon's user must reach
//	offline.go      checks and restores the database while no daemon runs
package daemon
