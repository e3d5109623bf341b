package daemon

import (
	"net/http"
	"runtime"
	"strings"
	"time"

	"calbell"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	// maxScrapes limits concurrent scrapes; they share one read of the state.
	maxScrapes = 4
	// scrapeWait bounds a scrape: Prometheus itself gives up after 10 s by default.
	scrapeWait = 10 * time.Second
	// maxLabel is the longest name in a label, in bytes; longer ones are cut.
	maxLabel = 100
)

// metrics counts what happens, for Prometheus. It implements dispatch.Metrics: a count is a
// few atomic additions, so no loop waits for it.
//
// Labels are names of accounts, calendars and webhooks, and words of fixed lists. They
// never contain texts of events, URLs or errors.
type metrics struct {
	registry *prometheus.Registry

	lateness    prometheus.Histogram
	ended       *prometheus.CounterVec
	tries       *prometheus.CounterVec
	tryTook     *prometheus.HistogramVec
	syncs       *prometheus.CounterVec
	syncTook    prometheus.Histogram
	clockJumps  *prometheus.CounterVec
	damagedRows prometheus.Counter
	notices     *prometheus.CounterVec
	reloads     *prometheus.CounterVec
	snapshots   *prometheus.CounterVec
}

// newMetrics returns the metrics of a program of this version.
func newMetrics(version string) *metrics {
	m := &metrics{
		registry:    prometheus.NewRegistry(),
		lateness:    histogram("delivery_lateness_seconds", "How long after it fell due a reminder was accepted.", latenessBuckets()),
		ended:       counters("deliveries_ended_total", "Deliveries that reached a final state.", "status"),
		tries:       counters("delivery_tries_total", "Posts made, by how they ended.", "kind", "verdict"),
		tryTook:     prometheus.NewHistogramVec(opts("delivery_try_duration_seconds", "How long a post took.", tryBuckets()), []string{"kind"}),
		syncs:       counters("syncs_total", "Syncs of an account, by how they ended.", "account", "result"),
		syncTook:    histogram("sync_duration_seconds", "How long a sync of an account took.", syncBuckets()),
		clockJumps:  counters("clock_jumps_total", "Times that the clock went otherwise than time passed.", "direction"),
		damagedRows: prometheus.NewCounter(prometheus.CounterOpts{Name: namespace + "store_damaged_rows_total", Help: "Times that a row of the database was met that does not open."}),
		notices:     counters("notices_total", "Notices of Calbell's own put into the queue.", "kind"),
		reloads:     counters("config_reloads_total", "Times that the configuration was read again.", "result"),
		snapshots:   counters("store_snapshots_total", "Snapshots of the database, by how they ended.", "result"),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: namespace + "build_info", Help: "1, with what runs."}, []string{"version", "goversion"})
	build.WithLabelValues(label(version), runtime.Version()).Set(1)
	m.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build,
		m.lateness, m.ended, m.tries, m.tryTook, m.syncs, m.syncTook, m.clockJumps, m.damagedRows, m.notices, m.reloads, m.snapshots,
	)
	m.beginAtZero()
	return m
}

// beginAtZero creates the counters that alerting rules watch before they first count.
// Otherwise the first increment would have no earlier value, and rate() would miss it.
func (m *metrics) beginAtZero() {
	for _, s := range []calbell.Status{calbell.StatusSent, calbell.StatusDead, calbell.StatusMissed, calbell.StatusCancelled, calbell.StatusDropped} {
		m.ended.WithLabelValues(string(s))
	}
	for _, direction := range []string{"forward", "back"} {
		m.clockJumps.WithLabelValues(direction)
	}
	for _, result := range []string{resultOK, resultFailed} {
		m.reloads.WithLabelValues(result)
		m.snapshots.WithLabelValues(result)
	}
	m.notices.WithLabelValues(string(calbell.NoticeTrouble))
}

const namespace = "calbell_"

// The values of the label "result".
const (
	resultOK     = "ok"
	resultFailed = "failed"
)

// result returns the value of the label "result" for an error.
func result(err error) string {
	if err != nil {
		return resultFailed
	}
	return resultOK
}

// latenessBuckets range from usual latencies to the end of the late window.
func latenessBuckets() []float64 {
	return []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 5, 15, 60, 300, 900, 3600}
}

// tryBuckets range up to the longest time that an attempt may take.
func tryBuckets() []float64 {
	return []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15, 60}
}

// syncBuckets range from an account without changes to the first sync of a large one.
func syncBuckets() []float64 { return []float64{.05, .1, .25, .5, 1, 2.5, 5, 15, 60, 300, 1800} }

func opts(name, help string, buckets []float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Name: namespace + name, Help: help, Buckets: buckets}
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(opts(name, help, buckets))
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: namespace + name, Help: help}, labels)
}

// label returns a name as a valid label value: valid UTF-8, at most maxLabel bytes.
func label(s string) string {
	if len(s) > maxLabel {
		s = s[:maxLabel]
	}
	return strings.ToValidUTF8(s, "")
}

// word returns a verdict without spaces, for queries.
func word(s string) string { return strings.ReplaceAll(s, " ", "_") }

// Tried implements dispatch.Metrics.
func (m *metrics) Tried(kind calbell.WebhookKind, v calbell.Verdict, took time.Duration) {
	m.tries.WithLabelValues(string(kind), word(string(v))).Inc()
	m.tryTook.WithLabelValues(string(kind)).Observe(took.Seconds())
}

// Ended implements dispatch.Metrics.
func (m *metrics) Ended(s calbell.Status, n int, late time.Duration) {
	m.ended.WithLabelValues(string(s)).Add(float64(n))
	if s == calbell.StatusSent {
		m.lateness.Observe(late.Seconds())
	}
}

// Synced counts the sync of an account.
func (m *metrics) Synced(account string, took time.Duration, err error) {
	m.syncs.WithLabelValues(label(account), result(err)).Inc()
	m.syncTook.Observe(took.Seconds())
}

// ClockJumped implements dispatch.Metrics.
func (m *metrics) ClockJumped(by time.Duration) {
	direction := "forward"
	if by < 0 {
		direction = "back"
	}
	m.clockJumps.WithLabelValues(direction).Inc()
}

// told counts a notice.
func (m *metrics) told(kind calbell.NoticeKind) { m.notices.WithLabelValues(string(kind)).Inc() }

// handler answers scrapes. Concurrent ones share one read of the state.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: maxScrapes,
		Timeout: scrapeWait, CoalesceGather: true,
	})
}
