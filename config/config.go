package config

import (
	"log/slog"
	"net/netip"
	"time"

	"calbell"
)

// Config is a checked configuration. Paths in it are absolute.
type Config struct {
	// Path is the file it was read from, absolute; "" for none.
	Path string
	// TimeZone is the zone of floating and all-day times that nothing closer names, and of
	// messages. Never nil. Absent from the file it is the machine's.
	TimeZone *time.Location
	// TimeZoneName is its IANA name; "Local" for a machine whose zone has no name.
	TimeZoneName string
	// Locale is the language of messages, one of [Locales].
	Locale string

	Data      Data
	Server    Server
	Auth      Auth
	Log       Log
	Sync      Sync
	Scheduler Scheduler
	Delivery  Delivery

	Accounts []calbell.Account
	// Webhooks have OriginFile, an ID and a Kind; "" fields mean what calbell.Webhook says.
	Webhooks []calbell.Webhook
	// Rules are in the order of the file: the first that matches an event decides.
	Rules   []calbell.Rule
	Digests []calbell.Digest

	doc *file // the source, for ErrorAt; nil for Default
}

// Data says where things are kept.
type Data struct {
	Path string // the database file
	// KeyFile holds the key that seals the database; "" = a file beside the database. When
	// the key is a systemd credential this is that credential's file.
	KeyFile string
	// KeyCredential is the name of the credential that holds the key; "" = none.
	KeyCredential string
	// KeepDeliveries is how long ended deliveries are kept, [MinKeep] to [MaxKeep].
	KeepDeliveries time.Duration
	// Backup is the folder of the hourly snapshots; "" = none are made.
	Backup string
	// KeepSnapshots is how many of them are kept, 1 to [MaxSnapshots].
	KeepSnapshots int
}

// Server says where the daemon answers.
type Server struct {
	Listen string // host:port of the page, the API and the probes, or unix:/path
	Socket string // unix socket of the command line
	// BaseURL is where people find the page, without a slash at its end; "" = nobody said.
	BaseURL string
	// Hosts are names at which the page answers, beside that of BaseURL, those of this machine's
	// loopback interface, and IP addresses. At most [MaxHosts].
	Hosts []string
	// TrustedProxies are believed when they say whose request they pass on.
	TrustedProxies []netip.Prefix
	// Cert and Key are the paths of PEM files: with them Listen speaks TLS. Both or none.
	Cert, Key string
}

// Auth says how people sign in at the page.
type Auth struct {
	Password bool // by passwords that Calbell keeps
	// CalDAV is the URL of the calendar server at which name and password are tried; "" = none.
	CalDAV string
	// Create makes a user of whoever the calendar server lets in.
	Create bool
}

// Log says what is logged, and how.
type Log struct {
	Level  slog.Level
	Format string // "text" or "json"
}

// Sync says how calendars are read.
type Sync struct {
	Interval time.Duration // between two syncs of a calendar, before jitter
	Timeout  time.Duration // of one request to a calendar server, its answer included
	// Concurrency is how many accounts are synced at the same time whose servers answer promptly;
	// one server, and one owner, get half of them.
	Concurrency int
	// BeforeReminders looks at a calendar once more shortly before one of its reminders falls
	// due, so that an event that was just moved or cancelled does not ring at its old time.
	BeforeReminders bool
}

// Scheduler says which reminders are still worth sending.
type Scheduler struct {
	// LateWindow: a reminder up to this late is sent, however its event fares. At least
	// [MinLateWindow].
	LateWindow time.Duration
	// AllDayTime, since midnight, is the time of day that people are offered for reminders of
	// all-day events.
	AllDayTime time.Duration
	// Skip are kinds of events that ring nowhere: "free" (TRANSP:TRANSPARENT), "tentative"
	// (STATUS:TENTATIVE).
	Skip []string
}

// Delivery says how webhooks are called.
type Delivery struct {
	Timeout  time.Duration // of one POST with its answer
	InFlight int           // posts under way at the same time; bounds repeats after a crash
	PerHost  int           // of these, to one host
	// ErrorWebhook names the webhook that is told of trouble: of webhooks that refuse, and of
	// calendars that cannot be read; "" = none is.
	ErrorWebhook string
	// Proxy is the URL of the proxy that webhooks by https are called through; "" = none. A
	// secret, since it may hold a password. That of the environment is never used.
	Proxy calbell.Secret
	// PrivateNetworks may be reached although they are not public, by plain http too.
	PrivateNetworks []calbell.Network
}

// Default returns the configuration of an empty file on a machine whose zone is UTC.
func Default() *Config {
	return &Config{
		TimeZone:     time.UTC,
		TimeZoneName: "UTC",
		Locale:       "en",
		Data: Data{
			Path:           "/var/lib/calbell/calbell.db",
			KeepDeliveries: calbell.KeepFinished,
			Backup:         "/var/lib/calbell/backup",
			KeepSnapshots:  2,
		},
		Server: Server{
			Listen: "127.0.0.1:8470",
			Socket: "/run/calbell/calbell.sock",
		},
		Auth:      Auth{Password: true},
		Log:       Log{Level: slog.LevelInfo, Format: "text"},
		Sync:      Sync{Interval: 5 * time.Minute, Timeout: 5 * time.Minute, Concurrency: 8, BeforeReminders: true},
		Scheduler: Scheduler{LateWindow: calbell.DefaultLateWindow, AllDayTime: 9 * time.Hour},
		Delivery:  Delivery{Timeout: calbell.AttemptTimeout, InFlight: 64, PerHost: 32},
	}
}
