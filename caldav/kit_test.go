package caldav_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
)

const (
	user     = "alice"
	password = "canary-7f3a91"
)

// script stands between the client and the server in memory, and may answer in its place.
// It returns false to let the server answer.
type script func(w http.ResponseWriter, r *http.Request) bool

// bench is a client before a server that can be made to fail, and what the client stored.
type bench struct {
	*testing.T
	server *caldavtest.Server
	web    *httptest.Server
	client *caldav.Client
	cal    calbell.Calendar
	stored map[calbell.Href]calbell.Object
	plain  bool

	mu       sync.Mutex
	script   script
	requests []string
}

// newBench starts a server with the calendar team, which is at path /alice/calendars/team/.
func newBench(t *testing.T, o caldavtest.Options) *bench {
	t.Helper()
	b := &bench{T: t, server: caldavtest.New(o), plain: o.Plain, stored: map[calbell.Href]calbell.Object{}}
	b.server.AddUser(user, password)
	b.server.AddCalendar(user, caldavtest.Calendar{Path: "team", Name: "Team", Color: "#1E88E5FF", TimeZone: "Europe/Zurich"})
	b.web = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.web.Close)
	b.client = b.newClient(caldav.Options{Batch: 4})
	b.cal = calbell.Calendar{ID: "team", Account: "home", URL: b.web.URL + "/alice/calendars/team/", Name: "Team"}
	return b
}

func (b *bench) newClient(o caldav.Options) *caldav.Client {
	b.Helper()
	return newClient(b.T, b.web.URL, o)
}

func newClient(t *testing.T, url string, o caldav.Options) *caldav.Client {
	t.Helper()
	c, err := caldav.New(calbell.Account{Name: "home", URL: url, Username: user, Password: password}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdle)
	return c
}

func (b *bench) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.requests = append(b.requests, r.Method+" "+r.URL.EscapedPath())
	play := b.script
	b.mu.Unlock()
	if play == nil || !play(w, r) {
		b.server.ServeHTTP(w, r)
	}
}

func (b *bench) play(s script) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.script = s
}

// asked returns the requests since the last call.
func (b *bench) asked() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.requests
	b.requests = nil
	return out
}

// fill puts n events, event-0.ics and so on.
func (b *bench) fill(n int) {
	for i := range n {
		b.put(fmt.Sprintf("event-%d.ics", i), fmt.Sprintf("Event %d", i))
	}
}

func (b *bench) put(name, summary string) {
	b.server.Put(user, "team", name, []byte(caldavtest.Event(name+"@example.org", summary, "")))
}

// try syncs, and stores what is handed over before an error, too.
func (b *bench) try() (last bool, err error) {
	b.Helper()
	err = b.client.Changes(b.Context(), b.cal, b.etags, func(batch caldav.Batch) error {
		b.store(batch)
		last = batch.Last
		return nil
	})
	if err != nil && strings.Contains(fmt.Sprintf("%+v %s", err, calbell.HintOf(err)), password) {
		b.Errorf("the password is in %v", err)
	}
	if (err == nil) != last {
		b.Errorf("last batch: %v, and error %v", last, err)
	}
	return last, err
}

func (b *bench) store(batch caldav.Batch) {
	for _, o := range batch.Objects {
		if !o.Problem.IsZero() {
			o.Raw = b.stored[o.Href].Raw
		}
		b.stored[o.Href] = o
	}
	for _, h := range batch.Deleted {
		delete(b.stored, h)
	}
	b.cal = batch.Calendar
}

func (b *bench) etags() (map[calbell.Href]calbell.ETag, error) {
	out := map[calbell.Href]calbell.ETag{}
	for h, o := range b.stored {
		out[h] = o.ETag
	}
	return out, nil
}

func (b *bench) sync() {
	b.Helper()
	if _, err := b.try(); err != nil {
		b.Fatalf("sync: %v", err)
	}
}

// names returns the names of what is stored, those with a problem marked.
func (b *bench) names() string {
	var out []string
	for _, h := range slices.Sorted(maps.Keys(b.stored)) {
		name := strings.TrimSuffix(string(h[strings.LastIndexByte(string(h), '/')+1:]), ".ics")
		if !b.stored[h].Problem.IsZero() {
			name += "!"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

// same fails unless what is stored is what the server has, byte for byte; go-webdav alone
// writes texts anew, so that only the title can be compared.
func (b *bench) same() {
	b.Helper()
	names := b.server.Names(user, "team")
	if len(names) != len(b.stored) {
		b.Errorf("%d stored, and %d on the server", len(b.stored), len(names))
	}
	for _, name := range names {
		raw, _ := b.server.Raw(user, "team", name)
		got := string(b.stored[calbell.Href("/alice/calendars/team/"+name)].Raw)
		want := string(raw)
		if b.plain {
			got, want = title(got), title(want)
		}
		if got != want {
			b.Errorf("%s: stored %q, on the server %q", name, title(got), title(want))
		}
	}
}

// title returns the SUMMARY line of a text.
func title(text string) string {
	_, rest, _ := strings.Cut(text, "SUMMARY:")
	line, _, _ := strings.Cut(rest, "\r\n")
	return line
}

// refuse answers requests of a method, and of a body that contains part, with a status.
func refuse(method, part string, status int) script {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != method || !strings.Contains(peek(r), part) {
			return false
		}
		http.Error(w, "no", status)
		return true
	}
}
