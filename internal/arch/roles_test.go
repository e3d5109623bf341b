package arch

import (
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// role is what a library does in one of our packages.
type role struct {
	library string   // module path
	pkg     string   // ours
	symbols []string // of the library that the package uses: names, and TYPE.METHOD
	tests   []string // of the package, which hold what the library does there
	does    string
}

// roles are the places of the libraries on which Calbell is built. To take one out is a decision:
// what is listed here fails first.
func roles() []role {
	const cron, ical, webdav, bbolt, viper = "github.com/robfig/cron/v3", "github.com/emersion/go-ical", "github.com/emersion/go-webdav", "go.etcd.io/bbolt", "github.com/spf13/viper"
	return []role{
		{
			cron, "scheduler",
			[]string{"New", "WithChain", "SkipIfStillRunning", "Recover", "Cron.Schedule", "Cron.Remove", "Cron.Start", "Cron.Stop", "NewParser", "Parser.Parse"},
			[]string{"TestTimetableRunsJobsAtTheirInterval", "TestTimetableSkipsWhatStillRuns", "TestTimetableRecovers", "TestTimetableWaitsForJobs", "TestCheckCron"},
			"starts syncs, digests, backups and upkeep, one run of each at a time, and reads their five fields; never a reminder",
		},
		{
			ical, "ical",
			[]string{"NewDecoder", "Decoder.Decode", "PropDateTimeStart", "PropSummary", "CompTimezoneDaylight"},
			[]string{"TestCalendarZone"},
			"reads the parts of a VTIMEZONE where no known name resolves a TZID, and names properties",
		},
		{
			ical, "ical/edit",
			[]string{"NewCalendar", "NewComponent", "Props.SetText", "Props.SetDateTime", "Props.SetDate", "NewEncoder", "Encoder.Encode"},
			[]string{"TestDraftHoldsWhatAnEventNeeds", "TestDraftIsReadBack", "TestWhyObjectsAreNotEncodedAnew"},
			"writes the text of new events",
		},
		{
			ical, "cmd/calbell/demodata",
			[]string{"NewCalendar", "NewComponent", "Prop.SetDuration"},
			[]string{"TestDemoEventsAreRead"},
			"makes the demo's events",
		},
		{
			webdav, "caldav/caldavtest",
			[]string{"Handler", "Handler.ServeHTTP", "Backend", "Match", "NewHTTPError", "ConditionalMatch.MatchETag"},
			[]string{"TestObjects", "TestProperties", "TestUpstreamMatch", "TestUpstreamRowsAreHeld"},
			"is the CalDAV server of the demo and of the tests: requests, properties, filters, conditions",
		},
		{
			bbolt, "store/bolt/file",
			[]string{"Open", "Options", "FreelistMapType", "DB.Begin", "Tx.Bucket", "Tx.Commit"},
			nil, // its tests are those of store/bolt
			"keeps everything that must outlive the process in one file, in transactions",
		},
		{
			bbolt, "store/bolt",
			[]string{"Cursor", "Cursor.Seek", "Cursor.Next", "Bucket.Get", "Bucket.Put"},
			[]string{"TestStore", "TestKilled", "TestTornCommits", "TestIdleWritesNothing"},
			"orders deliveries by their due time, so that the first row is the next reminder",
		},
		{
			viper, "config",
			[]string{"New", "Viper.SetDefault", "Viper.BindFlagValue", "Viper.Set", "Viper.GetString"},
			[]string{"TestViperTraps", "TestEnvValueIsALayer"},
			"decides for each scalar key between flag, environment, file and default",
		},
	}
}

// Each library has its role: the package that is listed uses the symbols that are listed, and has the tests
// that hold what they do there.
func TestLibrariesHaveTheirRoles(t *testing.T) {
	var patterns []string
	for _, r := range roles() {
		patterns = append(patterns, "./"+r.pkg)
	}
	uses := map[string]map[string]bool{}
	for _, c := range check(t, patterns...) {
		uses[c.pkg.name()] = c.foreign()
	}
	for _, r := range roles() {
		for _, s := range r.symbols {
			if !uses[r.pkg][r.library+" "+s] {
				t.Errorf("%s does not use %s of %s, which there %s: to change that is a decision (docs/decisions)", r.pkg, s, r.library, r.does)
			}
		}
		have := testsOf(t, r.pkg)
		for _, name := range r.tests {
			if !slices.Contains(have, name) {
				t.Errorf("%s has no test %s, which holds that %s there %s", r.pkg, name, r.library, r.does)
			}
		}
	}
}

// The five libraries that Calbell was asked to stand on are all in the table.
func TestEachLibraryHasARole(t *testing.T) {
	for _, library := range []string{"github.com/robfig/cron/v3", "github.com/emersion/go-ical", "github.com/emersion/go-webdav", "go.etcd.io/bbolt", "github.com/spf13/viper"} {
		if !slices.ContainsFunc(roles(), func(r role) bool { return r.library == library && len(r.tests) > 0 }) {
			t.Errorf("%s has no role", library)
		}
	}
}

// foreign returns what a package uses of third-party modules: "MODULE NAME" and "MODULE TYPE.METHOD", under
// each prefix of the path that may be the module's.
func (c *checked) foreign() map[string]bool {
	used := map[string]bool{}
	for _, obj := range c.info.Uses {
		if obj.Pkg() == nil || standard(obj.Pkg().Path()) || within(obj.Pkg().Path(), module) {
			continue
		}
		name := obj.Name()
		if f, ok := obj.(*types.Func); ok && f.Signature().Recv() != nil {
			name = typeName(f.Signature().Recv().Type()) + "." + name
		}
		for path := obj.Pkg().Path(); path != "."; path = filepath.Dir(path) {
			used[path+" "+name] = true
		}
	}
	return used
}

// typeName is the name of a named type, or of what a pointer to one points at.
func typeName(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// testsOf returns the names of the tests of a package.
func testsOf(t *testing.T, pkg string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(top(t), pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if rest, ok := strings.CutPrefix(line, "func Test"); ok {
				name, _, _ := strings.Cut(rest, "(")
				names = append(names, "Test"+name)
			}
		}
	}
	return names
}

// The rule of roles must be able to fail: what a package does not use is not found in it.
func TestForeignSymbolsAreTold(t *testing.T) {
	used := check(t, "./scheduler")[0].foreign()
	for symbol, want := range map[string]bool{"New": true, "Cron.Schedule": true, "Cron.AddFunc": false, "Schedule": true, "NoSuch": false} {
		if used["github.com/robfig/cron/v3 "+symbol] != want {
			t.Errorf("%s: found %v", symbol, !want)
		}
	}
}
