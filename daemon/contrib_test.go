package daemon

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// exported are the names of all series that a daemon shows, as far as they are ours or of
// the process.
func exported(t *testing.T) map[string]bool {
	t.Helper()
	m := newMetrics("test")
	m.registry.MustRegister(newScrape(nil))
	ch := make(chan *prometheus.Desc)
	go func() {
		defer close(ch)
		m.registry.Describe(ch)
	}()
	name := regexp.MustCompile(`fqName: "([^"]+)"`)
	all := map[string]bool{}
	for d := range ch {
		n := name.FindStringSubmatch(d.String())[1]
		all[n] = true
		if strings.HasSuffix(n, "_seconds") && !strings.HasSuffix(n, "_timestamp_seconds") {
			all[n+"_bucket"], all[n+"_sum"], all[n+"_count"] = true, true, true
		}
	}
	return all
}

// What rules and dashboard ask for exists, and the other way round: each of our own metrics
// that says that something is wrong has a rule.
func TestContribUsesWhatThereIs(t *testing.T) {
	t.Parallel()
	all := exported(t)
	word := regexp.MustCompile(`\b(?:calbell|process)_[a-z_]+`)
	used := map[string]map[string]bool{}
	for _, file := range []string{"prometheus/alerts.yml", "prometheus/alerts_test.yml", "grafana/calbell.json"} {
		text, err := os.ReadFile(filepath.Join("../contrib", file))
		if err != nil {
			t.Fatal(err)
		}
		used[file] = map[string]bool{}
		for _, name := range word.FindAllString(string(text), -1) {
			used[file][name] = true
			if !all[name] {
				t.Errorf("%s uses %s, which does not exist", file, name)
			}
		}
		if len(used[file]) < 10 {
			t.Errorf("%s uses %d metrics: is it read as it should be?", file, len(used[file]))
		}
	}
	for _, name := range []string{
		"calbell_ready", "calbell_store_writable", "calbell_store_full", "calbell_store_findings", "calbell_clock_behind",
		"calbell_config_reload_success", "calbell_webhook_suspended_timestamp_seconds", "calbell_calendar_failing_since_timestamp_seconds",
		"calbell_account_failing_since_timestamp_seconds", "calbell_account_overdue_since_timestamp_seconds",
	} {
		if !used["prometheus/alerts.yml"][name] || !used["prometheus/alerts_test.yml"][name] {
			t.Errorf("no rule, or no test of a rule, uses %s", name)
		}
	}
}

// The dashboard is one that Grafana takes: panels with IDs of their own that do not overlap.
func TestDashboard(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../contrib/grafana/calbell.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Title, UID string
		Panels     []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr, RefID string }
		}
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	taken := map[[2]int]string{}
	var ids []int
	for _, p := range d.Panels {
		if len(p.Targets) == 0 || p.Title == "" || slices.Contains(ids, p.ID) {
			t.Errorf("panel %d %q: no query, no title, or its ID is taken", p.ID, p.Title)
		}
		ids = append(ids, p.ID)
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("panel %q stands on %q, or beyond the edge", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
	if len(d.Panels) < 10 || d.UID != "calbell" {
		t.Errorf("%d panels, UID %q", len(d.Panels), d.UID)
	}
}

// Each rule has a test that fires it, and all of them are quiet when all is well: promtool
// says so, where it is installed.
func TestAlertRules(t *testing.T) {
	t.Parallel()
	rules, err := os.ReadFile("../contrib/prometheus/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	tests, err := os.ReadFile("../contrib/prometheus/alerts_test.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(string(rules), -1) {
		if !strings.Contains(string(tests), "alertname: "+m[1]) || !strings.Contains(string(tests), `alertname="`+m[1]+`"`) {
			t.Errorf("%s has no test, or none in which it is quiet", m[1])
		}
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Log("promtool is not installed: the rules were not run")
		return
	}
	cmd := exec.CommandContext(t.Context(), promtool, "test", "rules", "alerts_test.yml")
	cmd.Dir = "../contrib/prometheus"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}
