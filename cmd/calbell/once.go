// The once command: the reminders of one calendar file, posted by this process at their
// times.
//
// Nothing is stored, so a second run repeats what the first one sent, and nothing survives
// a stop. Messages are rendered and posted as by the daemon; the guard against private
// addresses is off, because the person who runs the command chose the address. What is due
// is worked out in oncedue.go.

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"calbell"
	"calbell/cmd/calbell/times"
	"calbell/templates"
	"calbell/webhook"
	"calbell/webhook/dialect"

	"github.com/spf13/cobra"
)

// onceFlags are the flags of once.
type onceFlags struct {
	ics, webhookFile, kind, template, templateFile, before, locale string
	within                                                         time.Duration
	now, dryRun                                                    bool
}

// onceCmd builds the once command.
func (a offlineCommands) onceCmd() *cobra.Command {
	var o onceFlags
	cmd := &cobra.Command{
		Use:   "once --ics FILE --webhook-file FILE",
		Short: "Post the reminders of one calendar file, without daemon or store",
		Long: `Post the reminders of one calendar file, without daemon or store: wait in the foreground
for what falls due within --for, and post each at its instant. The webhook's URL is read
from a file, or from standard input with --webhook-file -; it may be any address, plain
http and private networks included.`,
		Example: `  calbell once --ics team.ics --webhook-file hook.url --for 8h
  calbell once --ics team.ics --webhook-file - --now            post the next one at once
  calbell once --ics team.ics --webhook-file hook.url --dry-run --before 15m`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.once(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.ics, "ics", "", "calendar `FILE` (required)")
	f.StringVar(&o.webhookFile, "webhook-file", "", "`FILE` that holds the webhook's URL; - = standard input (required)")
	f.StringVar(&o.kind, "kind", "", "`KIND` of chat: "+kindNames()+"; needed where the URL does not tell it")
	f.StringVar(&o.template, "template", "", "message `TEXT` with %variables%")
	templateFileFlag(f, &o.templateFile)
	f.StringVar(&o.locale, "locale", "en", "`LANGUAGE` of dates, such as fr-CH")
	f.StringVar(&o.before, "before", "", "remind so `LONG` before each start too: 15m, 1h, 1d@18:00; several with commas")
	f.DurationVar(&o.within, "for", 0, "wait for reminders for so `LONG` (default 24h)")
	f.BoolVar(&o.now, "now", false, "post the next reminder at once, and end")
	f.BoolVar(&o.dryRun, "dry-run", false, "print what would be posted as JSON lines, and post nothing")
	return cmd
}

// check rejects flags that contradict each other, and returns the times of --before; nil
// when it was not given.
func (o *onceFlags) check() (leads []calbell.Lead, err error) {
	switch {
	case o.ics == "":
		return nil, missing("--ics", "name the calendar file: --ics team.ics")
	case o.webhookFile == "":
		return nil, missing("--webhook-file", "the webhook's URL is a secret, so it is read from a file, or typed: --webhook-file -")
	case o.now && o.within != 0:
		return nil, usage("--now posts at once, --for waits: choose one")
	case o.within < 0:
		return nil, usage("--for %s is no time to wait", o.within)
	case !templates.KnownLocale(o.locale):
		return nil, &calbell.Error{
			Kind: calbell.KindUsage, What: calbell.English("unknown locale %s", quoted(o.locale)),
			Hint: calbell.T("calbell:one", "one of: %s", strings.Join(templates.Locales(), ", ")),
		}
	case o.before == "":
		return nil, nil
	}
	return calbell.ParseLeads(o.before)
}

// onceJob posts the reminders of one run.
type onceJob struct {
	app     *app
	hook    calbell.Webhook
	message *templates.Hook
	sender  *webhook.Sender
	zone    *time.Location
	locale  string
	lines   []any // collected for -o json, which prints one array at the end
}

// once posts or prints what is due. Components of the file that cannot be read are reported
// first, and make the exit code 3 if everything else went well.
func (a offlineCommands) once(ctx context.Context, o onceFlags) error {
	leads, err := o.check()
	if err != nil {
		return err
	}
	job, err := a.newOnce(o)
	if err != nil {
		return err
	}
	defer job.sender.Close()
	file, err := readICS(o.ics, fileOptions())
	if err != nil {
		return err
	}
	bad := a.reportProblems(o.ics, file)
	job.zone = file.Zone
	start := time.Now()
	o.within = cmp.Or(o.within, defaultWithin)
	due := dueBetween(file, leads, start, start.Add(o.within))
	if o.now {
		due = nextDue(file, leads, start)
	}
	err = job.run(ctx, due, o)
	if a.format == "json" {
		err = errors.Join(err, show(a.app, job.lines, table[any]{}))
	}
	if err != nil {
		return err
	}
	if bad > 0 {
		return &calbell.Error{Kind: calbell.KindPartly, What: calbell.English("%s could not be read", count(bad, "object"))}
	}
	return nil
}

// newOnce checks the webhook and compiles its template. The kind is taken from the URL
// unless --kind names one; it is an error when neither tells. The caller closes the sender.
func (a offlineCommands) newOnce(o onceFlags) (*onceJob, error) {
	address, err := a.readSecret(o.webhookFile, "webhook URL: ")
	if err != nil {
		return nil, err
	}
	options := webhook.Options{Unguarded: true, UserAgent: "Calbell/" + version}
	if err := webhook.CheckURL(address, options); err != nil {
		return nil, &calbell.Error{Kind: calbell.KindUsage, Err: err, Hint: calbell.HintOf(err)}
	}
	if o.template, err = readTemplate(a.in, o.template, o.templateFile); err != nil {
		return nil, err
	}
	w := calbell.Webhook{ID: "once", Name: "once", URL: calbell.Secret(address), WebhookSpec: calbell.WebhookSpec{Template: o.template}}
	if o.kind != "" {
		if w.Kind, err = dialect.ParseKind(o.kind); err != nil {
			return nil, &calbell.Error{Kind: calbell.KindUsage, Err: err, Hint: calbell.HintOf(err)}
		}
	}
	if w.Kind, err = dialect.KindOfURL(w.Kind, address); err != nil {
		return nil, err
	}
	message, err := templates.CompileHook(w)
	if err != nil {
		return nil, &calbell.Error{Kind: calbell.KindUsage, Err: err}
	}
	return &onceJob{app: a.app, hook: w, message: message, sender: webhook.NewSender(options), locale: o.locale}, nil
}

// defaultWithin is how long once waits for reminders without --for.
const defaultWithin = 24 * time.Hour

// run posts each reminder at its time, or prints it with --dry-run. A reminder that is not
// accepted does not end the run; the exit code is then that of the last failure.
func (j *onceJob) run(ctx context.Context, due []reminder, o onceFlags) error {
	if len(due) == 0 {
		if o.now {
			return &calbell.Error{Kind: calbell.KindNotFound, What: calbell.English("nothing in this file falls due"), Hint: calbell.English("add a reminder to every event with --before 15m")}
		}
		fmt.Fprintf(j.app.err, "nothing falls due within %s; --before 15m adds reminders, --for waits longer\n", o.within)
		return nil
	}
	failed := 0
	var last error
	for _, r := range due {
		if o.dryRun {
			if err := j.print(r); err != nil {
				return err
			}
			continue
		}
		if !o.now {
			fmt.Fprintf(j.app.err, "next: %s %s\n", times.When(r.due), cell(r.instance.Summary))
			if err := sleepUntil(ctx, r.due); err != nil {
				return err
			}
		}
		if err := j.post(ctx, r, o.now); err != nil {
			failed, last = failed+1, err
			j.app.complain(err)
		}
	}
	if failed > 0 {
		return &calbell.Error{Kind: calbell.KindOf(last), What: calbell.English("%d of %d messages were not accepted", failed, len(due))}
	}
	return nil
}

// render renders the message of a reminder. now is the time that the message refers to:
// with --now and --dry-run it is the reminder's own time, so the text is that of a message
// sent on time.
func (j *onceJob) render(r reminder, now time.Time) calbell.Message {
	return j.message.Render(templates.Data{
		ID:       calbell.NewReminderID(j.hook.ID, r.instance.UID, r.instance.RecurrenceID, r.due),
		Instance: r.instance, Alarm: r.alarm, Due: r.due, Now: now, Zone: j.zone, Locale: j.locale,
	})
}

// onceLine is what --dry-run prints for a message.
type onceLine struct {
	Due     time.Time `json:"due"`
	Webhook string    `json:"webhook"` // masked
	Payload any       `json:"payload"` // JSON, or the text of a form
}

// print prints the body that would be posted. The reminder's own time is the message's
// "now".
func (j *onceJob) print(r reminder) error {
	body, contentType, err := dialect.Encode(j.hook, j.render(r, r.due))
	if err != nil {
		return err
	}
	var payload any = string(body)
	if contentType == "application/json" {
		payload = json.RawMessage(body)
	}
	return j.tell(onceLine{Due: r.due.UTC(), Webhook: webhook.Masked(j.hook.URL), Payload: payload})
}

// tell outputs one record: at once as a JSON line, or later in the array of -o json.
func (j *onceJob) tell(v any) error {
	if j.app.format == "json" {
		j.lines = append(j.lines, v)
		return nil
	}
	return printJSONL(j.app.out, []any{v})
}

// oncePosted is the JSON record of a message that was posted.
type oncePosted struct {
	Due     time.Time `json:"due"`
	Webhook string    `json:"webhook"` // masked
	Subject string    `json:"subject"`
	Posted  time.Time `json:"posted_at"`
}

// onceWaits are the pauses between the tries of a message; a longer Retry-After takes
// precedence. After the last one the message fails: a foreground command should not hold up
// the next reminder for long.
var onceWaits = [...]time.Duration{time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second}

// post sends a reminder and retries what may succeed later: failed connections, "not now"
// answers, and outages. early says that the reminder is posted before its time (--now).
func (j *onceJob) post(ctx context.Context, r reminder, early bool) error {
	for n := 0; ; n++ {
		now := time.Now()
		shown := now
		if early && now.Before(r.due) {
			shown = r.due
		}
		t := j.sender.Send(ctx, j.hook, j.render(r, shown), now)
		if t.Verdict == calbell.Accepted {
			if j.app.wantsJSON() {
				return j.tell(oncePosted{r.due.UTC(), webhook.Masked(j.hook.URL), r.instance.Summary, now.UTC()})
			}
			fmt.Fprintf(j.app.out, "%s posted %q\n", times.When(now), cell(r.instance.Summary))
			return nil
		}
		again := t.Verdict == calbell.NotSent || t.Verdict == calbell.RefusedForNow || t.Verdict == calbell.Outage
		if !again || n == len(onceWaits) {
			return onceError(t)
		}
		fmt.Fprintf(j.app.err, "%s, trying again\n", t.Verdict)
		if err := sleepUntil(ctx, time.Now().Add(max(onceWaits[n], t.RetryAfter))); err != nil {
			return err
		}
	}
}

// onceError returns the error for a message that was not accepted: KindUnreachable without
// an answer, else KindRefused.
func onceError(t calbell.Try) error {
	e := &calbell.Error{Kind: calbell.KindRefused, What: calbell.English("%s: answer %d %s", t.Verdict, t.Status, t.Answer)}
	if t.Status == 0 {
		e.Kind, e.What = calbell.KindUnreachable, calbell.English("%s: %s", t.Verdict, t.Error)
	}
	return e
}

// sleepUntil waits until a time of the wall clock. It waits in steps of at most
// calbell.MaxSleep, because timers stop while a machine sleeps and clocks may be set.
func sleepUntil(ctx context.Context, t time.Time) error {
	for {
		wait := time.Until(t.Round(0))
		if wait <= 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(wait, calbell.MaxSleep)):
		}
	}
}

// kindNames lists the kinds of webhooks and their aliases for help texts.
func kindNames() string {
	var names []string
	for _, d := range dialect.All() {
		name := string(d.Kind)
		if len(d.Aliases) > 0 {
			name += " (= " + strings.Join(d.Aliases, ", ") + ")"
		}
		names = append(names, name)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
