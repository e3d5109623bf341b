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

// Limits of the scalar keys, each with its reason.
const (
	// MinInterval limits the load on servers to one poll of each calendar every ten seconds.
	// MaxInterval makes sure that a change is seen within half the horizon of the layout.
	MinInterval = 10 * time.Second
	MaxInterval = calbell.Horizon / 2
	// MinTimeout allows a round trip on a bad connection; MaxSyncTimeout allows a slow server to list
	// 100,000 events.
	MinTimeout     = time.Second
	MaxSyncTimeout = time.Hour
	// MaxPostTimeout keeps an attempt and its recording well within its lease.
	MaxPostTimeout = calbell.Lease / 2
	// MinLateWindow covers a restart on a slow machine, during which reminders must not be missed.
	// MaxLateWindow limits how long a reminder is retried.
	MinLateWindow = time.Minute
	MaxLateWindow = calbell.MaxRetry
	// MinKeep is longer than any layout reaches into the past, so that a sent reminder is always known.
	MinKeep = 7 * 24 * time.Hour
	// MaxKeep is ten years. A longer time is probably a mistake.
	MaxKeep = 3660 * 24 * time.Hour
	// MaxSnapshots is four days of hourly snapshots, each of which is a whole database.
	MaxSnapshots = 100
	// MaxInFlight limits the repeats after a crash, and the sockets.
	MaxInFlight = 4096
	// MaxConcurrency limits the accounts that are planned at the same time. Each plan is a transaction,
	// for which due reminders wait.
	MaxConcurrency = 64
	// MaxHosts limits the host names of the page, because each request is compared with all of them.
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

// value describes how a single value is parsed and shown.
type value struct {
	// set stores the parsed text, or returns an error with only Msg and Hint set.
	set func(text string) *yamltree.Error
	// get returns what is in force, as it would be written.
	get func() any
	// exact returns what is compared, where get hides some of it; nil: what get returns.
	exact func() any
	shape shape
	flag  string // of calbell serve; "": there is none
}

// setting is a scalar key, which can be set in the file and in the environment.
type setting struct {
	key string // "sync.interval"
	value
	effect Effect
}

// envName is the environment variable of a scalar key: CALBELL_SYNC_INTERVAL.
func (s setting) envName() string { return envName(s.key) }

func envName(key string) string {
	return "CALBELL_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// settings returns the scalar keys, each with its effect.
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

// overlay sets the scalar keys from the flag, else the environment, else the file, else the
// default. viper decides which one. It sees only these fixed keys, because it would change
// the case of names that people choose, and split them at dots.
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
	for _, l := range r.lists() {
		if name := envName(l.key); r.getenv(name) != "" { // it would be ignored
			r.findings = append(r.findings, &yamltree.Error{
				Key: name, Msg: calbell.T("config:list-in-environment", "%q is a list, which the environment cannot give", l.key),
				Hint: calbell.T("config:write-into-file", "write it into the file"),
			})
		}
	}
}

// settle sets a scalar key from its origin.
func (r *reader) settle(s setting, origin, text string) {
	if origin == FromDefault {
		if s.key == "data.backup" {
			r.cfg.Data.Backup = backupBeside(r.cfg.Data.Path)
		}
		r.doc.note(s, origin)
		return
	}
	if origin == FromFlag { // a path on the command line is relative to the working directory
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

// envValue gives viper a variable of the given environment instead of the process's. For
// viper it is a flag, the layer above the file.
type envValue struct{ name, value string }

// HasChanged reports whether the variable is set and not empty.
func (e envValue) HasChanged() bool { return e.value != "" }

// Name returns the variable's name.
func (e envValue) Name() string { return e.name }

// ValueString returns the variable's value.
func (e envValue) ValueString() string { return e.value }

// ValueType keeps viper from converting the value.
func (e envValue) ValueType() string { return "string" }

// fault returns an error of a value whose position is not known yet.
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

// word is one of several words.
func word(to *string, words ...string) value {
	return value{shape: oneOf(words...), get: func() any { return *to }, set: func(text string) *yamltree.Error {
		if !slices.Contains(words, text) {
			return unknown(calbell.T("config:unknown-value", "unknown value"), text, words, oneOfHint(words))
		}
		*to = text
		return nil
	}}
}

// errorWebhook is the name of the webhook that is notified of trouble.
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
			if text == "off" || text == "false" { // YAML 1.1 tools write an unquoted off as false
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

// span is a duration.
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

// keyShape matches a key: base64 of 32 bytes, or 64 hexadecimal digits.
var keyShape = regexp.MustCompile(`^(?:[A-Za-z0-9+/_-]{43}=?|[0-9A-Fa-f]{64})$`)

// keyFile is the path of the key's file. A key given instead is a secret, and is not shown.
func (r *reader) keyFile(to *string) value {
	path := r.path(to)
	get := func() any {
		if r.cfg.Data.KeyCredential != "" { // to is the credential's file
			return ""
		}
		return *to
	}
	return value{shape: path.shape, get: get, set: func(text string) *yamltree.Error {
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

// socket is a path that is short enough for a unix socket.
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
