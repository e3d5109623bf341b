package config

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// Effect is when a change of a key takes effect.
type Effect string

// The effects. A reload puts all keys in force except files, addresses and limits with which parts of
// the program are created; these wait for a restart.
const (
	AtReload  Effect = "reload"
	AtRestart Effect = "restart"
)

// listing is a key with a list.
type listing struct {
	key string
	reading
	effect Effect
	get    func() any // the value in force, for comparison
}

// lists returns the keys with lists, each with its effect.
func (r *reader) lists() []listing {
	c := r.cfg
	return []listing{
		{"accounts", list(object((*reader).account)), AtReload, func() any { return c.Accounts }},
		{"webhooks", list(object((*reader).webhook)), AtReload, func() any { return c.Webhooks }},
		{"rules", list(object((*reader).rule)), AtReload, func() any { return c.Rules }},
		{"digests", list(object((*reader).digest)), AtReload, func() any { return c.Digests }},
		{"delivery.private_networks", privateNetworks(&c.Delivery.PrivateNetworks), AtReload, func() any { return c.Delivery.PrivateNetworks }},
		{"scheduler.skip", each(&c.Scheduler.Skip, skipped), AtReload, func() any { return c.Scheduler.Skip }},
		{"server.trusted_proxies", networks(&c.Server.TrustedProxies), AtRestart, func() any { return c.Server.TrustedProxies }},
		{"server.hosts", hosts(&c.Server.Hosts), AtRestart, func() any { return c.Server.Hosts }},
	}
}

// effectTable holds when each key takes effect, and its value.
type effectTable struct {
	keys   []string
	effect map[string]Effect
	get    map[string]func() any
}

// effects returns the table of the default configuration.
func effects() effectTable { return effectsOf(Default()) }

// effectsOf returns the table of a configuration, in the order of the settings and the
// lists.
func effectsOf(c *Config) effectTable {
	t := effectTable{effect: map[string]Effect{}, get: map[string]func() any{}}
	r := &reader{cfg: c}
	add := func(key string, e Effect, get func() any) {
		t.keys = append(t.keys, key)
		t.effect[key], t.get[key] = e, get
	}
	for _, s := range r.settings() {
		get := s.get
		if s.exact != nil {
			get = s.exact
		}
		add(s.key, s.effect, get)
	}
	for _, l := range r.lists() {
		add(l.key, l.effect, l.get)
	}
	return t
}

// of returns the effect of the key at a path: for "webhooks[0].name", that of "webhooks".
func (t effectTable) of(path string) Effect {
	for ; path != ""; path = path[:max(0, strings.LastIndexAny(path, ".["))] {
		if e, ok := t.effect[path]; ok {
			return e
		}
	}
	return AtReload // only mappings that are not in the table
}

// Keys returns the effect of each key of the tables. A key inside a list has the effect of
// its list.
func Keys() map[string]Effect { return effects().effect }

// Differs returns the keys whose values are not those of another configuration.
func (c *Config) Differs(from *Config) []string {
	now, was := effectsOf(c), effectsOf(from)
	keys := []string{}
	for _, key := range now.keys {
		if !sameValue(now.get[key](), was.get[key]()) {
			keys = append(keys, key)
		}
	}
	return keys
}

// sameValue compares two values of a key; an empty list is the same as none.
func sameValue(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if x.Kind() == reflect.Slice && x.Len() == 0 && y.Len() == 0 {
		return true
	}
	return reflect.DeepEqual(a, b)
}

// Waits reports whether the key at a path, or the list that contains it, is one of the
// waiting keys.
func Waits(path string, waiting []string) bool {
	return slices.ContainsFunc(waiting, func(key string) bool { return path == key || strings.HasPrefix(path, key+"[") })
}

// KeepRunning copies the keys that wait for a restart from the running configuration, so
// that none of them takes effect earlier.
func (c *Config) KeepRunning(running *Config) {
	if c.followsPath() {
		c.Data.Backup = backupBeside(running.Data.Path)
	}
	c.Data.Path, c.Data.KeyFile, c.Data.KeyCredential = running.Data.Path, running.Data.KeyFile, running.Data.KeyCredential
	c.Server = running.Server
	c.Log.Format = running.Log.Format
	c.Sync.Concurrency = running.Sync.Concurrency
	c.Scheduler.LateWindow = running.Scheduler.LateWindow
	c.Delivery.InFlight, c.Delivery.PerHost = running.Delivery.InFlight, running.Delivery.PerHost
}

// followsPath reports whether nobody named the folder of the snapshots, which stays beside the database then.
func (c *Config) followsPath() bool {
	if c.doc == nil { // not read from a file: nothing says who named it
		return c.Data.Backup == backupBeside(c.Data.Path)
	}
	return slices.ContainsFunc(c.doc.settings, func(s Shown) bool { return s.Key == "data.backup" && s.Origin == FromDefault })
}

// backupBeside returns the folder of the snapshots of a database when none is named.
func backupBeside(path string) string { return filepath.Join(filepath.Dir(path), "backup") }
