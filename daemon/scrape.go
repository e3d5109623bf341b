package daemon

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"calbell"
	"calbell/store"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// maxNamed limits the calendars and webhooks with series of their own. Totals count all of them.
	maxNamed = 200
	// stateFor is how long one read of the store is reused, however often someone scrapes.
	stateFor = time.Second
)

// scrape collects the current state at each scrape. It reads counters and small tables in
// read transactions, for which no writer waits.
type scrape struct {
	d *Daemon

	mu   sync.Mutex
	at   time.Time
	last []prometheus.Metric

	// What is described is fixed; a registry checks that.
	described map[string]*prometheus.Desc
}

// newScrape returns the collector of a daemon's state.
func newScrape(d *Daemon) *scrape {
	s := &scrape{d: d, described: map[string]*prometheus.Desc{}}
	for _, g := range []struct {
		name, help string
		labels     []string
	}{
		{"deliveries", "Deliveries that have not ended, by state.", []string{"status"}},
		{"next_due_timestamp_seconds", "When the next reminder falls due; 0: none is planned.", nil},
		{"dispatch_last_turn_timestamp_seconds", "When the loop that sends reminders last turned.", nil},
		{"syncs", "Syncs of accounts under way, by state: prompt, slow, waiting for a place.", []string{"state"}},
		{"calendars", "Calendars by the state of their sync.", []string{"state"}},
		{"calendar_synced_timestamp_seconds", "When a calendar was last synced; 0: never.", []string{"account", "calendar"}},
		{"calendar_failing_since_timestamp_seconds", "Since when a calendar cannot be synced; 0: it can.", []string{"account", "calendar"}},
		{"calendar_held_back_objects", "Objects that the mass-delete brake holds back.", []string{"account", "calendar"}},
		{"accounts", "Accounts by the state of their sync.", []string{"state"}},
		{"account_failing_since_timestamp_seconds", "Since when an account cannot be synced, or a calendar of it; 0: it can.", []string{"account"}},
		{"account_overdue_since_timestamp_seconds", "Since when an account's sync is overdue; 0: it is not.", []string{"account"}},
		{"webhooks", "Webhooks by state.", []string{"state"}},
		{"webhook_suspended_timestamp_seconds", "Since when a webhook is suspended; 0: it is not.", []string{"webhook"}},
		{"sign_ins_total", "Sign-ins since the start, by how they ended: right, wrong, limited, crowded, failed.", []string{"result"}},
		{"store_file_bytes", "Size of the database's file.", nil},
		{"store_free_bytes", "Part of the database's file that is free for what comes next.", nil},
		{"store_commits_total", "Transactions written since the start.", nil},
		{"store_writable", "1 when the latest attempt to write the database succeeded.", nil},
		{"store_full", "1 when the disk, or the quota, is full.", nil},
		{"store_written_timestamp_seconds", "When the database was last proved to be writable.", nil},
		{"store_findings", "What the check of the database found; -1: it has not ended yet.", nil},
		{"store_snapshot_timestamp_seconds", "When the latest snapshot was made by this run; 0: none was.", nil},
		{"clock_behind", "1 when the clock stands before a time at which Calbell has already run.", nil},
		{"config_reload_success", "1 when the configuration last read is in force.", nil},
		{"config_loaded_timestamp_seconds", "When the configuration in force was read.", nil},
		{"ready", "1 when started and the database can be written.", nil},
	} {
		s.described[g.name] = prometheus.NewDesc(namespace+g.name, g.help, g.labels, nil)
	}
	return s
}

// Describe implements prometheus.Collector.
func (s *scrape) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range s.described {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (s *scrape) Collect(ch chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil || time.Since(s.at) >= stateFor {
		ctx, cancel := context.WithTimeout(context.Background(), scrapeWait)
		defer cancel()
		s.last = s.last[:0]
		s.own()
		s.stored(ctx)
		s.at = time.Now()
	}
	for _, m := range s.last {
		ch <- m
	}
}

func (s *scrape) gauge(name string, v float64, labels ...string) {
	kind := prometheus.GaugeValue
	if strings.HasSuffix(name, "_total") {
		kind = prometheus.CounterValue
	}
	s.last = append(s.last, prometheus.MustNewConstMetric(s.described[name], kind, v, labels...))
}

// own reports what is known without reading the store.
func (s *scrape) own() {
	d, h := s.d, s.d.health.look()
	s.gauge("dispatch_last_turn_timestamp_seconds", stamp(d.dispatcher.LastTurn()))
	s.gauge("store_writable", truth(h.wrote && h.writeErr == nil))
	s.gauge("store_full", truth(isFull(h.writeErr) || d.store.Full()))
	s.gauge("store_written_timestamp_seconds", stamp(h.writtenAt))
	s.gauge("store_findings", float64(h.findings))
	s.gauge("store_snapshot_timestamp_seconds", stamp(h.snapshotAt))
	s.gauge("clock_behind", truth(h.has(aboutClock)))
	s.gauge("config_reload_success", truth(!h.reloadFailed))
	s.gauge("config_loaded_timestamp_seconds", stamp(h.loadedAt))
	load := d.syncer.Load()
	s.gauge("syncs", float64(load.Prompt), "prompt")
	s.gauge("syncs", float64(load.Slow), "slow")
	s.gauge("syncs", float64(load.Waiting), "waiting")
	signIns := d.service.People.SignIns()
	s.gauge("sign_ins_total", float64(signIns.Right), "right")
	s.gauge("sign_ins_total", float64(signIns.Wrong), "wrong")
	s.gauge("sign_ins_total", float64(signIns.Limited), "limited")
	s.gauge("sign_ins_total", float64(signIns.Crowded), "crowded")
	s.gauge("sign_ins_total", float64(signIns.Failed), "failed")
	s.gauge("ready", truth(d.probes.unready() == ""))
}

// stored reports what the store knows. Values that cannot be read are left out: a gap in a
// graph is better than a wrong number.
func (s *scrape) stored(ctx context.Context) {
	st := s.d.store
	if counts, err := st.Counts(ctx); err == nil {
		for _, status := range []calbell.Status{calbell.StatusPlanned, calbell.StatusWaiting, calbell.StatusInFlight, calbell.StatusHeld} {
			s.gauge("deliveries", float64(counts[status]), string(status))
		}
	}
	if due, ok, err := st.NextDue(ctx, time.Now()); err == nil {
		if !ok {
			due = time.Time{}
		}
		s.gauge("next_due_timestamp_seconds", stamp(due))
	}
	if stats, err := st.Stats(); err == nil {
		s.gauge("store_file_bytes", float64(stats.FileBytes))
		s.gauge("store_free_bytes", float64(stats.FreeBytes))
		s.gauge("store_commits_total", float64(stats.Commits))
	}
	if calendars, err := st.Calendars(ctx); err == nil {
		s.calendars(calendars)
		s.accounts(calendars)
	}
	webhooks, err := st.Webhooks().All(ctx)
	states, err2 := store.StatesByWebhook(ctx, st.WebhookStates())
	if cmp.Or(err, err2) == nil {
		s.webhooks(webhooks, states)
	}
}

// calendars reports each calendar under the names that people gave. Of two with the same
// name it reports the one in the worse state.
func (s *scrape) calendars(all []calbell.Calendar) {
	counts := syncStates()
	type key struct{ account, name string }
	shown := map[key]calbell.Calendar{}
	for _, c := range all {
		counts[c.SyncState(s.d.syncer.Overdue(c))]++
		k := key{label(c.Account), label(c.Name)}
		before, double := shown[k]
		if double && before.SyncedAt.Before(c.SyncedAt) || !double && len(shown) >= maxNamed {
			continue
		}
		shown[k] = c
	}
	for k, c := range shown {
		s.gauge("calendar_synced_timestamp_seconds", stamp(c.SyncedAt), k.account, k.name)
		s.gauge("calendar_failing_since_timestamp_seconds", stamp(c.FailingSince), k.account, k.name)
		s.gauge("calendar_held_back_objects", float64(c.Brake.Absent), k.account, k.name)
	}
	for state, n := range counts {
		s.gauge("calendars", float64(n), string(state))
	}
}

// syncStates returns a count of zero for each state of a sync.
func syncStates() map[calbell.SyncState]int {
	return map[calbell.SyncState]int{calbell.SyncOK: 0, calbell.SyncNew: 0, calbell.SyncOverdue: 0, calbell.SyncGone: 0, calbell.SyncFailing: 0}
}

// accounts reports each account, including those without known calendars. Those that need
// attention come first, so that they are among the named ones.
func (s *scrape) accounts(calendars []calbell.Calendar) {
	by := map[string][]calbell.Calendar{}
	for _, c := range calendars {
		by[c.Account] = append(by[c.Account], c)
	}
	counts := syncStates()
	var all []calbell.AccountState
	for _, a := range s.d.Accounts().All() {
		h := s.d.syncer.Health(a.Key(), by[a.Key()])
		counts[h.State]++
		all = append(all, calbell.AccountState{Account: a.Key(), AccountHealth: h})
	}
	slices.SortStableFunc(all, func(a, b calbell.AccountState) int {
		return cmp.Compare(truth(a.State.Well()), truth(b.State.Well()))
	})
	shown := map[string]bool{}
	for _, a := range all[:min(len(all), maxNamed)] {
		if name := label(a.Account); !shown[name] { // two long names may have the same label
			shown[name] = true
			s.gauge("account_failing_since_timestamp_seconds", stamp(a.FailingSince), name)
			s.gauge("account_overdue_since_timestamp_seconds", stamp(a.OverdueSince), name)
		}
	}
	for state, n := range counts {
		s.gauge("accounts", float64(n), string(state))
	}
}

func (s *scrape) webhooks(all []calbell.Webhook, states map[calbell.WebhookID]calbell.WebhookState) {
	counts, now := map[calbell.WebhookHealth]int{}, time.Now()
	for _, w := range all {
		counts[states[w.ID].Health(now)]++
	}
	for _, h := range calbell.WebhookHealths() {
		s.gauge("webhooks", float64(counts[h]), string(h))
	}
	named := slices.Clone(all)
	slices.SortFunc(named, func(a, b calbell.Webhook) int {
		// Suspended ones first: they must be among those that are named.
		return cmp.Or(-states[a.ID].SuspendedAt.Compare(states[b.ID].SuspendedAt), cmp.Compare(a.ID, b.ID))
	})
	for _, w := range named[:min(len(named), maxNamed)] {
		s.gauge("webhook_suspended_timestamp_seconds", stamp(states[w.ID].SuspendedAt), label(string(w.ID)))
	}
}

// stamp returns a time in Unix seconds; 0 for the zero time.
func stamp(t time.Time) float64 {
	if t.IsZero() || t.Unix() <= 0 {
		return 0
	}
	return float64(t.UnixMilli()) / 1e3
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
