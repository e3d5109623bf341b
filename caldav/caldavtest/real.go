package caldavtest

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	// startTimeout is how long a real server may take until it answers: both are Python
	// programs, and the machine may be busy.
	startTimeout = 60 * time.Second
	// pollEvery is how often a starting server is asked whether it answers.
	pollEvery = 50 * time.Millisecond
	// maxHangUps is how often a server may end a connection before it answers.
	maxHangUps = 5
)

// TB is what of *testing.T this package needs. It is not imported, because the demo's
// program should not carry the testing package.
type TB interface {
	Helper()
	Context() context.Context
	TempDir() string
	Cleanup(func())
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Fatal(args ...any)
	Skip(args ...any)
}

// Real is a running CalDAV server of somebody else's, in a process of its own. It ends
// with its test.
type Real struct {
	// URL is its root, with a slash at the end.
	URL string
	// User and Password sign in; both are "" when the server asks for none.
	User, Password string

	process
	under []running // what runs while the server does, in the order of their starts
	home  string    // URL of the collection in which AddCalendar makes calendars
	data  string    // folder of all that it keeps
	// other is a second person, and share lets the first one read a calendar of theirs; nil where the
	// server knows one person alone.
	other *person
	share func(ctx context.Context, url string) error
	// repeats, seconds, overwrites and lacks: see [Site].
	repeats, seconds, overwrites bool
	lacks                        map[string]string
	// unnamed: what it makes gets its name later.
	unnamed bool
}

// running is a program that a server needs.
type running interface {
	// begin starts it unless it runs already, and waits until it answers.
	begin(context.Context) error
	stop()
}

// person is a second user of a server.
type person struct {
	credentials
	home      string // URL of the collection in which their calendars are
	seen      string // where the first person sees a calendar of theirs, up to its name; "" = there too
	calendars int    // how many they have been given
}

// StartRadicale starts Radicale on a free loopback port, with its data in a temporary
// folder and the user alice. A missing program fails the test: install Debian's radicale.
func StartRadicale(t TB) *Real {
	t.Helper()
	dir := t.TempDir()
	address := freeAddress(t)
	r := &Real{URL: "http://" + address + "/", User: "alice", Password: "open-sesame"}
	users := filepath.Join(dir, "users")
	writeFile(t, users, r.User+":"+r.Password+"\n")
	conf := filepath.Join(dir, "config")
	writeFile(t, conf, strings.Join([]string{
		"[server]", "hosts = " + address,
		"[auth]", "type = htpasswd", "htpasswd_filename = " + users, "htpasswd_encryption = plain", "delay = 0",
		"[storage]", "filesystem_folder = " + filepath.Join(dir, "collections"),
		"[logging]", "level = warning", "",
	}, "\n"))
	r.program, r.args = "radicale", []string{"--config", conf}
	r.lacks = map[string]string{"shared": "Radicale shows people their own calendars alone"}
	r.home, r.data = r.URL+"alice/", filepath.Join(dir, "collections")
	r.begin(t)
	return r
}

// StartXandikos starts Xandikos on a free loopback port, with its data in a temporary
// folder. It asks for no sign-in. A missing program fails the test: install Debian's
// xandikos.
func StartXandikos(t TB) *Real {
	t.Helper()
	address := freeAddress(t)
	host, port, _ := net.SplitHostPort(address)
	r := &Real{URL: "http://" + address + "/"}
	r.program = "xandikos"
	r.lacks = map[string]string{
		"moved":   "Xandikos does not know MOVE: it answers 405",
		"removed": "Xandikos answers at the address of a deleted calendar, as an empty one",
		"shared":  "Xandikos knows no users: whoever reaches it is the same person",
	}
	r.home, r.data = r.URL+"user/calendars/", filepath.Join(t.TempDir(), "data")
	r.args = []string{"--defaults", "-l", host, "-p", port, "-d", r.data}
	r.begin(t)
	return r
}

func freeAddress(t TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	defer l.Close()
	return l.Addr().String()
}

func writeFile(t TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// begin starts the server, waits until it answers, and sees to its end.
func (r *Real) begin(t TB) {
	t.Helper()
	if _, err := exec.LookPath(r.program); err != nil {
		t.Fatalf("%s is not installed, and this test needs it: apt-get install -y %s", r.program, r.program)
	}
	t.Cleanup(r.Stop)
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Start starts the server again after a Stop, on the same port with the same data, and
// returns when it answers.
func (r *Real) Start(ctx context.Context) error {
	for _, u := range r.under {
		if err := u.begin(ctx); err != nil {
			return err
		}
	}
	if err := r.start(); err != nil {
		return err
	}
	return r.ready(ctx)
}

// ready waits until the server answers anything at all.
func (r *Real) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodOptions, r.URL, nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			return nil
		}
		select {
		case <-tick.C:
		case <-r.ended:
			return fmt.Errorf("start %s: it ended at once: %s", r.program, r.output)
		case <-ctx.Done():
			return fmt.Errorf("start %s: no answer within %v", r.program, startTimeout)
		}
	}
}

// Stop ends the server and waits for its end. A stopped one is stopped already.
func (r *Real) Stop() {
	r.stop()
	for _, u := range slices.Backward(r.under) {
		u.stop()
	}
}

// Keep makes a backup of all that the server holds, which stands still meanwhile.
func (r *Real) Keep(ctx context.Context) error { return r.copy(ctx, r.data, r.data+".kept") }

// Restore puts the last backup in the place of what the server holds.
func (r *Real) Restore(ctx context.Context) error { return r.copy(ctx, r.data+".kept", r.data) }

// copy replaces a folder by a copy of another one while the server is stopped.
func (r *Real) copy(ctx context.Context, from, to string) error {
	r.Stop()
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "cp", "-a", from, to).CombinedOutput(); err != nil {
		return fmt.Errorf("copy the server's data: %w: %s", err, out)
	}
	return r.Start(ctx)
}

// AddCalendar makes a calendar with a displayname under the user's home set, and returns
// its URL.
func (r *Real) AddCalendar(ctx context.Context, path, name string) (string, error) {
	url := r.home + path + "/"
	err := r.Do(ctx, "MKCOL", url, "application/xml; charset=utf-8", mkcolBody(name))
	if err == nil && r.unnamed {
		err = r.Rename(ctx, url, name)
	}
	return url, err
}

// mkcolBody makes a calendar (RFC 5689), which some servers know and MKCALENDAR not.
func mkcolBody(name string) string {
	const body = `<?xml version="1.0" encoding="utf-8"?>
<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:resourcetype><D:collection/><C:calendar/></D:resourcetype><D:displayname>%s</D:displayname>
</D:prop></D:set></D:mkcol>`
	return fmt.Sprintf(body, html.EscapeString(name))
}

// Rename gives a calendar another displayname.
func (r *Real) Rename(ctx context.Context, url, name string) error {
	const body = `<?xml version="1.0" encoding="utf-8"?>
<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>%s</D:displayname></D:prop></D:set></D:propertyupdate>`
	return r.Do(ctx, "PROPPATCH", url, "application/xml; charset=utf-8", fmt.Sprintf(body, html.EscapeString(name)))
}

// Move moves an object from one URL to another.
func (r *Real) Move(ctx context.Context, from, to string) error {
	return do(ctx, credentials{r.User, r.Password}, "MOVE", from, "", "", "Destination", to)
}

// Put stores a text under a URL.
func (r *Real) Put(ctx context.Context, url string, text []byte) error {
	return r.Do(ctx, http.MethodPut, url, "text/calendar; charset=utf-8", string(text))
}

// Delete removes what is under a URL.
func (r *Real) Delete(ctx context.Context, url string) error {
	return r.Do(ctx, http.MethodDelete, url, "", "")
}

// Do makes one request, signed in; a status other than 2xx is an error.
func (r *Real) Do(ctx context.Context, method, url, contentType, body string) error {
	return do(ctx, credentials{r.User, r.Password}, method, url, contentType, body)
}

type credentials struct{ user, password string }

// do makes a request, with header fields in pairs. It makes it once more where the server hangs up,
// as SOGo does while all of its workers are busy.
func do(ctx context.Context, c credentials, method, url, contentType, body string, header ...string) error {
	err := once(ctx, c, method, url, contentType, body, header...)
	for range maxHangUps {
		if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
			return err
		}
		err = once(ctx, c, method, url, contentType, body, header...)
	}
	return err
}

func once(ctx context.Context, c credentials, method, url, contentType, body string, header ...string) error {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	if c.user != "" {
		req.SetBasicAuth(c.user, c.password)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, url, resp.Status, answer)
	}
	return nil
}
