package daemon_test

import (
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"calbell"
	"calbell/caldav/caldavtest"
	"calbell/webhook/webhooktest"
)

// get asks server.listen, and returns the status and the answer.
func (h *house) get(path string) (int, string) {
	h.Helper()
	resp, err := http.Get("http://" + h.cfg.Server.Listen + path)
	h.ok(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	h.ok(err)
	return resp.StatusCode, string(text)
}

// metric returns the value of a series, as it is written; "" when there is none.
func (h *house) metric(series string) string {
	h.Helper()
	_, text := h.get("/metrics")
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), series+" "); ok {
			return value
		}
	}
	return ""
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.start()
	h.sync()
	if got := h.metric(`calbell_webhooks{state="new"}`); got != "1" {
		t.Errorf("webhooks that were not tried yet: %q", got)
	}
	h.put("a@example.org", "canary-subject", time.Second)
	h.put("b@example.org", "canary-subject", time.Hour)
	h.sync()
	_, err := h.chat.Wait(t.Context(), 1)
	h.ok(err)
	h.eventually("the sent one is counted", func() bool { return h.metric(`calbell_deliveries_ended_total{status="sent"}`) == "1" })
	h.eventually("the state is looked at again", func() bool { return h.metric(`calbell_webhooks{state="ok"}`) == "1" })
	for series, want := range map[string]string{
		`calbell_delivery_lateness_seconds_count`:                                          "1",
		`calbell_delivery_tries_total{kind="kchat",verdict="accepted"}`:                    "1",
		`calbell_deliveries_ended_total{status="missed"}`:                                  "0",
		`calbell_calendars{state="ok"}`:                                                    "1",
		`calbell_deliveries{status="planned"}`:                                             "1",
		`calbell_webhooks{state="new"}`:                                                    "0",
		`calbell_webhook_suspended_timestamp_seconds{webhook="team"}`:                      "0",
		`calbell_calendar_failing_since_timestamp_seconds{account="home",calendar="Team"}`: "0",
		`calbell_store_writable`:                                                           "1", `calbell_store_full`: "0", `calbell_ready`: "1",
		`calbell_config_reload_success`: "1", `calbell_clock_behind`: "0",
	} {
		if got := h.metric(series); got != want {
			t.Errorf("%s is %q, want %q", series, got, want)
		}
	}
	h.eventually("the database is checked", func() bool { return h.metric("calbell_store_findings") == "0" })
	_, text := h.get("/metrics")
	for _, word := range []string{"canary", "http://", "https://", "/hooks/", "Room 1"} {
		if strings.Contains(text, word) {
			t.Errorf("the metrics hold %q", word)
		}
	}
	if _, err := h.client.Status(t.Context()); err != nil {
		t.Error(err)
	}
	lint(t, text)
}

// lint has promtool judge the metrics, where it is installed.
func lint(t *testing.T, text string) {
	t.Helper()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Log("promtool is not installed: the metrics were not linted")
		return
	}
	cmd := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

// Failures are counted: a calendar server that is gone, a webhook that is gone.
func TestMetricsOfFailures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.start()
	h.sync()
	h.chat.Always(webhooktest.Status(503, "later"))
	h.put("a@example.org", "Subject", 0)
	h.sync()
	_, err := h.chat.Wait(t.Context(), 1)
	h.ok(err)
	h.calendars.SetFault(caldavtest.Fault{Down: true})
	_, err = h.client.Sync(t.Context(), "")
	h.ok(err)
	for _, series := range []string{
		`calbell_delivery_tries_total{kind="kchat",verdict="refused_for_now"}`, `calbell_syncs_total{account="home",result="failed"}`,
		`calbell_calendars{state="failing"}`, `calbell_deliveries{status="waiting"}`,
	} {
		h.eventually(series, func() bool { v := h.metric(series); return v != "" && v != "0" })
	}
}

// Many who ask at once are all answered, and the daemon does its work meanwhile.
func TestManyScrapes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.start()
	h.sync()
	h.put("a@example.org", "Subject", 5*time.Second)
	h.sync()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				if code, _ := h.get("/metrics"); code != http.StatusOK && code != http.StatusServiceUnavailable {
					t.Errorf("a scrape is answered %d", code)
				}
			}
		})
	}
	all.Wait()
	_, err := h.chat.Wait(t.Context(), 1)
	h.ok(err)
	h.eventually("it is recorded", func() bool {
		rows, err := h.client.Upcoming(t.Context(), 10)
		return err == nil && len(rows) == 0
	})
	if s, err := h.client.Status(t.Context()); err != nil || s.Deliveries[calbell.StatusSent] != 1 {
		t.Errorf("%+v, %v", s.Deliveries, err)
	}
}
