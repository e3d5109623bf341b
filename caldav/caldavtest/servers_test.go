package caldavtest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
)

func memory(o caldavtest.Options, level calbell.SyncLevel) func(*testing.T) caldavtest.Site {
	return func(t *testing.T) caldavtest.Site {
		s := caldavtest.New(o)
		if err := s.Start(""); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		s.AddUser("alice", "open-sesame")
		s.AddCalendar("alice", caldavtest.Calendar{Path: "team", Name: "Team", Color: "#1e88e5"})
		s.AddCalendar("alice", caldavtest.Calendar{Path: "other", Name: "Other"})
		site := caldavtest.Site{
			Account:  calbell.Account{Name: "home", URL: s.URL(), Username: "alice", Password: "open-sesame"},
			Calendar: s.CalendarURL("alice", "team"), Other: s.CalendarURL("alice", "other"), Name: "Team", Level: level,
		}
		site.Lacks = map[string]string{
			"restored": "the server in memory keeps nothing: TestRestored plays it",
			"moved":    "the server in memory does not know MOVE",
			"shared":   "the ways of sharing are played by the tests of package caldav",
		}
		site.Remove = func() { s.RemoveCalendar("alice", "team") }
		site.Rename = func(name string) { s.AddCalendar("alice", caldavtest.Calendar{Path: "team", Name: name}) }
		if !o.Plain {
			site.Broken = func(name, text string) { s.Put("alice", "team", name, []byte(text)) }
		}
		return site
	}
}

func TestMemory(t *testing.T) {
	caldavtest.Run(t, memory(caldavtest.Options{}, calbell.LevelToken))
}

func TestMemoryInPages(t *testing.T) {
	caldavtest.Run(t, memory(caldavtest.Options{PageSize: 3}, calbell.LevelToken))
}

func TestMemoryWithoutReport(t *testing.T) {
	caldavtest.Run(t, memory(caldavtest.Options{NoReport: true}, calbell.LevelCTag))
}

// TestPlain runs over go-webdav's server as it is.
func TestPlain(t *testing.T) {
	caldavtest.Run(t, memory(caldavtest.Options{Plain: true}, calbell.LevelList))
}

// site gives each test calendars of its own on one running server: starting one costs
// seconds. SOGo takes a name once.
func site(r *caldavtest.Real, level calbell.SyncLevel) func(*testing.T) caldavtest.Site {
	n := 0
	return func(t *testing.T) caldavtest.Site {
		n++
		add := func(path, name string) string {
			url, err := r.AddCalendar(t.Context(), fmt.Sprintf("%s%d", path, n), fmt.Sprintf("%s %d", name, n))
			if err != nil {
				t.Fatal(err)
			}
			return url
		}
		return r.SiteOf(t, fmt.Sprintf("Team %d", n), add("team", "Team"), add("other", "Other"), level)
	}
}

func TestRadicale(t *testing.T) {
	caldavtest.Run(t, site(caldavtest.StartRadicale(t), calbell.LevelToken))
}

func TestXandikos(t *testing.T) {
	caldavtest.Run(t, site(caldavtest.StartXandikos(t), calbell.LevelToken))
}

// TestCyrus needs root and three packages, so that it does not run everywhere.
func TestCyrus(t *testing.T) {
	if why := caldavtest.CyrusMissing(); why != "" {
		t.Skip(why)
	}
	caldavtest.Run(t, site(caldavtest.StartCyrus(t), calbell.LevelToken))
}

// The servers below need packages that not every machine should have, and half a minute each.

func TestDAViCal(t *testing.T) {
	asked(t)
	onServer(t, site(caldavtest.StartDAViCal(t), calbell.LevelToken))
}

// TestSabreDAV runs over a version that has no reports of changes.
func TestSabreDAV(t *testing.T) {
	asked(t)
	onServer(t, site(caldavtest.StartSabreDAV(t), calbell.LevelCTag))
}

func TestSOGo(t *testing.T) {
	asked(t)
	onServer(t, site(caldavtest.StartSOGo(t), calbell.LevelToken))
}

// asked skips a test unless it is asked for.
func asked(t *testing.T) {
	t.Helper()
	if os.Getenv("CALBELL_TEST_SERVERS") == "" {
		t.Skip("run it by: make test-servers")
	}
}

// onServer runs the suite, and what is written back into events, over one running server.
func onServer(t *testing.T, start func(*testing.T) caldavtest.Site) {
	caldavtest.Run(t, start)
	t.Run("write back", func(t *testing.T) { writeBack(t, start(t)) })
}

// TestOutage: a server that goes away and comes back costs nothing but the wait.
func TestOutage(t *testing.T) {
	r := caldavtest.StartRadicale(t)
	url, err := r.AddCalendar(t.Context(), "team", "Team")
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string) {
		t.Helper()
		if err := r.Put(t.Context(), url+name+".ics", []byte(caldavtest.Event(name+"@example.org", name, ""))); err != nil {
			t.Fatal(err)
		}
	}
	put("a")
	a := newAccount(t, calbell.Account{Name: "home", URL: r.URL, Username: r.User, Password: calbell.Secret(r.Password)}, url)
	a.sync(t)
	r.Stop()
	err = a.client.Changes(t.Context(), a.cal, nil, func(caldav.Batch) error {
		t.Error("a batch from a server that is down")
		return nil
	})
	if calbell.KindOf(err) != calbell.KindUnreachable {
		t.Errorf("kind %d: %v", calbell.KindOf(err), err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	put("b")
	if err := r.Delete(t.Context(), url+"a.ics"); err != nil {
		t.Fatal(err)
	}
	a.sync(t)
	if len(a.stored) != 1 {
		t.Errorf("stored %v", a.stored)
	}
}

// TestMissingProgram: a server that is not installed fails its test, and says what to do.
func TestMissingProgram(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for name, start := range map[string]func(caldavtest.TB) *caldavtest.Real{"radicale": caldavtest.StartRadicale, "xandikos": caldavtest.StartXandikos} {
		f := &failing{T: t}
		func() {
			defer func() { _ = recover() }()
			start(f)
		}()
		if want := "apt-get install -y " + name; !strings.Contains(f.said, want) {
			t.Errorf("it says %q", f.said)
		}
	}
}

// failing is a test that may fail.
type failing struct {
	*testing.T
	said string
}

func (f *failing) Fatalf(format string, args ...any) {
	f.said = fmt.Sprintf(format, args...)
	panic(f.said) // Fatalf does not return
}
