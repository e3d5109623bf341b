package config

import (
	"fmt"

	"calbell"
)

// unique reports names with the same slug, which could not be told apart when people type
// them.
func (r *reader) unique() {
	accounts := namesAt{"accounts[%d].name", map[string]int{}}
	for i, a := range r.cfg.Accounts {
		accounts.add(r, i, a.Name)
		calendars := namesAt{fmt.Sprintf("accounts[%d].calendars", i) + "[%d].name", map[string]int{}}
		for j, c := range a.Calendars {
			calendars.add(r, j, c.Name)
		}
	}
	webhooks := namesAt{"webhooks[%d].name", map[string]int{}}
	for i, w := range r.cfg.Webhooks {
		webhooks.add(r, i, w.Name)
	}
	rules := namesAt{"rules[%d].name", map[string]int{}}
	for i, rule := range r.cfg.Rules {
		rules.add(r, i, rule.Name)
	}
	digests := namesAt{"digests[%d].name", map[string]int{}}
	for i, d := range r.cfg.Digests {
		digests.add(r, i, d.Name)
	}
}

// namesAt collects the names of a list.
type namesAt struct {
	path string // with %d for the position
	seen map[string]int
}

func (l *namesAt) add(r *reader, i int, name string) {
	slug := calbell.Slug(name)
	if slug == "" {
		return
	}
	path := fmt.Sprintf(l.path, i)
	if first, ok := l.seen[slug]; ok {
		before, _ := r.doc.Find(fmt.Sprintf(l.path, first))
		r.reject(path, fault(calbell.T("config:name-taken", "the name %q is taken on line %d (both are %q to a command)", name, before.Place.Line, slug), calbell.Text{}).AsShown())
		return
	}
	l.seen[slug] = i
}

// mention is a place in the file that names a webhook.
type mention struct{ at, webhook string }

// CheckWebhooks returns an error for each place that names a webhook which exists neither
// in the file nor in stored; nil when there is none. Names are compared by [calbell.Slug].
// stored are names or IDs of stored webhooks.
func (c *Config) CheckWebhooks(stored []string) error {
	known := map[string]bool{}
	names := make([]string, 0, len(c.Webhooks)+len(stored))
	for _, w := range c.Webhooks {
		names = append(names, w.Name)
	}
	names = append(names, stored...)
	for _, name := range names {
		known[calbell.Slug(name)] = true
	}
	var errs []error
	mentions := []mention{{"delivery.error_webhook", c.Delivery.ErrorWebhook}}
	if c.doc != nil {
		mentions = append(mentions, c.doc.mentions...)
	}
	for _, m := range mentions {
		if m.webhook != "" && !known[calbell.Slug(m.webhook)] {
			hint := calbell.T("config:define-or-add-webhook", "define it under webhooks, or make it with: calbell webhook add")
			bad := unknown(calbell.T("config:no-webhook", "no webhook"), m.webhook, names, hint)
			if !bad.Shown {
				bad.Msg = calbell.T("config:no-webhook-of-name", "no webhook of this name")
			}
			errs = append(errs, c.reject(m.at, bad))
		}
	}
	return Join(errs...)
}
