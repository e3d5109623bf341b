package arch

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// row says what one package may import beside the standard library.
type row struct {
	ours    []string // packages of this module; "" is the root
	modules []string // third-party modules
	pure    bool     // no clock: what needs "now" takes it as an argument
}

// table is the import table: arrows point down only. Test packages (caldavtest and the
// like) may import what they test; tests themselves are not looked at.
func table() map[string]row {
	words := []string{""}
	room := slices.Clip([]string{"", "store", "ical", "scheduler", "scheduler/plan"})
	return map[string]row{
		"": {modules: []string{"golang.org/x/text"}, pure: true},

		"ical":       {ours: []string{"", "ical/recur", "ical/syntax", "ical/zone"}, modules: []string{"github.com/emersion/go-ical"}, pure: true},
		"ical/recur": {ours: words, pure: true},
		"ical/zone":  {ours: []string{"", "ical/recur"}, pure: true}, // a VTIMEZONE's rules are RRULEs
		// Whoever edits an event finds its components where the reader does, and works out no instants.
		"ical/syntax": {ours: words, pure: true},
		"ical/edit":   {ours: []string{"", "ical/syntax"}, modules: []string{"github.com/emersion/go-ical"}, pure: true},
		"templates":   {ours: []string{"", "templates/dates", "templates/markup", "webhook/dialect"}, modules: []string{"golang.org/x/net"}, pure: true},
		// Days and times in words: for a reader, whatever text they stand in.
		"templates/dates": {ours: words, pure: true},
		// What a markup is and how it is written; a chat names the one that it reads.
		"templates/markup": {pure: true},
		"store":            {ours: words, pure: true},
		"caldav":           {ours: []string{"", "caldav/dav", "caldav/ics", "caldav/transport", "internal/failpoint", "internal/scheme"}},
		// Bodies of questions and answers, whoever carries them.
		"caldav/dav": {ours: words, pure: true},
		"caldav/ics": {ours: words, pure: true}, // a file that holds a calendar, taken apart
		// One request within its bounds, whatever it asks.
		"caldav/transport": {ours: []string{"", "caldav/dav", "internal/scheme"}, modules: []string{"github.com/icholy/digest"}},
		"webhook":          {ours: []string{"", "webhook/dialect", "internal/failpoint", "internal/scheme"}, modules: []string{"golang.org/x/net"}},
		// What a chat is, whoever reads, checks, writes or posts its messages asks here.
		"webhook/dialect": {ours: []string{"", "templates/markup"}, pure: true},
		"config":          {ours: []string{"", "config/yamltree", "webhook/dialect", "internal/rights"}, modules: []string{"github.com/spf13/viper"}},
		// A file that people write: where its values stand, and what of it may be shown.
		"config/yamltree": {ours: words, modules: []string{"github.com/goccy/go-yaml"}, pure: true},

		// What a second backend would share.
		"store/record":        {ours: []string{"", "store", "internal/durable"}},
		"store/bolt/file":     {ours: []string{"", "store/record", "internal/durable", "internal/failpoint"}, modules: []string{"go.etcd.io/bbolt"}},
		"store/bolt/sent":     {ours: []string{"", "store/record", "internal/durable", "internal/failpoint"}},
		"store/bolt/records":  {ours: []string{"", "store", "store/record", "store/bolt/file", "internal/failpoint"}},
		"store/bolt":          {ours: []string{"", "store", "store/record", "store/bolt/file", "store/bolt/records", "store/bolt/sent", "internal/durable", "internal/failpoint"}, modules: []string{"go.etcd.io/bbolt"}},
		"store/storetest":     {ours: []string{"", "store", "internal/filltest"}, modules: []string{"github.com/google/go-cmp"}},
		"caldav/caldavtest":   {ours: []string{"", "caldav"}, modules: []string{"github.com/emersion/go-webdav", "github.com/emersion/go-ical"}},
		"webhook/webhooktest": {ours: []string{"", "webhook"}},

		// The rooms of the scheduler: none but plan is known to the others.
		"scheduler":          {ours: words, modules: []string{"github.com/robfig/cron/v3"}}, // the timetable
		"scheduler/plan":     {ours: []string{"", "store", "ical", "ical/zone", "templates"}, pure: true},
		"scheduler/syncer":   {ours: append(room, "ical/edit")},
		"scheduler/dispatch": {ours: append(room, "templates", "webhook/dialect"), modules: []string{"golang.org/x/time"}},
		"scheduler/notices":  {ours: append(room, "ical/zone")},
		// What the service explains is what the engine does: it asks the same policy.
		"service": {
			ours: []string{"", "api/types", "store", "ical", "ical/edit", "ical/zone", "templates", "scheduler/plan", "service/authz", "service/eventindex", "service/passhash", "service/throttle", "webhook/dialect"},
		},

		// It is given how objects are read: the policy is the service's to ask.
		"service/authz":       {ours: []string{"", "store"}},
		"service/servicetest": {ours: []string{"", "api/types", "service", "service/authz", "store", "store/bolt", "store/record", "scheduler/plan"}},
		"service/eventindex":  {ours: []string{"", "store", "ical"}},
		"service/passhash":    {ours: words, modules: []string{"golang.org/x/crypto"}},
		"service/throttle":    {ours: words, modules: []string{"golang.org/x/time"}}, // limits know no rule

		// Who asks over HTTP: the page and the API stand behind one gate.
		"access": {ours: []string{"", "store"}, modules: []string{"github.com/alexedwards/scs/v2", "golang.org/x/net"}},

		// What goes over the wire: the service answers with it, and the client reads it.
		"api/types":  {ours: words, pure: true},
		"api":        {ours: []string{"", "api/types", "service"}, modules: []string{"github.com/danielgtaylor/huma/v2"}},
		"api/client": {ours: []string{"", "api/types"}},
		// What the demo's chat shows and what a preview shows is one picture: it is drawn there.
		"web":       {ours: []string{"", "api/types", "service", "templates/markup", "web/form", "web/words", "web/i18n", "web/chat", "webhook/dialect"}},
		"web/form":  {ours: []string{"", "web/words"}, pure: true},
		"web/words": {ours: []string{"", "api/types", "web/i18n"}, pure: true},
		"web/i18n":  {ours: words, modules: []string{"github.com/leonelquinteros/gotext"}, pure: true}, // the words of the page: for translators, free of HTML
		"web/chat":  {modules: []string{"github.com/yuin/goldmark"}},                                   // the demo's chat

		"daemon": {
			ours: []string{
				"", "config", "caldav", "ical", "templates", "webhook", "webhook/dialect", "store", "store/bolt", "store/record",
				"scheduler", "scheduler/plan", "scheduler/syncer", "scheduler/dispatch", "scheduler/notices",
				"service", "service/authz", "access", "api", "api/types", "web", "internal/failpoint",
				"internal/rights",
				"web/i18n", // the reasons in messages have the words that the page has
			},
			modules: []string{
				"github.com/coreos/go-systemd/v22", "github.com/prometheus/client_golang", "golang.org/x/sys",
				"github.com/KimMachineGun/automemlimit",
			},
		},
		"cmd/calbell": {
			ours: []string{
				"", "daemon", "config", "api/client", "api/types", "ical", "ical/zone", "templates", "webhook", "webhook/dialect",
				"caldav/caldavtest", "web/chat", "internal/failpoint", "cmd/calbell/demodata", "cmd/calbell/times",
			},
			modules: []string{"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/mattn/go-runewidth", "golang.org/x/sys", "golang.org/x/term"},
		},

		"cmd/calbell/times":    {ours: words},
		"cmd/calbell/demodata": {ours: []string{"", "config", "caldav/caldavtest", "ical/edit"}, modules: []string{"github.com/emersion/go-ical"}},

		// Places at which a test build is stopped or made to fail; empty in the shipped one.
		"internal/failpoint": {},
		"internal/durable":   {ours: []string{"internal/failpoint"}},
		"internal/filltest":  {ours: words}, // fills structs, for tests
		"internal/rights":    {},            // who may do what with a file
		"internal/scheme":    {},            // http spoken to https, and the other way round

		"scheduler/schedulertest": {ours: []string{"", "scheduler/plan"}},

		// Tests alone: they run the built program and look at it from outside.
		"bench/chaos": {},

		"systemd":       {},
		"internal/arch": {},
	}
}

// homes are the modules that more than one folder at the top may import. Every other
// module has one home.
func homes() map[string][]string {
	return map[string][]string{
		// Decoded texts arrive from go-webdav as go-ical's type. The demo writes its events with it.
		"github.com/emersion/go-ical": {"caldav", "cmd", "ical"},
		// The clock that systemd wants, and how wide a terminal is.
		"golang.org/x/sys": {"cmd", "daemon"},
		// Host names in ASCII, for chats and the page; HTML that events are written in.
		"golang.org/x/net": {"access", "templates", "webhook"},
		// Attempts to sign in, and posts to a webhook: each has its own limits, and no more in common.
		"golang.org/x/time": {"scheduler", "service"},
	}
}

func TestImportsFollowTheTable(t *testing.T) {
	rows := table()
	for _, p := range ourPackages(t) {
		row, ok := rows[p.name()]
		if !ok {
			t.Errorf("package %q has no row in the import table: a new package is a decision", p.ImportPath)
			continue
		}
		for _, path := range p.Imports {
			checkImport(t, p, row, path)
		}
	}
}

func checkImport(t *testing.T, p pkg, row row, path string) {
	t.Helper()
	switch {
	case path == module || strings.HasPrefix(path, module+"/"):
		if !slices.Contains(row.ours, nameOf(path)) {
			t.Errorf("%s imports %s, which the import table does not allow", p.ImportPath, path)
		}
	case standard(path):
	case !slices.ContainsFunc(row.modules, func(m string) bool { return within(path, m) }):
		t.Errorf("%s imports %s, whose home is elsewhere", p.ImportPath, path)
	}
}

func TestEachModuleHasOneHome(t *testing.T) {
	shared := homes()
	where := map[string][]string{} // module → folders at the top
	for name, row := range table() {
		top, _, _ := strings.Cut(name, "/")
		for _, m := range row.modules {
			if !slices.Contains(where[m], top) {
				where[m] = append(where[m], top)
			}
		}
	}
	for _, m := range slices.Sorted(maps.Keys(where)) {
		got := slices.Sorted(slices.Values(where[m]))
		want, ok := shared[m]
		if !ok && len(got) > 1 {
			t.Errorf("%s has %d homes: %q", m, len(got), got)
		}
		if ok && !slices.Equal(got, want) {
			t.Errorf("%s is at home in %q, the table of shared homes says %q", m, got, want)
		}
	}
}

// The longest way down is what a newcomer must hold in mind: cmd → daemon → api → service
// → plan → ical → zone → recur.
func TestImportDepth(t *testing.T) {
	const longest = 7
	imports := map[string][]string{}
	for _, p := range ourPackages(t) {
		imports[p.ImportPath] = p.Imports
	}
	var depth func(path string) int
	depth = func(path string) int {
		d := 0
		for _, next := range imports[path] {
			if _, ours := imports[next]; ours {
				d = max(d, 1+depth(next))
			}
		}
		return d
	}
	for path := range imports {
		if d := depth(path); d > longest {
			t.Errorf("%s has an import chain of %d, the longest allowed is %d", path, d, longest)
		}
	}
}

// The table itself must not allow what the layout forbids.
func TestTablePointsDown(t *testing.T) {
	rows := table()
	for name, row := range rows {
		for _, used := range row.ours {
			below, ok := rows[used]
			if !ok {
				t.Errorf("the row of %q names %q, which has none", name, used)
			}
			if slices.Contains(below.ours, name) {
				t.Errorf("%q and %q may import each other", name, used)
			}
		}
	}
	for _, leaf := range []string{"ical", "templates", "store", "caldav", "webhook", "config"} {
		for _, used := range rows[leaf].ours {
			if used != "" && used != "internal/failpoint" && used != "internal/scheme" && used != "internal/rights" && used != "webhook/dialect" && !strings.HasPrefix(used, leaf+"/") {
				t.Errorf("%q may import %q, but imports the root and its own folders alone", leaf, used)
			}
		}
	}
	if len(rows[""].ours) > 0 {
		t.Errorf("the root may import %q", rows[""].ours)
	}
}
