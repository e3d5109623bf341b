package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"calbell"

	"github.com/spf13/cobra"
)

// jsonStep is a command that is run with -o json.
type jsonStep struct {
	args string // {name} stands for what an earlier step saved
	save string // what of the answer is saved: "name=field"
	code int    // the exit code; not 0: there is nothing that it could do, and it prints nothing
}

// jsonSteps run every command that has JSON, in an order in which each has something to do.
func jsonSteps() []jsonStep {
	return []jsonStep{
		{args: "version"},
		{args: "config show"},
		{args: "config schema"},
		{args: "check"},
		{args: "check --store"},
		{args: "status"},
		{args: "sync"},
		{args: "sync --wait"},
		{args: "reload"},
		{args: "webhook list"},
		{args: "webhook add ops --url-file ops.url --kind kchat"},
		{args: "webhook edit ops --template %subject%"},
		{args: "webhook test team", save: "delivery=delivery"},
		{args: "webhook pause ops --for 1h"},
		{args: "resume --webhook ops"},
		{args: "pause --for 1h"},
		{args: "resume"},
		{args: "webhook remove -y ops"},
		{args: "calendar list", save: "calendar=0.id"},
		{args: "calendar show team"},
		{args: "calendar pause team --for 1h"},
		{args: "resume --calendar team"},
		{args: "calendar apply team", code: int(calbell.KindUsage)},
		{args: "calendar discover {url} --username alice --password-file alice.password"},
		{args: "calendar add more --url {url} --username alice --password-file alice.password"},
		{args: "account list"},
		{args: "account edit more --username alice"},
		{args: "sync --wait"},
		{args: "calendar list", save: "more=1.id"},
		{args: "calendar edit {more} --remind 5m"},
		{args: "calendar remove -y more"},
		{args: "calendar add again --url {url} --username alice --password-file alice.password"},
		{args: "account remove -y again"},
		{args: "event list", save: "event=0.event_id"},
		{args: "event list --bad"},
		{args: "event show a@example.org"},
		{args: "explain a@example.org"},
		{args: "reminder list"},
		{args: "reminder add a@example.org --before 5m --webhook team", save: "reminder=bindings.0.id"},
		{args: "reminder remove -y {reminder}"},
		{args: "reminder mute a@example.org"},
		{args: "reminder unmute a@example.org"},
		{args: "rule list"},
		{args: "rule add late --subject night --webhooks team", save: "rule=id"},
		{args: "rule edit {rule} --subject late"},
		{args: "rule test a@example.org"},
		{args: "rule remove -y {rule}"},
		{args: "delivery list"},
		{args: "delivery show {delivery}"},
		{args: "delivery resend -y --webhook team --since 24h"},
		{args: "user list"},
		{args: "user add anna --password-file new.password"},
		{args: "user passwd anna --password-file new.password"},
		{args: "user role anna admin"},
		{args: "token create ci --user anna --scope read", save: "token=id"},
		{args: "token list"},
		{args: "token revoke -y {token}"},
		{args: "user remove -y anna"},
		{args: "setup-link"},
		{args: "expand a.ics"},
		{args: "render"},
		{args: "once --ics a.ics --webhook-file ops.url --dry-run --now"},
		{args: "once --ics a.ics --webhook-file hook.url --now"},
		{args: "backup copy.db"},
	}
}

// Each command prints JSON and nothing else when it is asked to, or refuses to before it does
// anything.
func TestEveryCommandHasJSONOrSaysSo(t *testing.T) {
	w := memoryWorld(t)
	e := ahead("a@example.org", "Planning", 2*60*60*1e9)
	w.write("a.ics", string(e.ics()))
	w.write("ops.url", w.chat.URL("/hooks/ops"))
	w.write("hook.url", w.chat.URL("/hooks/ops"))
	w.write("new.password", "correct horse battery")
	w.serve()
	w.add(e)
	t.Chdir(w.dir)
	saved := map[string]string{"{url}": w.calendarServer.(memoryCalendar).URL()}
	ran := map[string]bool{}
	step := func(s jsonStep) {
		t.Helper()
		for name, value := range saved {
			s.args = strings.ReplaceAll(s.args, name, value)
		}
		args := strings.Fields(s.args)
		cmd, _, err := (&app{}).root().Find(args)
		if err != nil {
			t.Fatal(err)
		}
		ran[cmd.CommandPath()] = true
		var out, errOut bytes.Buffer
		code := run(append(args, "-c", "config.yaml", "-o", "json"), strings.NewReader(""), &out, &errOut)
		values, err := jsonValues(&out)
		if code != s.code || err != nil || code == 0 && len(values) != 1 || code != 0 && len(values) > 0 {
			t.Errorf("calbell %s: exit code %d, %d JSON values (%v):\n%s%s", s.args, code, len(values), err, out.String(), errOut.String())
			return
		}
		if name, field, ok := strings.Cut(s.save, "="); ok {
			saved["{"+name+"}"] = fmt.Sprint(fieldOf(values[0], field))
		}
	}
	for _, s := range jsonSteps() {
		step(s)
	}
	w.stop()
	step(jsonStep{args: "restore -y copy.db"})
	for _, cmd := range commands((&app{}).root()) {
		switch {
		case !hasJSON(cmd):
			refusesJSON(t, cmd)
		case !ran[cmd.CommandPath()]:
			t.Errorf("%s: no step of this test runs it", cmd.CommandPath())
		}
	}
}

// refusesJSON wants that a command has nothing else to say to -o json.
func refusesJSON(t *testing.T, cmd *cobra.Command) {
	t.Helper()
	for _, format := range []string{"json", "jsonl"} {
		args := append(strings.Fields(cmd.CommandPath())[1:], "-o", format)
		if cmd.Name() == "completion" {
			args = append(args, "bash")
		}
		var out, errOut bytes.Buffer
		code := run(args, strings.NewReader(""), &out, &errOut)
		if code != int(calbell.KindUsage) || out.Len() > 0 || !strings.Contains(errOut.String(), "has no JSON") {
			t.Errorf("calbell %q: exit code %d\n%s%s", args, code, out.String(), errOut.String())
		}
	}
}

// jsonValues reads JSON values until there are no more.
func jsonValues(r io.Reader) (values []any, err error) {
	for d := json.NewDecoder(r); ; {
		var v any
		switch err := d.Decode(&v); err {
		case nil:
			values = append(values, v)
		case io.EOF:
			return values, nil
		default:
			return values, err
		}
	}
}

// fieldOf returns a value within an answer by its path, such as bindings.0.id.
func fieldOf(v any, path string) any {
	for _, part := range strings.Split(path, ".") {
		switch in := v.(type) {
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		case map[string]any:
			v = in[part]
		}
	}
	return v
}
