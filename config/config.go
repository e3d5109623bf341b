package config

import (
	"log/slog"
	"net/netip"
	"time"

	"calbell"
)

// Config is a checked configuration. Its paths are absolute.
type Config struct {
	// Path is the absolute path of its file; "" for none.
	Path string
	// TimeZone is the zone of messages, and of floating and all-day times without a more specific
	// zone. It is never nil; without a setting it is the machine's.
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
	// Webhooks have OriginFile, an ID and a Kind. See calbell.Webhook for empty fields.
	Webhooks []calbell.Webhook
	// Rules are in the order of the file: the first that matches an event decides.
	Rules   []calbell.Rule
	Digests []calbell.Digest

	doc *file // the source, for ErrorAt; nil for Default
}

// Data is where data is stored, and for how long.
type Data struct {
	Path string // the database file
	// KeyFile is the file with the key that encrypts the database; "" = a file beside the database. For
	// a systemd credential it is that credential's file.
	KeyFile string
	// KeyCredential is the name of the credential that holds the key; "" = none.
	KeyCredential string
	// KeepDeliveries is how long ended deliveries are kept, [MinKeep] to [MaxKeep].
	KeepDeliveries time.Duration
	// Backup is the folder of the hourly snapshots; "" = none are made.
	Backup string
	// KeepSnapshots is how many snapshots are kept, 1 to [MaxSnapshots].
	KeepSnapshots int
}

// Server is where the daemon listens.
type Server struct {
	Listen string // host:port of the page, the API and the probes, or unix:/path
	Socket string // unix socket of the command line
	// BaseURL is the page's address for people, without a trailing slash; "" = not set.
	BaseURL string
	// Hosts are host names that the page accepts in addition to that of BaseURL, loopback names and IP
	// addresses. At most [MaxHosts].
	Hosts []string
	// TrustedProxies are the networks of proxies whose forwarding headers are trusted.
	TrustedProxies []netip.Prefix
	// Cert and Key are the paths of the PEM files for TLS at Listen; either both or none.
	Cert, Key string
}

// Auth is how people sign in at the page.
type Auth struct {
	Password bool // with stored passwords
	// CalDAV is the URL of the calendar server that checks credentials; "" = none.
	CalDAV string
	// Create creates a user for everybody whom the calendar server accepts.
	Create bool
}

// Log is the level and the format of the log.
type Log struct {
	Level  slog.Level
	Format string // "text" or "json"
}

// Sync is how and how often calendars are read.
type Sync struct {
	Interval time.Duration // between two syncs of a calendar, before jitter
	Timeout  time.Duration // of one request to a calendar server, including its answer
	// Concurrency is how many accounts with prompt servers are synced at the same time. One server, and
	// one owner, may use half of it.
	Concurrency int
	// BeforeReminders syncs a calendar shortly before one of its reminders falls due, so that an event
	// that was just moved or cancelled is not announced at its old time.
	BeforeReminders bool
}

// Scheduler is which reminders are sent.
type Scheduler struct {
	// LateWindow is how late a reminder may be sent even if its event has begun or ended. At least
	// [MinLateWindow].
	LateWindow time.Duration
	// AllDayTime is the time of day, since midnight, that is offered for reminders of all-day events.
	AllDayTime time.Duration
	// Skip lists the kinds of events without reminders: "free" (TRANSP:TRANSPARENT), "tentative"
	// (STATUS:TENTATIVE).
	Skip []string
}

// Delivery is how messages are posted.
type Delivery struct {
	Timeout  time.Duration // of one POST with its answer
	InFlight int           // concurrent posts; limits repeats after a crash
	PerHost  int           // concurrent posts to one host
	// ErrorWebhook names the webhook that is notified of trouble: webhooks that refuse, and calendars
	// that cannot be read; "" = none.
	ErrorWebhook string
	// Proxy is the URL of the proxy for posts by https; "" = none. It is a secret, since it may contain
	// a password. The environment's proxy is never used.
	Proxy calbell.Secret
	// PrivateNetworks are networks that may be reached although they are not public, also by plain http.
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
