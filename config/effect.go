package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Effect is when a change of a key takes effect.
type Effect string

// The effects. A reload puts all keys in force but those that wait for a restart: they are
// the files, addresses and bounds that the parts of the program are made with.
const (
	AtReload  Effect = "reload"
	AtRestart Effect = "restart"
)

// listing is a key that holds a list.
type listing struct {
	key string
	reading
	effect Effect
	get    func() any // what is in force, to compare
}

// lists are the keys that hold lists, each with when a change of it takes effect.
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

// effectTable holds when each key takes effect, and its value as text.
type effectTable struct {
	keys   []string
	effect map[string]Effect
	get    map[string]func() any
}

// effects is the table without values.
func effects() effectTable { return effectsOf(Default()) }

// effectsOf is the table for a configuration, in the order of the settings and the lists.
func effectsOf(c *Config) effectTable {
	t := effectTable{effect: map[string]Effect{}, get: map[string]func() any{}}
	r := &reader{cfg: c}
	add := func(key string, e Effect, get func() any) {
		t.keys = append(t.keys, key)
		t.effect[key], t.get[key] = e, get
	}
	for _, s := range r.settings() {
		add(s.key, s.effect, s.get)
	}
	for _, l := range r.lists() {
		add(l.key, l.effect, l.get)
	}
	return t
}

// of returns when the key at a path takes effect: of "webhooks[0].name", when "webhooks" does.
func (t effectTable) of(path string) Effect {
	for ; path != ""; path = path[:max(0, strings.LastIndexAny(path, ".["))] {
		if e, ok := t.effect[path]; ok {
			return e
		}
	}
	return AtReload // nothing but mappings without a key of the table
}

// Keys returns each key of the tables with when a change of it takes effect. Keys inside of
// lists take effect with their list.
func Keys() map[string]Effect { return effects().effect }

// Waiting returns the keys that differ from those of a program that was started with another
// configuration, and take effect only when it is started again.
func (c *Config) Waiting(running *Config) []string {
	now, was := effectsOf(c), effectsOf(running)
	waiting := []string{}
	for _, key := range now.keys {
		if now.effect[key] == AtRestart && fmt.Sprint(now.get[key]()) != fmt.Sprint(was.get[key]()) {
			waiting = append(waiting, key)
		}
	}
	return waiting
}

// Waits reports whether a key is one of those that wait for a restart, or stands in such a list.
func Waits(path string, waiting []string) bool {
	return slices.ContainsFunc(waiting, func(key string) bool { return path == key || strings.HasPrefix(path, key+"[") })
}

// KeepRunning takes over from the configuration of the running program what waits for a
// restart, so that no part of it is in force before the rest.
func (c *Config) KeepRunning(running *Config) {
	if c.Data.Backup == backupBeside(c.Data.Path) { // its default follows the path
		c.Data.Backup = backupBeside(running.Data.Path)
	}
	c.Data.Path, c.Data.KeyFile, c.Data.KeyCredential = running.Data.Path, running.Data.KeyFile, running.Data.KeyCredential
	c.Server = running.Server
	c.Log.Format = running.Log.Format
	c.Sync.Concurrency = running.Sync.Concurrency
	c.Scheduler.LateWindow = running.Scheduler.LateWindow
	c.Delivery.InFlight, c.Delivery.PerHost = running.Delivery.InFlight, running.Delivery.PerHost
}

// backupBeside returns the folder of the snapshots of a database when none is named.
func backupBeside(path string) string { return filepath.Join(filepath.Dir(path), "backup") }
