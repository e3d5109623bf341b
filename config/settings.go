package config

import (
	"cmp"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"calbell/config/yamltree"

	"calbell"

	"github.com/spf13/viper"
)

// Bounds of the scalar keys, each with its reason.
const (
	// MinInterval spares servers: one poll of each calendar every ten seconds is what a
	// person who waits for a change may ask for. MaxInterval: a change must be seen within
	// half the horizon of the layout.
	MinInterval = 10 * time.Second
	MaxInterval = calbell.Horizon / 2
	// MinTimeout is a round trip on a bad line; MaxSyncTimeout is a listing of 100,000
	// events by a slow server.
	MinTimeout     = time.Second
	MaxSyncTimeout = time.Hour
	// MaxPostTimeout keeps an attempt, and its record, well within its lease.
	MaxPostTimeout = calbell.Lease / 2
	// MinLateWindow is what a restart takes on a slow machine: what falls due meanwhile must
	// not be missed. MaxLateWindow is how long a reminder is retried at most.
	MinLateWindow = time.Minute
	MaxLateWindow = calbell.MaxRetry
	// MinKeep keeps "sent before" known for longer than anything is laid out in the past.
	MinKeep = 7 * 24 * time.Hour
	// MaxKeep is ten years: the number is for space, and one that is longer is a mistake.
	MaxKeep = 3660 * 24 * time.Hour
	// MaxSnapshots is four days of hours; each is a whole database.
	MaxSnapshots = 100
	// MaxInFlight bounds the repeats of a crash, and the sockets.
	MaxInFlight = 4096
	// MaxConcurrency bounds the accounts whose calendars are planned at the same time: each plan
	// is a transaction, and reminders that fall due want theirs.
	MaxConcurrency = 64
	// MaxHosts bounds the names of the page: each request is compared with all.
	MaxHosts = 100
	// maxHostName is the length of the longest name in the DNS.
	maxHostName = 253
	// maxSocketPath is what Linux allows (sun_path without the final NUL).
	maxSocketPath = 107
)

// Locales lists the languages of messages.
func Locales() []string {
	return []string{"en", "fr", "de", "it", "en-CH", "fr-CH", "de-CH", "it-CH"}
}

// value is how a single value is read.
type value struct {
	// set takes the text over, or says what is wrong with it (Msg and Hint alone).
	set func(text string) *yamltree.Error
	// get returns what is in force, as it would be written.
	get   func() any
	shape shape
	flag  string // of calbell serve; "": there is none
}

// setting is a scalar key: it can stand in the file and in the environment.
type setting struct {
	key string // "sync.interval"
	value
	effect Effect
}

// envName is the environment variable of a scalar key: CALBELL_SYNC_INTERVAL.
func (s setting) envName() string {
	return "CALBELL_" + strings.ToUpper(strings.ReplaceAll(s.key, ".", "_"))
}

// settings lists the scalar keys, each with when a change of it takes effect.
func (r *reader) settings() []setting {
	c := r.cfg
	return []setting{
		{"time_zone", c.zone(), AtReload},
		{"locale", word(&c.Locale, Locales()...), AtReload},
		{"data.path", byFlag("data", r.path(&c.Data.Path)), AtRestart},
		{"data.key_file", r.keyFile(&c.Data.KeyFile), AtRestart},
		{"data.key_credential", r.keyCredential(), AtRestart},
		{"data.keep_deliveries", span(&c.Data.KeepDeliveries, MinKeep, MaxKeep), AtReload},
		{"data.backup", r.backup(), AtReload},
		{"data.keep_snapshots", number(&c.Data.KeepSnapshots, 1, MaxSnapshots), AtReload},
		{"server.listen", byFlag("listen", r.listen(&c.Server.Listen)), AtRestart},
		{"server.socket", r.socket(&c.Server.Socket), AtRestart},
		{"server.base_url", baseURL(&c.Server.BaseURL), AtRestart},
		{"server.tls.cert", r.path(&c.Server.Cert), AtRestart},
		{"server.tls.key", r.path(&c.Server.Key), AtRestart},
		{"auth.password", truth(&c.Auth.Password), AtReload},
		{"auth.caldav.url", signInURL(&c.Auth.CalDAV), AtReload},
		{"auth.caldav.create", truth(&c.Auth.Create), AtReload},
		{"log.level", byFlag("log-level", level(&c.Log.Level)), AtReload},
		{"log.format", word(&c.Log.Format, "text", "json"), AtRestart},
		{"sync.interval", span(&c.Sync.Interval, MinInterval, MaxInterval), AtReload},
		{"sync.timeout", span(&c.Sync.Timeout, MinTimeout, MaxSyncTimeout), AtReload},
		{"sync.concurrency", number(&c.Sync.Concurrency, 1, MaxConcurrency), AtRestart},
		{"sync.before_reminders", truth(&c.Sync.BeforeReminders), AtReload},
		{"scheduler.late_window", span(&c.Scheduler.LateWindow, MinLateWindow, MaxLateWindow), AtRestart},
		{"scheduler.all_day_time", clock(&c.Scheduler.AllDayTime), AtReload},
		{"delivery.timeout", span(&c.Delivery.Timeout, MinTimeout, MaxPostTimeout), AtReload},
		{"delivery.in_flight", number(&c.Delivery.InFlight, 1, MaxInFlight), AtRestart},
		{"delivery.per_host", number(&c.Delivery.PerHost, 1, MaxInFlight), AtRestart},
		{"delivery.error_webhook", r.errorWebhook(), AtReload},
		{"delivery.proxy", r.proxy(), AtReload},
	}
}

// overlay sets the scalar keys: the flag's value, else the environment's, else the file's, else
// the default. viper decides which; it sees these fixed keys alone, because it would fold
// and split the names that people choose.
func (r *reader) overlay() {
	v := viper.New()
	for key, text := range r.texts {
		v.SetDefault(key, text)
	}
	for _, s := range r.settings() {
		env := envValue{s.envName(), r.getenv(s.envName())}
		if err := v.BindFlagValue(s.key, env); err != nil {
			r.fail(s.key, calbell.TextOfError(err), calbell.Text{})
			continue
		}
		given, isGiven := r.flags[s.flag]
		if isGiven {
			v.Set(s.key, given)
		}
		origin := FromFile
		switch {
		case isGiven:
			origin = FromFlag
		case env.HasChanged():
			origin = FromEnvironment
		case !v.IsSet(s.key):
			origin = FromDefault
		}
		r.settle(s, origin, v.GetString(s.key))
	}
}

// settle gives a scalar key the value from its origin.
func (r *reader) settle(s setting, origin, text string) {
	if origin == FromDefault {
		if s.key == "data.backup" {
			r.cfg.Data.Backup = backupBeside(r.cfg.Data.Path)
		}
		r.doc.note(s, origin)
		return
	}
	if origin == FromFlag { // who types a path means the folder where they stand
		defer func(base string) { r.base = base }(r.base)
		r.base = r.standing
	}
	bad := s.set(text)
	switch {
	case bad == nil:
		r.doc.note(s, origin)
	case origin == FromFlag:
		r.findings = append(r.findings, &yamltree.Error{Key: "--" + s.flag, Msg: bad.Msg, Hint: bad.Hint})
	case origin == FromEnvironment:
		r.findings = append(r.findings, &yamltree.Error{Key: s.envName(), Msg: bad.Msg, Hint: bad.Hint})
	default:
		r.reject(s.key, bad)
	}
}

// envValue gives viper a variable of the environment that it was handed, not of the
// process: it is viper's "flag", the layer above the file.
type envValue struct{ name, value string }

// HasChanged reports whether the variable is set; an empty one is not.
func (e envValue) HasChanged() bool { return e.value != "" }

// Name returns the variable's name.
func (e envValue) Name() string { return e.name }

// ValueString returns the variable's value.
func (e envValue) ValueString() string { return e.value }

// ValueType keeps viper from converting the value.
func (e envValue) ValueType() string { return "string" }

// fault is what is wrong with a value, before its place is known.
func fault(msg, hint calbell.Text) *yamltree.Error { return &yamltree.Error{Msg: msg, Hint: hint} }

// zone is the configured zone.
func (c *Config) zone() value {
	return value{shape: textShape(), get: func() any { return c.TimeZoneName }, set: func(text string) *yamltree.Error {
		loc, bad := loadZone(text)
		if bad == nil {
			c.TimeZone, c.TimeZoneName = loc, text
		}
		return bad
	}}
}

// word is one of some words.
func word(to *string, words ...string) value {
	return value{shape: oneOf(words...), get: func() any { return *to }, set: func(text string) *yamltree.Error {
		if !slices.Contains(words, text) {
			return unknown(calbell.T("config:unknown-value", "unknown value"), text, words, oneOfHint(words))
		}
		*to = text
		return nil
	}}
}

// errorWebhook is the name of the webhook that is told of trouble.
func (r *reader) errorWebhook() value {
	to := &r.cfg.Delivery.ErrorWebhook
	return value{shape: textShape(), get: func() any { return *to }, set: func(text string) *yamltree.Error {
		if isURL(text) {
			if n := r.doc.Index["delivery.error_webhook"]; n != nil {
				r.doc.Hide(n)
			}
			return urlForName()
		}
		*to = strings.TrimSpace(text)
		return nil
	}}
}

// truth is true or false.
func truth(to *bool) value {
	return value{shape: shape{"type": []string{"boolean", "string"}, "pattern": "^[TtFf]"}, get: func() any { return *to }, set: func(text string) *yamltree.Error {
		var said string
		if bad := word(&said, "true", "false").set(strings.ToLower(text)); bad != nil {
			return bad
		}
		*to = said == "true"
		return nil
	}}
}

// backup is the folder of the snapshots; "off" switches them off.
func (r *reader) backup() value {
	to := &r.cfg.Data.Backup
	path := r.path(to)
	return value{
		shape: path.shape,
		get:   func() any { return cmp.Or(*to, "off") },
		set: func(text string) *yamltree.Error {
			if text == "off" || text == "false" { // YAML reads an unquoted off as it is, others write false
				*to = ""
				return nil
			}
			return path.set(text)
		},
	}
}

// level is a log level.
func level(to *slog.Level) value {
	var name string
	one := word(&name, "debug", "info", "warn", "error")
	return value{shape: one.shape, get: func() any { return strings.ToLower(to.String()) }, set: func(text string) *yamltree.Error {
		if bad := one.set(text); bad != nil {
			return bad
		}
		if err := to.UnmarshalText([]byte(name)); err != nil {
			return fault(calbell.TextOfError(err), calbell.Text{})
		}
		return nil
	}}
}

// number is a whole number from least to most.
func number(to *int, least, most int) value {
	return value{shape: numberShape(least, most), get: func() any { return *to }, set: func(text string) *yamltree.Error {
		n, err := strconv.Atoi(text)
		if err != nil {
			return invalid(calbell.T("config:invalid-whole-number", "invalid whole number"), text, calbell.Text{})
		}
		if n < least || n > most {
			return outOfRange(text, least, most)
		}
		*to = n
		return nil
	}}
}

// span is a length of time.
func span(to *time.Duration, least, most time.Duration) value {
	return value{shape: spanShape(least, most), get: func() any { return formatDuration(*to) }, set: func(text string) *yamltree.Error {
		d, bad := parseDuration(text)
		if bad != nil {
			return bad
		}
		if d < least || d > most {
			return outOfRange(text, formatDuration(least), formatDuration(most))
		}
		*to = d
		return nil
	}}
}

// path is a file's path, made absolute.
func (r *reader) path(to *string) value {
	return value{shape: textShape(), get: func() any { return *to }, set: func(text string) *yamltree.Error {
		switch {
		case strings.TrimSpace(text) == "":
			return fault(calbell.T("config:path-empty", "the path is empty"), calbell.Text{})
		case strings.HasPrefix(text, "~"):
			return fault(calbell.T("config:path-tilde", "~ is not replaced here"), calbell.T("config:write-whole-path", "write the whole path"))
		case strings.ContainsFunc(text, unicode.IsControl):
			return fault(calbell.T("config:path-control", "a path holds no line end, tab or NUL"), calbell.Text{})
		case isURL(text):
			return fault(calbell.T("config:url-not-path", "this is a URL, not a path"), calbell.Text{})
		}
		*to = r.absolute(text)
		return nil
	}}
}

// keyShape is how a key is written: the base64 of 32 bytes, or 64 hex digits.
var keyShape = regexp.MustCompile(`^(?:[A-Za-z0-9+/_-]{43}=?|[0-9A-Fa-f]{64})$`)

// keyFile is the path of the key's file. A key in its place is a secret.
func (r *reader) keyFile(to *string) value {
	path := r.path(to)
	return value{shape: path.shape, get: path.get, set: func(text string) *yamltree.Error {
		if keyShape.MatchString(strings.TrimSpace(text)) && !strings.HasPrefix(text, "/") {
			return fault(calbell.T("config:key-not-path", "this is a key, not the path of its file"), calbell.T("config:write-key-file", "write the key into a file with mode 0600, and name it here"))
		}
		return path.set(text)
	}}
}

// absolute resolves a path against the folder of the file.
func (r *reader) absolute(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(r.base, path)
}

// socket is a path that fits into a socket's address.
func (r *reader) socket(to *string) value {
	path := r.path(to)
	return value{shape: path.shape, get: path.get, set: func(text string) *yamltree.Error {
		if bad := path.set(text); bad != nil {
			return bad
		}
		if len(*to) > maxSocketPath {
			return fault(calbell.T("config:socket-path-too-long", "%d bytes: the path of a socket holds at most %d", len(*to), maxSocketPath),
				calbell.T("config:choose-shorter-socket", "choose a shorter one, such as /run/calbell/calbell.sock"))
		}
		return nil
	}}
}

// keyCredential is the systemd credential that holds the key.
func (r *reader) keyCredential() value {
	d := &r.cfg.Data
	return value{shape: textShape(), get: func() any { return d.KeyCredential }, set: func(text string) *yamltree.Error {
		file, bad := r.credential(text)
		if bad != nil {
			return bad
		}
		if d.KeyFile != "" {
			return fault(calbell.T("config:both-keys-given", "both data.key_file and data.key_credential are given"), calbell.T("config:remove-one", "remove one of them"))
		}
		d.KeyCredential, d.KeyFile = text, file
		return nil
	}}
}
