package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"calbell"
	"calbell/config"
	"calbell/scheduler"
	"calbell/templates"
	"calbell/webhook"
	"calbell/webhook/dialect"
)

// fault describes an error in one field of a webhook.
type fault struct {
	field     string
	line, col int // inside the field's value; 0: the whole
	msg, hint calbell.Text
}

// text returns the fault with the name of its field.
func (f fault) text() calbell.Text {
	if f.line > 0 {
		return calbell.List(dialect.FieldText(f.field), f.placed())
	}
	return calbell.Chain(dialect.FieldText(f.field), f.msg)
}

// placed returns the fault with its position within the field.
func (f fault) placed() calbell.Text {
	if f.line > 0 {
		return calbell.T("templates:at", "line %d, column %d: %s", f.line, f.col, f.msg)
	}
	return f.msg
}

// checkWebhook returns all faults of a definition.
func checkWebhook(w calbell.Webhook, o webhook.Options) []fault {
	var all []fault
	var fields dialect.FieldErrors
	if errors.As(dialect.Check(w), &fields) {
		for _, f := range fields {
			all = append(all, fault{field: f.Field, msg: calbell.TextOfError(f.Err), hint: calbell.HintOf(f.Err)})
		}
	}
	if err := webhook.CheckURL(w.URL.Reveal(), o); err != nil {
		all = append(all, fault{field: "url", msg: calbell.TextOfError(err), hint: calbell.HintOf(err)})
	}
	if w.Locale != "" && !templates.KnownLocale(w.Locale) {
		all = append(all, fault{field: "locale", msg: calbell.T("service:unknown-locale", "unknown locale %q", w.Locale), hint: calbell.T("service:one", "one of %s", strings.Join(templates.Locales(), ", "))})
	}
	_, errs := templates.CompileHookLenient(w)
	for _, err := range errs {
		all = append(all, templateFault(err))
	}
	return all
}

// CheckWebhook implements service.Encoder.
func (s *sender) CheckWebhook(w calbell.Webhook) error {
	found := checkWebhook(w, s.options())
	if len(found) == 0 {
		return nil
	}
	e := &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("daemon:webhook-problem", "webhook %q: %s", w.Name, found[0].text()), Hint: found[0].hint}
	for _, f := range found {
		e.Fields = append(e.Fields, calbell.FieldError{Name: f.field, What: f.placed(), Hint: f.hint})
	}
	return e
}

// templateFault returns the fault for an error of a template, with its position if the
// error has one.
func templateFault(err error) fault {
	f := fault{field: "template", msg: calbell.TextOfError(err)}
	var field *templates.FieldError
	if errors.As(err, &field) {
		f.field, f.msg = field.Field, calbell.TextOfError(field.Err)
	}
	var syntax *templates.SyntaxError
	if errors.As(err, &syntax) {
		f.line, f.col, f.msg = syntax.Line, syntax.Column, syntax.What()
	}
	return f
}

// CheckFile checks a configuration as far as the file alone allows. The findings in the
// error point into the file. It returns nil when there are none.
func CheckFile(cfg *config.Config) error {
	var errs []error
	for i, w := range cfg.Webhooks {
		for _, f := range checkWebhook(w, senderOptions(cfg, "")) {
			errs = append(errs, cfg.ErrorAt(fmt.Sprintf("webhooks[%d].%s", i, f.field), f.line, f.col, f.msg, f.hint))
		}
	}
	for i, d := range cfg.Digests {
		for _, f := range checkDigest(d) {
			errs = append(errs, cfg.ErrorAt(fmt.Sprintf("digests[%d].%s", i, f.field), f.line, f.col, f.msg, f.hint))
		}
	}
	return config.Join(errs...)
}

// checkDigest returns the faults of a digest's times and templates.
func checkDigest(d calbell.Digest) []fault {
	var all []fault
	if err := scheduler.CheckCron(d.Cron); err != nil {
		all = append(all, fault{
			field: "cron", msg: calbell.T("daemon:cron-spec", "cron spec %q: %v", d.Cron, err),
			hint: calbell.T("config:cron-form", `minute, hour, day of the month, month, day of the week: "0 7 * * mon-fri"`),
		})
	}
	for _, err := range templates.CheckDigest(d) {
		all = append(all, templateFault(err))
	}
	return all
}

// checkNames returns an error for each webhook that the file names and that does not exist.
func checkNames(cfg *config.Config, stored []calbell.Webhook) error {
	var names []string
	for _, w := range stored {
		names = append(names, string(w.ID))
		if w.Owner == "" { // the file cannot use webhooks of users
			names = append(names, w.Name)
		}
	}
	return cfg.CheckWebhooks(names)
}

// Finding is the result of asking one server; Err is nil when all is well.
type Finding struct {
	What   string // `webhook "team"`, `account "home"`
	Detail string // what was reached, when all is well
	Err    error
}

// CheckOutside connects to the hosts of the webhooks, without posting a message, and signs
// in to the accounts. It calls found with each result as soon as it is known.
func CheckOutside(ctx context.Context, cfg *config.Config, version string, found func(Finding)) {
	sender := webhook.NewSender(senderOptions(cfg, version))
	defer sender.Close()
	for _, w := range cfg.Webhooks {
		r, err := sender.Probe(ctx, w)
		f := Finding{What: fmt.Sprintf("webhook %q", w.Name), Err: err, Detail: "reached " + r.Host}
		if r.TLS != "" {
			f.Detail += ", " + r.TLS
		}
		found(f)
	}
	var calendars []calbell.Calendar
	all := true
	for _, a := range cfg.Accounts {
		f, of := checkAccount(ctx, a, cfg, version)
		all = all && of != nil
		calendars = append(calendars, of...)
		found(f)
	}
	if all { // a missing calendar may belong to an account that could not be asked
		checkCalendars(cfg, calendars, found)
	}
}

// checkCalendars reports the rules and digests that name a calendar that no account has.
func checkCalendars(cfg *config.Config, calendars []calbell.Calendar, found func(Finding)) {
	check := func(what, name string) {
		isMeant := func(c calbell.Calendar) bool {
			account, rest, _ := strings.Cut(name, "/")
			return c.Called(name) || c.Listed == name || calbell.SameName(account, c.Account) && (c.Called(rest) || c.Listed == rest)
		}
		if name == "" || slices.ContainsFunc(calendars, isMeant) {
			return
		}
		var names []string
		for _, c := range calendars {
			names = append(names, c.Name, c.Account+"/"+c.Name)
		}
		e := &calbell.Error{
			Kind: calbell.KindNotFound, What: calbell.English("no account has a calendar %q", name), Hint: calbell.English("calbell calendar list shows those that there are"),
		}
		if near := calbell.Nearest(name, names); near != "" {
			e.Hint = calbell.T("daemon:did-you-mean", "did you mean %q?", near)
		}
		found(Finding{What: what, Err: e})
	}
	for _, r := range cfg.Rules {
		check(fmt.Sprintf("rule %q", r.Name), r.Calendar)
	}
	for _, d := range cfg.Digests {
		for _, name := range d.Calendars {
			check(fmt.Sprintf("digest %q", d.Name), name)
		}
	}
}

// how describes what the answer of an account's server proves. A published calendar needs
// no sign-in.
func how(a calbell.Account) string {
	if a.Username == "" && a.Token == "" && a.ClientCertificate == "" && a.ClientCertificatePEM == "" {
		return "read without a sign-in"
	}
	return "signed in"
}

// checkAccount signs in and looks for the calendars that the file lists. It returns the
// account's calendars; nil when the server could not be asked.
func checkAccount(ctx context.Context, a calbell.Account, cfg *config.Config, version string) (f Finding, calendars []calbell.Calendar) {
	f = Finding{What: fmt.Sprintf("account %q", a.Name)}
	c, err := remoteOptions(cfg, version).dial(a)
	if err != nil {
		f.Err = err
		return f, nil
	}
	defer c.CloseIdle()
	d, err := c.Discover(ctx)
	if err != nil {
		f.Err = err
		return f, nil
	}
	var names []string
	for _, c := range d.Calendars {
		names = append(names, c.Name)
	}
	f.Detail = fmt.Sprintf("%s, calendars: %q", how(a), names)
	for _, s := range a.Calendars {
		if !slices.ContainsFunc(d.Calendars, func(c calbell.Calendar) bool { return c.Called(s.Name) }) {
			hint := calbell.English("it has: %q", names)
			if near := calbell.Nearest(s.Name, names); near != "" {
				hint = calbell.T("syncer:did-you-mean", "did you mean %q?", near)
			}
			f.Err = &calbell.Error{Kind: calbell.KindNotFound, What: calbell.English("no calendar %q at the server", s.Name), Hint: hint}
		}
	}
	return f, append([]calbell.Calendar{}, d.Calendars...)
}
