package caldav

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"calbell/caldav/dav"
	"calbell/caldav/transport"

	"calbell"
)

func TestNew(t *testing.T) {
	tests := []struct{ url, want string }{
		{"https://cloud.example.org", ""},
		{"http://127.0.0.1:5232/", ""},
		{"https://cloud.example.org/remote.php/dav/#x", ""},
		{"cloud.example.org", ""},
		{"cloud.example.org/dav/", ""},
		{"localhost:5232", ""},
		{"alice@example.org", ""},
		{"mailto:alice@example.org", ""},
		{"webcal://example.org/team.ics", ""},
		{"file:///srv/team.ics", ""},
		{"file://server/team.ics", "file:///"},
		{"alice@", "neither"},
		{"@example.org", "neither"},
		{"alice@bob@example.org", "neither"},
		{"alice@127.0.0.1", "neither"},
		{"alice:hunter2@example.org", "must not hold"},
		{"webcal://alice:hunter2@example.org/x", "must not hold"},
		{"ftp://cloud.example.org/", "https://"},
		{"https:///dav", "https://"},
		{"", "https://"},
		{"https://anna:hunter2@cloud.example.org/", "must not hold"},
		{"https://anna:hunter2@cloud.example.org:port/", "cannot be read"},
	}
	for _, tt := range tests {
		c, err := New(calbell.Account{Name: "home", URL: tt.url}, Options{})
		if tt.want == "" {
			if err != nil || c == nil {
				t.Errorf("%s: %v", tt.url, err)
			}
			continue
		}
		if calbell.KindOf(err) != calbell.KindConfig || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", tt.url, err)
		}
	}
}

func TestOptionsDefaults(t *testing.T) {
	o := Options{}.withDefaults()
	if o.Timeout != DefaultTimeout || o.MaxBytes != calbell.MaxDAVBytes || o.Batch != DefaultBatch || o.UserAgent == "" || o.Resolver == nil {
		t.Errorf("%+v", o)
	}
	if o = (Options{Batch: 1_000_000, Timeout: -1}).withDefaults(); o.Batch != maxBatch || o.Timeout != DefaultTimeout {
		t.Errorf("%+v", o)
	}
}

func TestExplain(t *testing.T) {
	c, err := New(calbell.Account{Name: "home", URL: "https://cloud.example.org/", Username: "anna", Password: "hunter2"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	const host = "cloud.example.org"
	cause := errors.New("connection refused")
	dial := &transport.LostError{Host: host, Err: &net.OpError{Op: "dial", Net: "tcp", Err: cause}}
	tests := []struct {
		name string
		err  error
		kind calbell.ErrorKind
		want string
		hint string
	}{
		{"sign-in", &transport.StatusError{Method: "REPORT", Host: host, Status: 401}, calbell.KindRefused, `calendar "Team": sign-in refused (401) by cloud.example.org as "anna"`, "Nextcloud"},
		{"forbidden", &transport.StatusError{Host: host, Status: 403}, calbell.KindRefused, `refused (403) by cloud.example.org as "anna"`, "app password"},
		{"elsewhere", &transport.StatusError{Host: "b.example.org", Status: 401, Elsewhere: true}, calbell.KindRefused, "redirected to b.example.org", "b.example.org"},
		{"gone", &transport.StatusError{Host: host, Status: 404}, calbell.KindFailed, "not found at cloud.example.org", "renamed"},
		{"wait", &transport.StatusError{Host: host, Status: 429, RetryAfter: time.Minute}, calbell.KindFailed, "asks to wait 1m0s", ""},
		{"broken", &transport.StatusError{Method: "PROPFIND", Host: host, Status: 500, Condition: "x"}, calbell.KindFailed, "PROPFIND was answered 500 Internal Server Error (x)", ""},
		{"dial", dial, calbell.KindUnreachable, "cannot reach cloud.example.org: connection refused", "reach it"},
		{"reset", &transport.LostError{Host: host, Err: &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}}, calbell.KindUnreachable, "cannot reach cloud.example.org: connection reset by peer", "reach it"},
		{"proxy", &transport.LostError{Host: host, Err: &net.OpError{Op: "proxyconnect", Net: "tcp", Err: &net.OpError{Op: "dial", Net: "tcp", Err: cause}}}, calbell.KindUnreachable, "cannot reach cloud.example.org: proxyconnect tcp: dial tcp: connection refused", "reach it"},
		{"cancelled", &transport.LostError{Host: host, Err: context.Canceled}, calbell.KindFailed, "canceled", ""},
		{"nonsense", &transport.AnswerError{Why: calbell.Plain("nonsense")}, calbell.KindFailed, `calendar "Team": nonsense`, ""},
		{"told", &calbell.Error{Kind: calbell.KindConfig, What: calbell.Plain("told")}, calbell.KindConfig, "told", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := c.explain(calbell.Plain(`calendar "Team"`), tt.err)
			if calbell.KindOf(got) != tt.kind || !strings.Contains(got.Error(), tt.want) || !strings.Contains(calbell.HintOf(got).English, tt.hint) {
				t.Errorf("kind %d, %v, hint %q", calbell.KindOf(got), got, calbell.HintOf(got))
			}
			var told *calbell.Error
			switch tt.name { // the line names the host already, so that the address is dropped
			case "dial", "proxy":
				tt.err = cause
			case "reset":
				tt.err = syscall.ECONNRESET
			}
			if tt.name != "told" && (!errors.As(got, &told) || !errors.Is(got, tt.err)) {
				t.Errorf("the cause is lost")
			}
		})
	}
	if c.explain(calbell.Plain("x"), nil) != nil {
		t.Error("no error became one")
	}
}

func TestExplainWithoutUsername(t *testing.T) {
	c, err := New(calbell.Account{Name: "home", URL: "https://cal.example.org/"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := c.explain(calbell.Plain(`account "home"`), &transport.StatusError{Host: "cal.example.org", Status: 401})
	if calbell.KindOf(got) != calbell.KindRefused || !strings.Contains(got.Error(), "no username") || !strings.Contains(calbell.HintOf(got).English, "Give it a username") {
		t.Error(got, calbell.HintOf(got))
	}
}

func TestHintFor(t *testing.T) {
	tests := []struct{ url, want string }{
		{"https://sync.infomaniak.com/", "short sync login"},
		{"https://caldav.icloud.com/", "app-specific"},
		{"https://caldav.fastmail.com/dav/", "app password"},
		{"https://apidata.googleusercontent.com/caldav/v2/", "secret iCal"},
		{"https://example.org/remote.php/dav", "Nextcloud"},
		{"https://nextcloud.example.org/", "Nextcloud"},
		{"https://noticloud.com/", "two-factor"},
		{"http://127.0.0.1:5232/", "username and password"},
	}
	for _, tt := range tests {
		if got := hintFor(mustURL(t, tt.url)); !strings.Contains(got.English, tt.want) {
			t.Errorf("%s: %s", tt.url, got)
		}
	}
}

func TestColor(t *testing.T) {
	tests := []struct{ in, want string }{
		{"#1E88E5FF", "#1e88e5"},
		{"#1e88e5", "#1e88e5"},
		{" 1e88e5 ", "#1e88e5"},
		{"#abc", "#aabbcc"},
		{"", ""},
		{"red", ""},
		{"#12", ""},
		{"#1e88e5f", ""},
		{"#gggggg", ""},
		{"éé", ""},
		{"url(x)", ""},
	}
	for _, tt := range tests {
		if got := color(tt.in); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

// Addresses are as events write them: those of mail without "mailto:", and the others, which
// organizers have on some servers, as they are.
func TestCalendarAddress(t *testing.T) {
	tests := []struct {
		in, want string
		mail     bool
	}{
		{"mailto:anna@example.org", "anna@example.org", true},
		{"MAILTO:Anna%2Bx@example.org", "Anna+x@example.org", true},
		{" /principals/anna/ ", "/principals/anna/", false},
		{"mailto:", "", false},
		{"mailto:anna", "", false},
		{"urn:uuid:1@2", "urn:uuid:1@2", false},
	}
	for _, tt := range tests {
		if got, mail := calendarAddress(tt.in); got != tt.want || mail != tt.mail {
			t.Errorf("%s: got %q, %v", tt.in, got, mail)
		}
	}
}

func TestCalendarProperties(t *testing.T) {
	kids := func(name string, kids ...*dav.Node) *dav.Node { return &dav.Node{Name: name, Kids: kids} }
	comp := func(name string) *dav.Node { return &dav.Node{Name: "urn:ietf:params:xml:ns:caldav|comp", Attr: name} }
	for _, tt := range []struct {
		set  *dav.Node
		want bool
	}{
		{nil, true},
		{kids(pComponents), true},
		{kids(pComponents, comp("VEVENT")), true},
		{kids(pComponents, comp("vtodo")), true},
		{kids(pComponents, comp("VJOURNAL")), false},
		{kids(pComponents, comp("VJOURNAL"), comp("VTODO")), true},
	} {
		if got := holdsAlarms(tt.set); got != tt.want {
			t.Errorf("%+v: %v", tt.set, got)
		}
	}
	may := func(names ...string) *dav.Node {
		set := kids(pPrivileges)
		for _, n := range names {
			set.Kids = append(set.Kids, kids("DAV:|privilege", &dav.Node{Name: "DAV:|" + n}))
		}
		return set
	}
	for _, tt := range []struct {
		set  *dav.Node
		want bool
	}{
		{nil, false},
		{may(), false},
		{may("read"), true},
		{may("read", "read-acl"), true},
		{may("read", "write"), false},
		{may("all"), false},
		{may("write-content"), false},
		{may("read", "write-properties"), true},
	} {
		if got := readOnly(tt.set); got != tt.want {
			t.Errorf("%+v: %v", tt.set, got)
		}
	}
	u := mustURL(t, "https://cloud.example.org/cal/my%20team/")
	if got := calendarName("", u); got != "my team" {
		t.Errorf("name %q", got)
	}
	if got := calendarName("The\n  Team ", u); got != "The Team" {
		t.Errorf("name %q", got)
	}
}
