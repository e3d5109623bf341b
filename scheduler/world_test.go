package scheduler_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/scheduler/dispatch"
	"calbell/scheduler/notices"
	"calbell/scheduler/plan"
	"calbell/scheduler/syncer"
	"calbell/store"
	"calbell/store/bolt"
	"calbell/store/record"
	"calbell/store/storetest"
)

// world is a calendar server, a chat and Calbell between them, in a synctest bubble: real
// store, real planning, real dispatch; time is the bubble's.
type world struct {
	*testing.T
	server *server
	chat   *chat
	zone   *time.Location

	path     string
	store    *bolt.Store
	policy   atomic.Pointer[plan.Policy]
	syncer   *syncer.Syncer
	loop     *dispatch.Dispatcher
	digester *notices.Digests
	stop     func()
	account  calbell.Account
	webhooks []calbell.Webhook
	digests  atomic.Pointer[[]calbell.Digest]
	alive    time.Time                                    // when it last lived
	errors   calbell.WebhookID                            // the error webhook; "" = none
	inFlight int                                          // bound of deliveries in flight
	connect  func(calbell.Account) (syncer.Remote, error) // nil: to server
	wrap     func(storeOfAll) storeOfAll                  // stands between the loops and the store; nil: nothing does
}

type storeOfAll = storetest.Store

// forDispatch, forSync and forNews return a store as each part of the program asks it.
func forDispatch(s storeOfAll) dispatch.Store {
	return dispatch.Store{Queue: s, Targets: s, Requests: s}
}

func forSync(s storeOfAll) syncer.Store {
	return syncer.Store{Collections: s, Objects: s, Plans: s, Attached: s, Reminders: s}
}

func forNews(s storeOfAll) notices.NotifierStore {
	return notices.NotifierStore{News: s, Subjects: s}
}

// inWorld runs a test in a bubble. Time begins at midnight UTC, 2000-01-01.
func inWorld(t *testing.T, test func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, inFlight: 8, server: newServer(), chat: &chat{}, zone: time.UTC, path: filepath.Join(t.TempDir(), "calbell.db")}
		w.account = calbell.Account{Name: "home", Calendars: []calbell.CalendarSettings{{Name: "Team", Webhook: "team"}}}
		w.webhooks = []calbell.Webhook{hook("team"), hook("other")}
		w.start()
		defer func() { w.end() }()
		test(w)
	})
}

func hook(name string) calbell.Webhook {
	return calbell.Webhook{
		ID:          calbell.WebhookID(name),
		Name:        name,
		Origin:      calbell.OriginFile,
		URL:         calbell.Secret("https://chat.example.org/hooks/" + name),
		WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "%subject%"},
	}
}

// start is a start of the program.
func (w *world) start() {
	w.Helper()
	s := w.reopen()
	w.store = s
	w.ok(s.SetFileWebhooks(w.Context(), w.webhooks))
	w.configure()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	policy := w.policy.Load
	var all storeOfAll = s
	if w.wrap != nil {
		all = w.wrap(s)
	}
	w.loop = dispatch.New(forDispatch(all), w.chat, policy, dispatch.Options{Worker: "w", InFlight: w.inFlight, PerHost: 4, Log: log})
	connect := w.connect
	if connect == nil {
		connect = func(calbell.Account) (syncer.Remote, error) { return w.server, nil }
	}
	w.syncer = syncer.New(forSync(all), policy, connect, syncer.Options{Concurrency: 2, Log: log, Changed: w.loop.Kick})
	w.ok(w.syncer.Reconcile(w.Context()))
	w.ok(w.syncer.ExtendLayouts(w.Context()))
	ctx, cancel := context.WithCancel(context.Background())
	var loops sync.WaitGroup
	loops.Go(func() {
		if err := w.loop.Run(ctx); err != nil {
			w.Errorf("dispatch: %v", err)
		}
	})
	loops.Go(func() { // the timetable's part: layouts go on
		for tick := time.Tick(10 * time.Minute); ; {
			select {
			case <-ctx.Done():
				return
			case <-tick:
				if err := w.syncer.ExtendLayouts(ctx); err != nil && ctx.Err() == nil {
					w.Errorf("roll: %v", err)
				}
			}
		}
	})
	notifier := notices.NewNotifier(forNews(all), notices.NotifierOptions{
		ErrorWebhook: func() calbell.WebhookID { return w.errors }, Failing: w.syncer.Failing, Overdue: w.syncer.Overdue, Changed: w.loop.Kick, Log: log,
	})
	loops.Go(func() {
		select { // its rounds fall between the instants at which tests have things happen
		case <-time.After(7 * time.Second):
			notifier.Run(ctx)
		case <-ctx.Done():
		}
	})
	digests := notices.NewDigests(all, w.alive, notices.DigestOptions{
		Digests: func() []calbell.Digest {
			if p := w.digests.Load(); p != nil {
				return *p
			}
			return nil
		}, Policy: policy, Changed: w.loop.Kick, Log: log,
	})
	w.digester = digests
	digests.Turn(w.Context(), time.Now())
	loops.Go(func() { digests.Run(ctx) })
	w.stop = func() { cancel(); loops.Wait() }
}

// configure puts the accounts and webhooks in force as they are now. The loops may be looking.
func (w *world) configure() {
	w.policy.Store(plan.NewPolicy(plan.Settings{Accounts: []calbell.Account{w.account}, Webhooks: w.webhooks, Zone: w.zone, Locale: "en"}))
}

// reopen opens the store without a program around it.
func (w *world) reopen() *bolt.Store {
	w.Helper()
	s, err := bolt.Open(w.path, record.Key{1}, bolt.Options{NoSync: true})
	w.ok(err)
	return s
}

// end is an orderly end of the program, with a look at the store's invariants.
func (w *world) end() {
	w.Helper()
	w.stop()
	w.alive = time.Now()
	w.ok(w.store.Check(context.Background()))
	w.ok(w.store.Close())
}

// restart ends the program and starts it again after a while.
func (w *world) restart(down time.Duration) {
	w.Helper()
	w.end()
	time.Sleep(down)
	w.start()
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// sync syncs as a person asks for it.
func (w *world) sync() {
	w.Helper()
	w.ok(w.trySync(true))
}

func (w *world) trySync(now bool) error {
	return w.syncer.Sync(w.Context(), calbell.SyncRequest{Account: w.account, Now: now})
}

// pass lets time pass until everything that falls due in it has been dealt with.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// posts compares what the chat received with lines of "when text", when being the time
// since the bubble began.
func (w *world) posts(want ...string) {
	w.Helper()
	synctest.Wait()
	got := w.chat.lines()
	if !slices.Equal(got, want) {
		w.Errorf("posted:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// delivery returns the only delivery in that state.
func (w *world) delivery(s calbell.Status) calbell.Delivery {
	w.Helper()
	up, err := w.store.Upcoming(w.Context(), store.UpcomingQuery{Limit: 100})
	w.ok(err)
	for _, d := range up {
		if d.Status == s {
			return d
		}
	}
	w.Fatalf("no delivery is %s: %+v", s, up)
	return calbell.Delivery{}
}

// counts returns how many deliveries are in a state.
func (w *world) count(s calbell.Status) int {
	w.Helper()
	m, err := w.store.Counts(w.Context())
	w.ok(err)
	return m[s]
}

// epoch is when a bubble's time begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// event is an event that starts so long after the epoch, with the alarms given as TRIGGER
// values, or with their parameters (";VALUE=DATE-TIME:…").
func event(uid, title string, start time.Duration, alarms ...string) string {
	at := epoch.Add(start).Format("20060102T150405Z")
	return text(uid, "DTSTART:"+at+"\nDURATION:PT1H\nSUMMARY:"+title, alarms...)
}

func text(uid, lines string, alarms ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//example.org//test//EN\nBEGIN:VEVENT\nUID:%s\nDTSTAMP:20000101T000000Z\n%s\n", uid, lines)
	for _, a := range alarms {
		if a[0] != ';' {
			a = ":" + a
		}
		fmt.Fprintf(&b, "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\nTRIGGER%s\nEND:VALARM\n", a)
	}
	b.WriteString("END:VEVENT\nEND:VCALENDAR\n")
	return strings.ReplaceAll(b.String(), "\n", "\r\n")
}

// server is a calendar server in memory with one calendar, "Team", unless told otherwise.
type server struct {
	mu        sync.Mutex
	calendars map[string]map[calbell.Href]string // name → href → text
	err       error                              // what it fails with
	asked     int                                // requests for changes
	given     *syncer.Batch                      // the next answer, instead of what is there
	breaks    int                                // the next answer is broken off after so many batches; 0: it is not
	slow      time.Duration                      // how long it thinks about a request for changes
	only      error                              // what requests for changes alone fail with
	slowIn    string                             // the only calendar about which it thinks; "" = all
	broken    map[string]bool                    // calendars that it fails to hand out
	silent    map[string]bool                    // calendars of which it does not answer
	synced    []time.Time                        // when it was asked for changes
	last      calbell.Calendar                   // of the latest request for changes
	puts      int                                // requests to write
	refuses   error                              // what they fail with
	before    func(map[calbell.Href]string)      // what happens to the calendar just before the next
}

func newServer() *server {
	return &server{calendars: map[string]map[calbell.Href]string{"Team": {}}}
}

func (s *server) put(href calbell.Href, text string) { s.putIn("Team", href, text) }

func (s *server) putIn(calendar string, href calbell.Href, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calendars[calendar] == nil {
		s.calendars[calendar] = map[calbell.Href]string{}
	}
	s.calendars[calendar][href] = text
}

func (s *server) remove(href calbell.Href) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.calendars["Team"], href)
}

// give answers the next request for changes with a batch made by hand.
func (s *server) give(b syncer.Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given = &b
}

// rename moves a calendar to another name, and so to another URL.
func (s *server) rename(from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calendars[to] = s.calendars[from]
	delete(s.calendars, from)
}

func (s *server) failing(calendar string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken[calendar]
}

// breakAfter breaks the next answer off after n batches.
func (s *server) breakAfter(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.breaks = n
}

func (s *server) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *server) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Calendars implements syncer.Remote.
func (s *server) Calendars(context.Context) ([]calbell.Calendar, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	var list []calbell.Calendar
	for name := range s.calendars {
		url := "https://dav.example.org/anna/" + strings.ToLower(name) + "/"
		list = append(list, calbell.Calendar{ID: calbell.NewCalendarID("home", url), Account: "home", URL: url, Name: name, Addresses: []string{"anna@example.org"}})
	}
	return list, s.err
}

// Changes implements syncer.Remote: two objects a batch.
func (s *server) Changes(ctx context.Context, c calbell.Calendar, known func() (map[calbell.Href]calbell.ETag, error), yield func(syncer.Batch) error) error {
	old, err := known()
	if err != nil {
		return err
	}
	s.mu.Lock()
	slow := s.slow
	if s.slowIn != "" && s.slowIn != c.Name {
		slow = 0
	}
	s.synced, s.last = append(s.synced, time.Now()), c
	s.mu.Unlock()
	select {
	case <-time.After(slow):
	case <-ctx.Done():
		return ctx.Err()
	}
	s.mu.Lock()
	if b := s.given; b != nil {
		s.given = nil
		s.mu.Unlock()
		return yield(*b)
	}
	objects, failure := s.calendars[c.Name], cmp.Or(s.only, s.err)
	var changed []calbell.Object
	var deleted []calbell.Href
	for href, text := range objects {
		if etag := calbell.ETag(fmt.Sprintf("%q", text)); old[href] != etag {
			changed = append(changed, calbell.Object{Calendar: c.ID, Href: href, ETag: etag, Raw: []byte(text)})
		}
	}
	for href := range old {
		if _, ok := objects[href]; !ok {
			deleted = append(deleted, href)
		}
	}
	if s.silent[c.Name] {
		failure = unanswered
	}
	left := s.breaks
	s.breaks = 0
	s.mu.Unlock()
	if failure != nil {
		return failure
	}
	if s.failing(c.Name) {
		return errors.New("the server has no time for this calendar")
	}
	for part := range slices.Chunk(changed, 2) {
		if left--; left == 0 {
			return errDown
		}
		if err := yield(syncer.Batch{Calendar: c, Objects: part}); err != nil {
			return err
		}
	}
	c.SyncToken = "t"
	return yield(syncer.Batch{Calendar: c, Deleted: deleted, Last: true})
}

// chat records what is posted and answers as it is told.
type chat struct {
	mu     sync.Mutex
	got    []post
	script []calbell.Try // answers of the next posts; then accepted
	hang   map[calbell.WebhookID]time.Duration
	down   map[calbell.WebhookID]calbell.Try // the answer of one webhook, until it is removed
}

type post struct {
	at   time.Time
	hook calbell.WebhookID
	msg  calbell.Message
	try  calbell.Try
}

// Send implements dispatch.Sender.
func (c *chat) Send(ctx context.Context, w calbell.Webhook, m calbell.Message, now time.Time) calbell.Try {
	c.mu.Lock()
	try := calbell.Try{Verdict: calbell.Accepted, Status: 200, Answer: "ok"}
	if len(c.script) > 0 {
		try, c.script = c.script[0], c.script[1:]
	}
	if down, is := c.down[w.ID]; is {
		try = down
	}
	try.At = now
	c.got = append(c.got, post{now, w.ID, m, try})
	hang := c.hang[w.ID]
	c.mu.Unlock()
	select {
	case <-time.After(hang):
	case <-ctx.Done():
		try = calbell.Try{At: now, Verdict: calbell.Unknown, Error: calbell.Plain(ctx.Err().Error())}
	}
	try.Took = time.Since(now)
	return try
}

// slow makes a webhook take so long for its answers from now on.
func (c *chat) slow(id calbell.WebhookID, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hang = map[calbell.WebhookID]time.Duration{id: d}
}

func (c *chat) answer(tries ...calbell.Try) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.script = append(c.script, tries...)
}

func (c *chat) posts() []post {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.got)
}

// lines are the posts as "15m0s text", those that were not accepted with their verdict.
func (c *chat) lines() []string {
	var lines []string
	for _, p := range c.posts() {
		line := fmt.Sprintf("%v %s", p.at.Sub(epoch), strings.ReplaceAll(p.msg.Text, "\n", " / "))
		if p.try.Verdict != calbell.Accepted {
			line += " [" + string(p.try.Verdict) + "]"
		}
		lines = append(lines, line)
	}
	return lines
}

var errDown = &calbell.Error{Kind: calbell.KindUnreachable, What: calbell.Plain("reach dav.example.org"), Err: errors.New("connection refused")}

// syncOnly asks for one calendar of an account.
func syncOnly(a calbell.Account, id calbell.CalendarID) calbell.SyncRequest {
	return calbell.SyncRequest{Account: a, Only: []calbell.CalendarID{id}, Now: true}
}
