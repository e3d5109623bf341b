package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"calbell"
	"calbell/config"
	"calbell/scheduler/plan"
	"calbell/templates"
)

// Stored is what only a database knows about the things that a configuration file defines.
// The zero value means that no database was asked.
type Stored struct {
	// Calendars are those that the latest syncs found.
	Calendars []calbell.Calendar
	// Used are the webhooks that something stored sends reminders to, and Attached the accounts
	// whose events have attached reminders, or whose calendars have settings that people made.
	Used     map[calbell.WebhookID]bool
	Attached map[string]bool
}

// warn logs and returns what is unwise in the configuration in force; see warnings.
func (d *Daemon) warn(ctx context.Context, calendars []calbell.Calendar) []calbell.ConfigWarning {
	all, err := d.warnings(ctx, calendars)
	if err != nil {
		d.log.Error("look for what is unwise in the configuration", "err", err)
	}
	for _, w := range all {
		d.log.Warn(w.What.English, "hint", w.Hint)
	}
	return all
}

// warnings returns what is unwise in the configuration in force. calendars are those that were
// stored before it was.
func (s *settings) warnings(ctx context.Context, calendars []calbell.Calendar) ([]calbell.ConfigWarning, error) {
	cfg := s.config.Load()
	stored := Stored{Calendars: calendars, Used: map[calbell.WebhookID]bool{}, Attached: map[string]bool{}}
	bindings, err := s.store.AllBindings(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range bindings {
		stored.Used[b.Webhook], stored.Attached[b.Account] = true, true
	}
	for _, w := range cfg.Webhooks {
		for _, use := range s.Policy().UsedBy(w.ID) {
			if use.Stored {
				stored.Used[w.ID], stored.Attached[use.Account] = true, true
			}
		}
	}
	return append(Advise(cfg, stored), UnknownCalendars(cfg, stored)...), nil
}

// Advise returns warnings about a configuration and its files. Things that something stored
// uses are not reported as unused.
func Advise(cfg *config.Config, s Stored) []calbell.ConfigWarning {
	all := append([]calbell.ConfigWarning{}, cfg.Warnings()...)
	for i, a := range cfg.Accounts {
		at := fmt.Sprintf("accounts[%d]", i)
		all = append(all, s.silent(cfg, a, at)...)
	}
	all = append(all, s.unused(cfg)...)
	for i, w := range cfg.Webhooks {
		for _, err := range templates.Doubts(w) {
			f := templates.FaultOf(err)
			where := cfg.Where(fmt.Sprintf("webhooks[%d].%s", i, f.Field), f.Line, f.Column)
			all = append(all, calbell.ConfigWarning{
				What: calbell.English("%swebhook %q: %s: %s", where, w.Name, f.Field, f.What), Hint: calbell.English("a variable is written %%subject%%, an optional part [[, %%location%%]]"),
			})
		}
	}
	return all
}

// UnknownCalendars warns of calendar names in the file that no calendar had at the latest
// sync. It is for checks that do not ask the servers.
func UnknownCalendars(cfg *config.Config, s Stored) (all []calbell.ConfigWarning) {
	synced := true // each account
	for i, a := range cfg.Accounts {
		all = append(all, s.unknownNames(cfg, a, fmt.Sprintf("accounts[%d]", i))...)
		synced = synced && slices.ContainsFunc(s.Calendars, func(c calbell.Calendar) bool { return c.Account == a.Key() })
	}
	if synced {
		checkCalendars(cfg, s.Calendars, func(f Finding) {
			all = append(all, calbell.ConfigWarning{What: calbell.Plain(f.What + ": " + f.Err.Error()), Hint: calbell.HintOf(f.Err)})
		})
	}
	return all
}

// unknownNames warns of names in an account's list that no calendar had at the latest sync.
// It returns nothing for an account that was never synced.
func (s Stored) unknownNames(cfg *config.Config, a calbell.Account, at string) (all []calbell.ConfigWarning) {
	var names []string
	for _, c := range s.Calendars {
		if c.Account == a.Key() {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	for i, l := range a.Calendars {
		if s.has(a, l.Name) {
			continue
		}
		hint := "the next sync looks for it; calbell status names it when the server does not have it"
		if near := calbell.Nearest(l.Name, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		all = append(all, calbell.ConfigWarning{
			What: calbell.English("%saccount %q: no calendar %q was found so far", cfg.Where(fmt.Sprintf("%s.calendars[%d].name", at, i), 0, 0), a.Name, l.Name),
			Hint: calbell.Plain(hint),
		})
	}
	return all
}

// has reports whether a name of an account's list matches a calendar.
func (s Stored) has(a calbell.Account, name string) bool {
	return slices.ContainsFunc(s.Calendars, func(c calbell.Calendar) bool {
		return c.Account == a.Key() && (c.Listed == name || c.Called(name))
	})
}

// silent warns of an account, or of calendars in its list, whose reminders have no webhook.
// Calendars with mode off are silent on purpose.
func (s Stored) silent(cfg *config.Config, a calbell.Account, at string) (all []calbell.ConfigWarning) {
	if a.Default.Webhook != "" || len(a.Aliases)+len(a.Categories) > 0 || s.Attached[a.Key()] {
		return nil
	}
	const hint = "name a webhook for it (webhook: NAME) or in a rule, or attach reminders to its events; mode: off says that it is to be silent"
	wanted := 0
	for i, c := range a.Calendars {
		if c.Mode == calbell.ModeOff {
			continue
		}
		if wanted++; c.Webhook == "" && !ruled(cfg, a, c.Name) {
			all = append(all, calbell.ConfigWarning{
				What: calbell.English("%saccount %q: the alarms of calendar %q go nowhere: it has no webhook, and no rule sends them to one", cfg.Where(fmt.Sprintf("%s.calendars[%d].name", at, i), 0, 0), a.Name, c.Name),
				Hint: calbell.Plain(hint),
			})
		}
	}
	if wanted == 0 && a.Default.Mode != calbell.ModeOff && len(a.Calendars) == 0 && !ruled(cfg, a, "") || len(all) > 1 && len(all) == wanted {
		return []calbell.ConfigWarning{{
			What: calbell.English("%saccount %q: its alarms go nowhere: it has no webhook, nor has a calendar of it, and no rule sends them to one", cfg.Where(at+".name", 0, 0), a.Name),
			Hint: calbell.Plain(hint),
		}}
	}
	return all
}

// ruled reports whether a rule could choose a webhook for events of an account's calendar;
// "" stands for any calendar.
func ruled(cfg *config.Config, a calbell.Account, calendar string) bool {
	return slices.ContainsFunc(cfg.Rules, func(r calbell.Rule) bool {
		account, rest, placed := strings.Cut(r.Calendar, "/")
		switch {
		case len(r.Webhooks) == 0:
			return false
		case r.Calendar == "" || calbell.IsAddress(r.Calendar):
			return true
		case placed && !calbell.SameName(account, a.Name):
			return false
		case placed:
			return calendar == "" || calbell.SameName(rest, calendar)
		}
		return calendar == "" || calbell.SameName(r.Calendar, calendar)
	})
}

// unused warns of webhooks that receive no reminders. Webhooks of users, and shared ones,
// are left out: they are there to be chosen on the page.
func (s Stored) unused(cfg *config.Config) (all []calbell.ConfigWarning) {
	p := plan.NewPolicy(plan.Settings{Accounts: cfg.Accounts, Webhooks: cfg.Webhooks, Rules: cfg.Rules, Zone: cfg.TimeZone, Locale: cfg.Locale})
	for i, w := range cfg.Webhooks {
		named := func(name string) bool { return name != "" && calbell.Slug(name) == calbell.Slug(w.Name) }
		if w.Share || w.Owner != "" || s.Used[w.ID] || len(p.UsedBy(w.ID)) > 0 || named(cfg.Delivery.ErrorWebhook) ||
			slices.ContainsFunc(cfg.Digests, func(d calbell.Digest) bool { return named(d.Webhook) }) {
			continue
		}
		all = append(all, calbell.ConfigWarning{
			What: calbell.English("%snothing uses webhook %q", cfg.Where(fmt.Sprintf("webhooks[%d].name", i), 0, 0), w.Name),
			Hint: calbell.English("name it in an account, a calendar, a rule or a digest, or attach reminders to it; events can name it too: #remind %s", string(w.ID)),
		})
	}
	return all
}
