package chaos

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// bombs are answers of calendar servers that are small on the way and large behind it: what
// each repeats after its head.
func bombs() map[string][2]string {
	const open = `<multistatus xmlns="DAV:"><response><href>/x</href><propstat><prop>`
	return map[string][2]string{
		"attributes":  {open + "<a", ` b=""`},
		"namespaces":  {open + "<a", ` xmlns:b="c"`},
		"text":        {open + "<displayname>", "x"},
		"cdata":       {open + "<displayname><![CDATA[", "x"},
		"comment":     {open + "<!--", "x"},
		"instruction": {open + "<?a ", "x"},
		"elements":    {open, "<a/>"},
		"responses":   {`<multistatus xmlns="DAV:">`, "<response><href>/x</href></response>"},
		"deep":        {open, "<a>"},
		"calendars": {`<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">`, `<response><href>/x</href><propstat><prop><resourcetype><collection/><C:calendar/>` +
			strings.Repeat("<b/>", 2000) + `</resourcetype></prop></propstat></response>`},
	}
}

// feedBombs are the same as calendar files.
func feedBombs() map[string][2]string {
	return map[string][2]string{
		"line":   {"BEGIN:VCALENDAR\r\nX:", "x"},
		"head":   {"BEGIN:VCALENDAR\r\n", "PRODID:" + strings.Repeat("x", 900) + "\r\n"},
		"events": {"BEGIN:VCALENDAR\r\n", "BEGIN:VEVENT\nEND:VEVENT\n"},
	}
}

// zipped returns size bytes of a bomb, compressed.
func zipped(t testing.TB, parts [2]string, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	piece := []byte(strings.Repeat(parts[1], max(1, (1<<16)/len(parts[1]))))
	_, _ = io.WriteString(z, parts[0])
	for left := size; left > 0; left -= len(piece) {
		_, _ = z.Write(piece)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomber answers every question below /NAME/ with the bomb of that name.
func bomber(t testing.TB, size int) *httptest.Server {
	t.Helper()
	all := map[string][]byte{}
	for name, parts := range bombs() {
		all[name] = zipped(t, parts, size)
	}
	for name, parts := range feedBombs() {
		all[name+".ics"] = zipped(t, parts, size)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.Trim(r.URL.Path, "/")
		if _, ok := all[name]; !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		if strings.HasSuffix(name, ".ics") {
			w.Header().Set("Content-Type", "text/calendar")
		} else {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusMultiStatus)
		}
		_, _ = w.Write(all[name])
	}))
	t.Cleanup(s.Close)
	return s
}

// member is a user of the page, by a token.
type member struct {
	t     testing.TB
	page  string
	token string
}

var pageAddress = regexp.MustCompile(`msg="the page's address" listen=(\S+)`)

// member makes a user and a token.
func (w *world) member(name string) *member {
	w.t.Helper()
	w.write("password", "a password that is long enough")
	if a := w.run("user", "add", name, "--password-file", w.dir+"/password"); a.code != 0 {
		w.t.Fatalf("user add: %s%s", a.out, a.err)
	}
	a := w.run("token", "create", "chaos", "--user", name, "--scope", "write", "-o", "json")
	var made struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal([]byte(a.out), &made); err != nil || made.Text == "" {
		w.t.Fatalf("token create: %v\n%s%s", err, a.out, a.err)
	}
	found := pageAddress.FindStringSubmatch(w.daemon.log.String())
	if found == nil {
		w.t.Fatalf("the daemon does not say where its page is:\n%s", w.daemon.log)
	}
	return &member{t: w.t, page: "http://" + found[1], token: made.Text}
}

// post asks the API, and returns the status and the beginning of the answer.
func (m *member) post(path string, body any) (int, string) {
	m.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		m.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(m.t.Context(), http.MethodPost, m.page+"/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		m.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+m.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
	return resp.StatusCode, string(answer)
}

// caged starts the daemon in a cage and waits until it is ready.
func (w *world) caged(c *cage) {
	w.t.Helper()
	w.runs++
	w.chat.begin()
	name, args := c.command(program(w.t), "serve", "-c", "config.yaml")
	w.daemon = start(w.t, w.dir, name, args...)
	w.ready()
}

// fits wants the daemon to have kept some room below the limit.
func (w *world) fits(c *cage, what string) {
	w.t.Helper()
	select {
	case <-w.daemon.ended:
		w.t.Fatalf("%s: the daemon ended (%v):\n%s", what, w.daemon.err, w.daemon.log)
	default:
	}
	most := peak(w.t, w.daemon.cmd.Process.Pid)
	w.t.Logf("%s: %d MB at most, of %d (cgroup: %v)", what, most>>20, c.limit>>20, c.dir != "")
	if most > c.limit*8/10 {
		w.t.Errorf("%s: %d MB, which leaves no room below %d", what, most>>20, c.limit>>20)
	}
}

// What members may ask for and store fits into the unit's own MemoryMax: hostile answers, many at
// once, by search and by sync; and as many templates as are taken, over restarts. The reminders of
// others come meanwhile.
func TestMemoryOfTheUnit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	c := newCage(t, memoryMax(t))
	w.caged(c)
	w.sync()
	w.lay(size(8, 60), size(2, 1))
	w.sync()
	server := bomber(t, size(8, 62)<<20)
	members := make([]*member, size(2, 4))
	for i := range members {
		members[i] = w.member(fmt.Sprintf("m%d", i))
	}
	w.search(server.URL, members)
	w.fits(c, "searches")
	w.connect(server.URL, members)
	w.fits(c, "syncs")
	w.store(members)
	w.fits(c, "templates")
	v := w.finishCaged(c)
	t.Logf("reminders of others: %d, the latest %v late", v.Planned, v.Latest.Round(time.Millisecond))
	if v.Lost > 0 || v.Early > 0 {
		t.Errorf("reminders of others: %+v", v)
	}
}

// search has each member search twice at a time through all bombs.
func (w *world) search(server string, members []*member) {
	w.t.Helper()
	var all sync.WaitGroup
	for i, m := range members {
		for half := range 2 {
			all.Go(func() {
				names := slices.Sorted(maps.Keys(bombs()))
				for j, name := range names {
					if j%2 != half {
						continue
					}
					body := map[string]any{"name": fmt.Sprintf("a%d", i), "url": server + "/" + name + "/", "username": "x", "password": "x"}
					status, text := m.post("/accounts/discover", body)
					if status != http.StatusOK || !strings.Contains(text, `"probes"`) {
						w.t.Errorf("search of %s: %d %s", name, status, text)
					}
				}
			})
		}
	}
	all.Wait()
}

// connect has each member store accounts of bombs, and waits for their syncs.
func (w *world) connect(server string, members []*member) {
	w.t.Helper()
	for i, m := range members {
		for name := range feedBombs() {
			body := map[string]any{"name": fmt.Sprintf("m%d %s", i, name), "url": server + "/" + name + ".ics"}
			if status, text := m.post("/accounts", body); status != http.StatusCreated {
				w.t.Errorf("account of %s: %d %s", name, status, text)
			}
		}
		for _, name := range []string{"attributes", "calendars"} {
			body := map[string]any{"name": fmt.Sprintf("m%d %s", i, name), "url": server + "/" + name + "/", "username": "x", "password": "x"}
			if status, text := m.post("/accounts", body); status != http.StatusCreated {
				w.t.Errorf("account of %s: %d %s", name, status, text)
			}
		}
	}
	var all sync.WaitGroup
	for _, m := range members {
		all.Go(func() {
			if status, text := m.post("/sync?wait=true", nil); status != http.StatusOK {
				w.t.Errorf("sync: %d %s", status, text)
			}
		})
	}
	all.Wait()
}

// store has each member store webhooks until they are refused.
func (w *world) store(members []*member) {
	w.t.Helper()
	for i, m := range members {
		for n := 0; ; n++ {
			// %subject% is the shortest text that becomes the most when it is compiled.
			body := map[string]any{"name": fmt.Sprintf("w%d", n), "kind": "json", "url": w.chat.server.URL + "/x", "payload": map[string]string{}}
			for key := range 4 {
				body["payload"].(map[string]string)[fmt.Sprint(key)] = strings.Repeat("%subject%", 6500)
			}
			status, text := m.post("/webhooks", body)
			if status == http.StatusUnprocessableEntity && strings.Contains(text, "one user may store") {
				break
			}
			if status != http.StatusCreated || n > 20 {
				w.t.Fatalf("webhook %d of member %d: %d %s", n, i, status, text)
			}
		}
	}
}

// finishCaged ends the test as finish does, with some starts in the cage before that.
func (w *world) finishCaged(c *cage) verdict {
	w.t.Helper()
	for range size(1, 4) {
		w.stop()
		w.caged(c)
		w.fits(c, "a start")
	}
	w.arrived(patience)
	w.settledMine()
	w.fits(c, "the end")
	w.stop()
	w.checkStore()
	return judge(w.plan, w.chat.seen())
}

// settledMine waits until the plan has been posted: other deliveries may wait.
func (w *world) settledMine() {
	w.t.Helper()
	for end := time.Now().Add(patience); ; w.wait(100 * time.Millisecond) {
		if s := w.states(); s["sent"] >= len(w.plan) {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("after %v not all were sent: %v", patience, w.states())
		}
	}
}
