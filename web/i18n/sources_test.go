package i18n

import (
	"cmp"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// walked are the sources whose texts people meet on the page. Of the database these alone make
// errors for people: what else goes wrong in it is told by the log.
var walked = []string{
	"*.go", "api/types/*.go", "service/*.go", "service/throttle/*.go", "scheduler/*.go",
	"scheduler/plan/*.go", "scheduler/syncer/*.go", "scheduler/dispatch/*.go", "scheduler/notices/*.go",
	"caldav/*.go", "caldav/dav/*.go", "caldav/ics/*.go", "caldav/transport/*.go", "webhook/*.go", "webhook/dialect/*.go", "templates/*.go", "templates/dates/*.go", "ical/*.go", "ical/edit/*.go", "ical/recur/*.go", "ical/syntax/*.go", "config/*.go", "config/yamltree/*.go", "daemon/*.go", "web/*.go", "web/form/*.go", "web/words/*.go",
	"store/record/row.go", "store/bolt/file/ballast.go", "store/bolt/calendars.go", "store/bolt/deliveries.go", "store/bolt/objects.go",
	"store/bolt/records/people.go", "store/bolt/records/settings.go", "store/bolt/upkeep.go", "store/bolt/records/webhooks.go",
}

// unseen are files, or single texts in them, that do not come to the page.
var unseen = []struct{ file, text, why string }{
	{"caldav/dav/body.go", "xmlns", "XML for the server"},
	{"caldav/feed.go", "text/calendar", "a header"},
	{"caldav/put.go", "text/calendar", "a header"},
	{"caldav/hints.go", "Outlook, Microsoft 365", "names of providers; the page has its own list"},
	{"caldav/hints.go", "Other CalDAV", "names of providers; the page has its own list"},
	{"caldav/hints.go", "Link to an .ics file", "names of providers; the page has its own list"},
	{"webhook/dialect/kchat.go", "field title", "a mark, not a text"},
	{"webhook/foreign.go", "", "what others write, which is looked for"},
	{"config/schema.go", "", "the schema for editors"},
	{"config/modes.go", "", "met at the start, and said by calbell check"},
	{"service/resend.go", "dead, missed, dropped, sent", "words of the API"},
	{"service/rules.go", "fallback, add, replace, off", "words of the API"},
	{"service/setcalendar.go", "skip, busy, full", "words of the API"},
	{"service/tokens.go", "read, write, admin", "words of the API"},
	{"service/removal.go", "", "asked by the command line"},
	{"network.go", "", "the configuration says it in its own words"},
	{"leadwords.go", "", "what people type"},
	{"web/settings.go", "Deutsch (Schweiz)", "languages are named in themselves"},
	{"warning.go", "", "has words by its codes: po/page.pot"},
	{"store/bolt/file/ballast.go", "ballast", "told by the log"},
	{"store/bolt/objects.go", "decode object", "told by the log"},
	{"templates/notice.go", "", "messages, which have their own languages"},
	{"templates/agenda.go", "", "messages, which have their own languages"},
	{"templates/words.go", "", "messages, which have their own languages"},
	{"templates/dates/cldr_table.go", "", "messages, which have their own languages"},
	{"templates/card.go", "", "messages, which have their own languages"},
	{"templates/template.go", "", "the default messages"},
	{"templates/sample.go", "", "events that are made up for previews"},
	{"templates/variables.go", "", "said by the command line; the page has them among its words"},
	{"templates/modifiers.go", "", "said by the command line, but for the errors"},
	{"daemon/check.go", "no account has", "of calbell check, a command"},
	{"daemon/check.go", "signed in", "of calbell check, a command"},
	{"errors.go", "the server lists no calendar", "a mark of an error that says it otherwise"},
	{"daemon/check.go", "read without a sign-in", "of calbell check, a command"},
	{"daemon/check.go", "at the server", "of calbell check, a command"},
	{"daemon/check.go", "it has: ", "of calbell check, a command"},
	{"daemon/check.go", "calbell calendar list shows", "of calbell check, a command"},
	{"daemon/advice.go", "", "of calbell check and calbell reload, commands"},
	{"daemon/places.go", "", "of calbell check, a command, and met at the start"},
	{"templates/doubt.go", "", "of calbell check and calbell reload, commands"},
	{"web/files.go", "read static files", "met at the start"},
	{"web/view.go", "no template", "a mistake of the program's own"},
	{"web/web.go", "no such page", "a mark, which the page says by its own words"},
	{"store/bolt/upkeep.go", "expire: limit", "a mistake of the program's own"},
	{"web/view.go", "templates", "met at the start"},
	{"web/pauses.go", "calendar:", "what a form sends"},
	{"daemon/listen.go", "", "met at the start"},
	{"daemon/start.go", "", "met at the start"},
	{"daemon/page.go", "", "met at the start"},
	{"daemon/offline.go", "", "the command line's, while no daemon runs"},
	{"daemon/metrics.go", "", "the help of metrics"},
	{"daemon/scrape.go", "", "the help of metrics"},
	{"daemon/daemon.go", "prepare the stored calendars", "met at the start"},
	{"daemon/health.go", "the loop that sends", "for monitors"},
	{"daemon/health.go", "the database could not be written", "for monitors"},
	{"daemon/health.go", "starting or stopping", "for monitors"},
	{"daemon/health.go", "the database cannot be written", "for monitors"},
	{"daemon/health.go", "the database is damaged", "for monitors"},
	{"daemon/health.go", "the disk is full: what is new", "for monitors"},
}

// Whoever adds an error, a hint or a reason gives it a key, or says above why nobody meets it on the
// page; and takes out what is not there any more.
func TestEverySentenceHasAKey(t *testing.T) {
	met := map[int]bool{}
	for _, pattern := range walked {
		for _, found := range textsOf(t, pattern) {
			if at := slices.IndexFunc(unseen, found.is); at >= 0 {
				met[at] = true
			} else if isText(found.text) {
				t.Errorf("%s:%d: %q has no key: see calbell.T", found.file, found.line, found.text)
			}
		}
	}
	for i, u := range unseen {
		if !met[i] {
			t.Errorf("%s says %q no more: take it out of the list", u.file, u.text)
		}
	}
}

// sourceText is a text in a source: "{}" stands for what is put into it.
type sourceText struct {
	file string // from the top of the repository
	line int
	text string
}

// is reports whether the text is one of those that nobody meets on the page.
func (s sourceText) is(u struct{ file, text, why string }) bool {
	return u.file == s.file && strings.Contains(s.text, u.text)
}

// isText reports whether something reads like a text: two words at least.
func isText(s string) bool {
	words := regexp.MustCompile(`\pL{2,}`).FindAllString(s, 2)
	return len(words) == 2 && strings.Contains(strings.TrimSpace(s), " ")
}

// textsOf are the texts of some files of a package.
func textsOf(t *testing.T, pattern string) []sourceText {
	t.Helper()
	names, err := filepath.Glob("../../" + pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(names), err)
	}
	r := &textReader{fset: token.NewFileSet(), consts: map[string]ast.Expr{}, local: map[string]ast.Expr{}}
	var files []*ast.File
	for _, name := range names {
		built, err := build.Default.MatchFile(filepath.Dir(name), filepath.Base(name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") || !built {
			continue
		}
		f, err := parser.ParseFile(r.fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				note(r.consts, g)
			}
		}
		files = append(files, f)
	}
	for _, f := range files {
		ast.Walk(r, f)
	}
	return r.found
}

// textReader finds the texts of a package: each longest expression that makes one.
type textReader struct {
	fset   *token.FileSet
	consts map[string]ast.Expr // of the package
	local  map[string]ast.Expr // of the function
	found  []sourceText
}

// note notes constants.
func note(into map[string]ast.Expr, d *ast.GenDecl) {
	for _, s := range d.Specs {
		if v, ok := s.(*ast.ValueSpec); ok && d.Tok == token.CONST {
			for i, value := range v.Values {
				into[v.Names[i].Name] = value
			}
		}
	}
}

// quiet are calls whose words nobody reads: the log's, those that look into a text, and routes.
var quiet = regexp.MustCompile(`^(strings|bytes|regexp|time|url|http|log)\.|\.(Debug|Info|Warn|Error|Log|Format|Set|HandleFunc|logUnlessStopping|logFailure|page|open|Handle|handle)$`)

// Visit implements ast.Visitor.
func (r *textReader) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.ImportSpec, *ast.Field:
		return nil
	case *ast.FuncDecl:
		r.local = map[string]ast.Expr{}
	case *ast.GenDecl:
		if n.Tok == token.CONST { // it is read where it is used
			note(r.local, n)
			return nil
		}
	case *ast.CaseClause:
		for _, s := range n.Body {
			ast.Walk(r, s)
		}
		return nil
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			return nil
		}
	case *ast.CallExpr:
		if quiet.MatchString(called(n)) {
			return nil
		}
		if keyed(n) { // it has words by its key
			for _, a := range n.Args[min(2, len(n.Args)):] {
				ast.Walk(r, a)
			}
			return nil
		}
	}
	e, ok := n.(ast.Expr)
	if !ok {
		return r
	}
	text, isText, holes := r.text(e)
	if !isText {
		return r
	}
	at := r.fset.Position(e.Pos())
	r.found = append(r.found, sourceText{strings.TrimPrefix(filepath.ToSlash(at.Filename), "../../"), at.Line, text})
	for _, h := range holes {
		ast.Walk(r, h)
	}
	return nil
}

// keyed reports whether a call makes a text with a key.
func keyed(c *ast.CallExpr) bool {
	name := called(c)
	return name == "T" || name == "Errorf" || name == "errorf" || name == "calbell.T" || name == "calbell.Errorf"
}

// called is the name of what is called, with the name before its dot.
func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
		return "." + f.Sel.Name
	}
	return ""
}

// format is a format with its holes.
func format(s string, args []ast.Expr) string {
	verb := regexp.MustCompile(`%(\[\d\])?[-+# 0]*\d*(\.\d+)?[a-zA-Z%]`)
	return verb.ReplaceAllStringFunc(s, func(v string) string {
		if v == "%%" {
			return "%"
		}
		quoted := v[len(v)-1] == 'q' || len(args) > 0 && quotes(args[0])
		args = args[min(1, len(args)):]
		if quoted {
			return `"{}"`
		}
		return "{}"
	})
}

// quotes reports whether an expression quotes what it is given.
func quotes(e ast.Expr) bool {
	c, ok := e.(*ast.CallExpr)
	return ok && slices.Contains([]string{"quote", "strconv.Quote", "lastKey"}, called(c))
}

// formats says which argument of a call is a format; -1: none is.
func formats(c *ast.CallExpr) int {
	switch name := called(c); {
	case name == "fmt.Sprintf" || name == "fmt.Errorf" || name == "errors.New" || name == "calbell.English" || name == "use" || name == "notFound" && len(c.Args) < 4:
		return 0
	case name == "fault" || name == "r.failf":
		return 1
	case name == "r.bad":
		return 2
	}
	return -1
}

// text is the text that an expression makes, and what is put into it; false when it makes none.
func (r *textReader) text(e ast.Expr) (text string, ok bool, holes []ast.Expr) {
	if s, ok := r.literal(e); ok {
		return s, true, nil
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			a, okA, holesA := r.text(e.X)
			b, okB, holesB := r.text(e.Y)
			return a + b, okA || okB, append(holesA, holesB...)
		}
	case *ast.CallExpr:
		if quotes(e) {
			return `"{}"`, false, e.Args
		}
		i := formats(e)
		if i < 0 {
			break
		}
		if s, ok := r.literal(e.Args[i]); ok {
			if called(e) == "notFound" { // the database's
				s = "no " + s
			}
			return format(s, e.Args[i+1:]), true, append(e.Args[:i:i], e.Args[i+1:]...)
		}
	}
	return "{}", false, []ast.Expr{e}
}

// literal is a text that is written down.
func (r *textReader) literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		if value := cmp.Or(r.local[e.Name], r.consts[e.Name]); value != nil {
			return r.literal(value)
		}
	case *ast.ParenExpr:
		return r.literal(e.X)
	case *ast.BinaryExpr:
		a, okA := r.literal(e.X)
		b, okB := r.literal(e.Y)
		return a + b, okA && okB && e.Op == token.ADD
	}
	return "", false
}
