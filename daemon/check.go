package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"calbell"
	"calbell/config"
	"calbell/scheduler"
	"calbell/templates"
	"calbell/webhook"
)

// checkWebhook returns all that is wrong with a webhook of the file.
func checkWebhook(w calbell.Webhook, o webhook.Options) []templates.Fault {
	all := templates.CheckHook(w)
	if err := webhook.CheckURL(w.URL.Reveal(), o); err != nil {
		all = append(all, templates.FieldFault("url", err))
	}
	return all
}

// CheckFile says what is wrong with a configuration as far as the file alone tells: the
// findings point into it. nil when nothing is.
func CheckFile(cfg *config.Config) error {
	var errs []error
	for i, w := range cfg.Webhooks {
		for _, f := range checkWebhook(w, senderOptions(cfg, "")) {
			errs = append(errs, cfg.ErrorAt(fmt.Sprintf("webhooks[%d].%s", i, f.Field), f.Line, f.Column, f.What, f.Hint))
		}
	}
	for i, d := range cfg.Digests {
		for _, f := range checkDigest(d) {
			errs = append(errs, cfg.ErrorAt(fmt.Sprintf("digests[%d].%s", i, f.Field), f.Line, f.Column, f.What, f.Hint))
		}
	}
	return config.Join(errs...)
}

// checkDigest returns what is wrong with a digest's times and templates.
func checkDigest(d calbell.Digest) (all []templates.Fault) {
	if err := scheduler.CheckCron(d.Cron); err != nil {
		all = append(all, templates.Fault{
			Field: "cron", What: calbell.T("daemon:cron-spec", "cron spec %q: %v", d.Cron, err),
			Hint: calbell.T("config:cron-form", `minute, hour, day of the month, month, day of the week: "0 7 * * mon-fri"`),
		})
	}
	for _, err := range templates.CheckDigest(d) {
		all = append(all, templates.FaultOf(err))
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
