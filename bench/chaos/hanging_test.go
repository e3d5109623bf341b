package chaos

import (
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/caldav/caldavtest"
)

// hangingServers are more accounts than one owner gets places for at the same time, by default.
const hangingServers = 5

// night is a world with an account at a server that is well, and others at servers that accept and
// never answer, and at one that drips.
type night struct {
	*world
	well *caldavtest.FaultServer
	bad  []string // names of the accounts
}

// neverAnswers accepts connections and never answers, until the test ends.
func neverAnswers(t testing.TB) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() { // ends with the listener
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
		}
	}()
	return l.Addr().String()
}

// fill writes the configuration: the servers that hang come first, and may take so long.
func (n *night) fill(timeout time.Duration, servers map[string]string) {
	var accounts strings.Builder
	for _, name := range n.bad {
		fmt.Fprintf(&accounts, "  - {name: %s, url: %q, username: x, password: x}\n", name, "http://"+servers[name]+"/")
	}
	text := strings.Replace(n.caldavConfig("http://"+servers["home"]), "timeout: 2s", "timeout: "+timeout.String(), 1)
	n.write("config.yaml", strings.Replace(text, "accounts:\n", "accounts:\n"+accounts.String(), 1))
}

// status is what the daemon says of itself.
func (n *night) status() (s types.StatusReport) {
	n.t.Helper()
	a := n.run("status", "-o", "json")
	if err := json.Unmarshal([]byte(a.out), &s); a.code != 0 || err != nil {
		n.t.Fatalf("status: %v\n%s%s", err, a.out, a.err)
	}
	return s
}

// hang checks that all the servers that hang are still being waited for, in the syncs that had begun
// by a time.
func (n *night) hang(when string, by time.Time) {
	n.t.Helper()
	waiting := map[string]bool{}
	for _, p := range n.status().Syncing {
		waiting[p.Account] = !p.Waits && !p.Since.After(by)
	}
	for _, name := range n.bad {
		if !waiting[name] {
			n.t.Errorf("%s: nobody waits for %s", when, name)
		}
	}
}

// eventually waits for something to become true.
func (n *night) eventually(what string, true func() bool) {
	n.t.Helper()
	for end := time.Now().Add(patience); !true(); n.wait(50 * time.Millisecond) {
		if time.Now().After(end) {
			n.t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// put writes an event that rings, and begins, in a whole second; it is planned unless it is to be
// cancelled.
func (n *night) put(subject string, due time.Time, planned bool) {
	due = due.Truncate(time.Second)
	if planned {
		n.plan[subject] = due
	}
	n.well.Put("alice", "chaos", subject+".ics", []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Chaos//EN\r\n"+event(subject, due, 0)+"END:VCALENDAR\r\n"))
}

// Calendar servers that accept and never answer, or drip, more than there are places for: the
// account at another one is synced at the start, when somebody asks, and regularly, while they are
// being waited for. What is new there rings in time, and what is cancelled does not. The others are
// named wherever one looks.
func TestHangingServers(t *testing.T) {
	t.Parallel()
	n := &night{world: newWorld(t, options{}), well: caldavtest.NewFaultServer(caldavtest.Options{})}
	drips := caldavtest.NewFaultServer(caldavtest.Options{})
	drips.AddUser("x", "x")
	drips.Behave(caldavtest.SlowBody(time.Second))
	n.well.AddUser("alice", "open-sesame")
	n.well.AddCalendar("alice", caldavtest.Calendar{Path: "chaos", Name: "chaos"})
	servers := map[string]string{"home": listen(t, n.well).name, "drips": listen(t, drips).name}
	n.bad = []string{"drips"}
	for i := range hangingServers {
		name := fmt.Sprint("hangs-", i)
		servers[name], n.bad = neverAnswers(t), append(n.bad, name)
	}
	n.fill(time.Minute, servers)
	n.serve()
	n.eventually("the first sync", func() bool {
		return slices.ContainsFunc(n.status().Calendars, func(c types.CalendarRow) bool { return !c.SyncedAt.IsZero() })
	})
	n.eventually("all have begun", func() bool { return len(n.status().Syncing) >= len(n.bad) })
	begun := time.Now()
	n.hang("at the start", begun)
	n.askedFor(begun)
	if full() {
		n.regularly(begun)
	}
	n.arrived(patience)

	n.stop() // nobody waits for them at the end, either
	n.fill(time.Second, servers)
	n.serve()
	n.namesThem()
	if s := n.states(); s["sent"] != len(n.plan) || s["planned"]+s["waiting"]+s["missed"]+s["dead"] > 0 {
		t.Errorf("of %d deliveries: %v", len(n.plan), s)
	}
	n.stop()
	if v := judge(n.plan, n.chat.seen()); v.bad() != "" || v.Marked > 0 {
		t.Error(v.bad(), v.Marked)
	}
}

// askedFor has somebody ask for syncs: of an event that is new, and of one that is cancelled.
func (n *night) askedFor(begun time.Time) {
	n.t.Helper()
	n.put("new", time.Now().Add(3*time.Second), true)
	n.put("cancelled", time.Now().Add(time.Minute), false)
	for _, what := range []string{"an event that is new", "an event that was cancelled"} {
		if a := n.run("sync", "chaos", "--wait"); a.code != 0 {
			n.t.Fatalf("sync: %s%s", a.out, a.err)
		}
		n.hang(what, begun)
		n.well.Delete("alice", "chaos", "cancelled.ics")
	}
	if s := n.states(); s["planned"] > 1 {
		n.t.Errorf("the cancelled event is still planned: %v", s)
	}
}

// regularly has events appear, and others vanish, that nobody asks for: each sync sees them. Of
// those that hang some have been given up by then, and are being tried again.
func (n *night) regularly(begun time.Time) {
	n.t.Helper()
	const interval, rounds = 10 * time.Second, 4
	n.hang("before the regular syncs", begun)
	for i := range rounds {
		gone := fmt.Sprint("gone-", i)
		n.put(gone, time.Now().Add(interval+12*time.Second), false)
		n.put(fmt.Sprint("regular-", i), time.Now().Add(interval+2*time.Second), true)
		n.wait(interval + time.Second)
		n.well.Delete("alice", "chaos", gone+".ics")
	}
	n.wait(interval + 2*time.Second) // until the last that vanished would have rung
	for _, p := range n.chat.seen() {
		if p.late || p.at.Sub(n.plan[p.subject]) > time.Second {
			n.t.Errorf("%q came %v late", p.subject, p.at.Sub(n.plan[p.subject]))
		}
	}
}

// namesThem looks for the servers that hang where people look, once they were waited for.
func (n *night) namesThem() {
	n.t.Helper()
	failing := func(a calbell.AccountState) bool {
		return a.State == calbell.SyncFailing && a.Account != "home" && strings.Contains(a.LastError.English, "answer within 1s")
	}
	n.eventually("all fail", func() bool {
		return len(slices.DeleteFunc(n.status().Accounts, func(a calbell.AccountState) bool { return !failing(a) })) == len(n.bad)
	})
	status, list := n.run("status").out, n.run("account", "list").out
	n.eventually("the metrics know it", func() bool {
		_, metrics := n.get("/metrics")
		return strings.Contains(metrics, fmt.Sprintf("calbell_accounts{state=\"failing\"} %d\n", len(n.bad)))
	})
	_, metrics := n.get("/metrics")
	for _, name := range n.bad {
		series := fmt.Sprintf("calbell_account_failing_since_timestamp_seconds{account=%q} ", name)
		if !strings.Contains(status, "  "+name+": failing since ") || !strings.Contains(metrics, series) || strings.Contains(metrics, series+"0\n") || !strings.Contains(list, name) {
			n.t.Errorf("%s is not named in\n%s\n%s\n%s", name, status, list, metrics)
		}
	}
	if !strings.Contains(metrics, "calbell_account_failing_since_timestamp_seconds{account=\"home\"} 0\n") || strings.Contains(status, "  home: failing") {
		n.t.Errorf("the account that is well is named in\n%s\n%s", status, metrics)
	}
	if a := n.run("status", "--check"); a.code != 1 || !strings.Contains(a.err, fmt.Sprintf("that fail: %d", len(n.bad))) {
		n.t.Errorf("status --check: exit code %d, %s", a.code, a.err)
	}
}
