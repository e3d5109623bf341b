package scheduler_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
	"calbell/scheduler/dispatch"
	"calbell/scheduler/plan"
	"calbell/scheduler/syncer"
	"calbell/store/bolt"
	"calbell/store/record"
)

// A night has many accounts, most of them at servers that hang or drip. It is played with real
// clients, on the time of a bubble.
const (
	nightEvery = 2 * time.Minute // the accounts are synced
	nightLasts = time.Hour
	wellNights = 4 // accounts at servers that are well
	// nightDelay is how much later than without the others something may happen: as long as two
	// syncs that turn out to hang hold the only place.
	nightDelay = 4 * time.Second
	// nightFirst is that of the first syncs of all, when nothing is known of anybody: each of five
	// accounts that hang from the beginning may have held the only place before.
	nightFirst = 10 * time.Second
)

// badNights are the ways in which servers behave badly, from the beginning or when twenty minutes have
// passed. Those with a host share it.
func badNights() []badNight {
	return []badNight{
		{name: "never", owner: "mallory", accounts: 5, early: true, manner: caldavtest.Hang()},
		{name: "sudden", accounts: 2, manner: caldavtest.Hang()},
		{name: "provider", host: "provider.example.org", owner: "trudy", accounts: 5, manner: caldavtest.Hang()},
		{name: "drip", accounts: 2, manner: caldavtest.SlowBody(time.Second)},
		{name: "report", accounts: 2, manner: hangAtReport},
	}
}

// badNight are some accounts of one owner whose servers behave badly in one manner.
type badNight struct {
	name, host, owner string
	accounts          int
	early             bool
	manner            caldavtest.Manner
}

// hangAtReport answers who looks for calendars, and nothing else.
func hangAtReport(s *caldavtest.FaultServer, w http.ResponseWriter, r *http.Request) bool {
	return r.Method == "REPORT" && caldavtest.Hang()(s, w, r)
}

// hangingNight is one run.
type hangingNight struct {
	*testing.T
	concurrency int
	wires       *wires
	transport   *http.Transport
	store       *bolt.Store
	chat        *chat
	syncer      *syncer.Syncer
	stop        func()
	accounts    []calbell.Account
	servers     map[string]*caldavtest.FaultServer // by account

	mu    sync.Mutex
	first map[string]time.Duration // how long the very first sync of an account took
	late  map[string]time.Duration // and the longest one after that
	asked time.Duration            // how long the longest sync took that a person asked for
}

// add adds an account of an owner's at a host, which serves it.
func (n *hangingNight) add(name, host, owner string) {
	user := strings.ReplaceAll(name, "-", "")
	i := slices.IndexFunc(n.accounts, func(a calbell.Account) bool { return a.URL == "https://"+host+"/" })
	s := caldavtest.NewFaultServer(caldavtest.Options{})
	if i >= 0 {
		s = n.servers[n.accounts[i].Name]
	} else {
		n.wires.serve(s, host+":443")
	}
	s.AddUser(user, canary)
	s.AddCalendar(user, caldavtest.Calendar{Path: "team", Name: "Team"})
	n.servers[name] = s
	n.accounts = append(n.accounts, calbell.Account{
		Name: name, Owner: owner, URL: "https://" + host + "/", Username: user, Password: canary,
		Calendars: []calbell.CalendarSettings{{Name: "Team", Webhook: "team"}},
	})
}

// put writes an event that rings when it begins, so long after the epoch.
func (n *hangingNight) put(account string, title string, start time.Duration) {
	user := strings.ReplaceAll(account, "-", "")
	n.servers[account].Put(user, "team", title+".ics", []byte(event(account+title, account+" "+title, start, "PT0S")))
}

// start starts the program over the store.
func (n *hangingNight) start() {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	policy := plan.NewPolicy(plan.Settings{Accounts: n.accounts, Webhooks: []calbell.Webhook{hook("team")}, Zone: time.UTC, Locale: "en"})
	get := func() *plan.Policy { return policy }
	loop := dispatch.New(forDispatch(n.store), n.chat, get, dispatch.Options{Worker: "w", InFlight: 16, PerHost: 8, Log: log})
	connect := func(a calbell.Account) (syncer.Remote, error) {
		c, err := caldav.New(a, caldav.Options{Transport: n.transport})
		return client{c}, err
	}
	n.syncer = syncer.New(forSync(n.store), get, connect, syncer.Options{Concurrency: n.concurrency, Log: log, Changed: loop.Kick})
	n.ok(n.syncer.Reconcile(n.Context()))
	n.ok(n.syncer.ExtendLayouts(n.Context()))
	ctx, cancel := context.WithCancel(context.Background())
	var loops sync.WaitGroup
	loops.Go(func() { _ = loop.Run(ctx) })
	loops.Go(func() {
		n.syncer.KeepFresh(ctx, func(name string) (calbell.Account, bool) {
			i := slices.IndexFunc(n.accounts, func(a calbell.Account) bool { return a.Name == name })
			return n.accounts[i], true
		})
	})
	for i, a := range n.accounts {
		loops.Go(func() { n.follow(ctx, a, time.Duration(i)*nightEvery/time.Duration(len(n.accounts))) })
	}
	n.stop = func() { cancel(); loops.Wait() }
}

// follow syncs an account at once, and then regularly.
func (n *hangingNight) follow(ctx context.Context, a calbell.Account, after time.Duration) {
	n.sync(ctx, calbell.SyncRequest{Account: a})
	for wait := after; ; wait = nightEvery {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		n.sync(ctx, calbell.SyncRequest{Account: a})
	}
}

func (n *hangingNight) sync(ctx context.Context, r calbell.SyncRequest) {
	began := time.Now()
	err := n.syncer.Sync(ctx, r)
	took := time.Since(began)
	n.mu.Lock()
	defer n.mu.Unlock()
	late := n.late
	if began.Equal(epoch) {
		late = n.first
	}
	late[r.Account.Name] = max(late[r.Account.Name], took)
	if strings.HasPrefix(r.Account.Name, "well") && err != nil && ctx.Err() == nil {
		n.Errorf("%s: %v", r.Account.Name, err)
	}
	if r.Now {
		n.asked = max(n.asked, took)
	}
}

func (n *hangingNight) ok(err error) {
	n.Helper()
	if err != nil {
		n.Fatal(err)
	}
}

// pass lets a night pass, in which the accounts that are well get a new event three minutes before it
// rings, and lose another ten seconds before. It returns what was posted.
func (n *hangingNight) pass(bad bool) []string {
	n.start()
	for now := 10 * time.Minute; now < nightLasts; now += 10 * time.Minute {
		time.Sleep(time.Until(epoch.Add(now)))
		if now == 20*time.Minute && bad {
			for _, b := range badNights() {
				for i := range b.accounts {
					n.servers[fmt.Sprint(b.name, "-", i)].Behave(b.manner)
				}
			}
		}
		if now == 40*time.Minute {
			n.stop()
			n.start()
		}
		for i := range wellNights {
			name := fmt.Sprint("well-", i)
			n.put(name, fmt.Sprint("new", now.Minutes()), now+3*time.Minute)
			n.put(name, fmt.Sprint("gone", now.Minutes()), now+5*time.Minute+time.Duration(i)*time.Second)
		}
		time.Sleep(5*time.Minute - 10*time.Second)
		for i := range wellNights {
			name := fmt.Sprint("well-", i)
			n.servers[name].Delete(strings.ReplaceAll(name, "-", ""), "team", fmt.Sprint("gone", now.Minutes())+".ics")
		}
		time.Sleep(time.Minute)
		n.sync(n.Context(), calbell.SyncRequest{Account: n.accounts[0], Now: true})
	}
	n.stop()
	synctest.Wait()
	var well []string
	for _, line := range n.chat.lines() {
		if strings.Contains(line, "well-") {
			well = append(well, line)
		}
	}
	slices.Sort(well)
	return well
}

// playNight plays a night, with or without the servers that behave badly.
func playNight(t *testing.T, concurrency int, bad bool) (posts []string, played *hangingNight) {
	n := &hangingNight{
		T: t, concurrency: concurrency, chat: &chat{}, servers: map[string]*caldavtest.FaultServer{}, late: map[string]time.Duration{}, first: map[string]time.Duration{},
		wires: &wires{hosts: map[string]chan net.Conn{}, done: make(chan struct{})},
	}
	n.transport = &http.Transport{DialContext: n.wires.dial, DialTLSContext: n.wires.dial}
	db, err := bolt.Open(filepath.Join(t.TempDir(), "calbell.db"), record.Key{1}, bolt.Options{NoSync: true})
	n.ok(err)
	n.store = db
	n.ok(db.SetFileWebhooks(t.Context(), []calbell.Webhook{hook("team")}))
	for i := range wellNights {
		n.add(fmt.Sprint("well-", i), fmt.Sprint("well", i, ".example.org"), "")
	}
	known := 0
	for _, b := range badNights() {
		if !b.early {
			known += b.accounts
		}
		for i := range b.accounts {
			host := b.host
			if host == "" {
				host = fmt.Sprint(b.name, i, ".example.org")
			}
			name := fmt.Sprint(b.name, "-", i)
			n.add(name, host, b.owner)
			n.put(name, "kept", 55*time.Minute)
			if b.early && bad {
				n.servers[name].Behave(b.manner)
			}
		}
	}
	posts = n.pass(bad)
	kept := 0
	for _, line := range n.chat.lines() {
		if strings.HasPrefix(line, "55m0s ") && strings.HasSuffix(line, " kept") {
			kept++
		}
	}
	if bad && kept != known {
		t.Errorf("%d of %d reminders of calendars that hang by now", kept, known)
	}
	n.transport.CloseIdleConnections()
	close(n.wires.done)
	n.ok(db.Close())
	return posts, n
}

// TestNightOfHangingServers: however many servers hang, accounts at others are synced as if they
// did not: what is new there is seen, what is cancelled at the last moment is silent, and whoever
// asks for a sync gets it.
func TestNightOfHangingServers(t *testing.T) {
	t.Parallel()
	var want []string
	synctest.Test(t, func(t *testing.T) { want, _ = playNight(t, 8, false) })
	if len(want) != 5*wellNights {
		t.Fatalf("posted without them: %q", want)
	}
	for _, concurrency := range []int{1, 8} {
		t.Run(fmt.Sprint(concurrency), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, n := playNight(t, concurrency, true)
				if !slices.Equal(got, want) {
					t.Errorf("posted:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
				}
				for i := range wellNights {
					name := fmt.Sprint("well-", i)
					if first, late := n.first[name], n.late[name]; first > nightFirst || late > nightDelay {
						t.Errorf("%s: the first sync took %v, the longest later one %v", name, first, late)
					}
				}
				if n.asked > nightDelay {
					t.Errorf("a sync that was asked for took %v", n.asked)
				}
				if n.late["never-0"] < 30*time.Second || n.late["drip-0"] < 30*time.Second || n.late["report-0"] < 30*time.Second {
					t.Errorf("nothing hung: %v", n.late)
				}
			})
		})
	}
}
