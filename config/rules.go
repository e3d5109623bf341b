package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"calbell/config/yamltree"

	"calbell"
)

// Limits of rules and digests.
const (
	// maxEventLength limits min_duration and max_duration.
	maxEventLength = MaxKeep
	// MaxDigestDays limits how far ahead a digest begins, and how many days it covers.
	MaxDigestDays = 31
	// maxCron limits a cron spec, in bytes; one that lists every minute of an hour is shorter.
	maxCron = 400
)

// rule reads an item of rules.
func (r *reader) rule(path string, n *yamltree.Node) {
	var rule calbell.Rule
	defer func() { r.cfg.Rules = append(r.cfg.Rules, rule) }()
	if !r.is(path, n, yamltree.Mapping) {
		return
	}
	var one string
	r.mapping(path, n, fields{
		"name":         name(&rule.Name).required(),
		"calendar":     name(&rule.Calendar),
		"subject":      pattern(&rule.Subject),
		"location":     pattern(&rule.Location),
		"category":     pattern(&rule.Category),
		"organizer":    pattern(&rule.Organizer),
		"busy":         either(&rule.Busy),
		"all_day":      either(&rule.AllDay),
		"min_duration": by(span(&rule.MinDuration, 0, maxEventLength)),
		"max_duration": by(span(&rule.MaxDuration, 0, maxEventLength)),
		"webhook":      webhookName(&one),
		"webhooks":     each(&rule.Webhooks, webhookName),
	}.reminders(&rule.Remind, &rule.RemindAllDay, &rule.Mode))
	switch {
	case hasAny(n, "webhook") && hasAny(n, "webhooks"):
		r.fail(path+".webhook", calbell.T("config:both-given", "both %q and %q are given", "webhook", "webhooks"), calbell.T("config:remove-one", "remove one of them"))
	case one != "":
		rule.Webhooks = []string{one}
	}
	checked := rule
	if one == "" && hasAny(n, "webhook") {
		checked.Webhooks = []string{""} // errors in the list were reported already
	}
	r.failFields(path, calbell.CheckRule(checked))
}

// pattern reads a text to search for, or a regular expression between slashes.
func pattern(to *string) reading {
	return single(textShape(), func(r *reader, path string, n *yamltree.Node) {
		_, err := calbell.NewMatcher(n.Text)
		var bad *calbell.PatternError
		if errors.As(err, &bad) {
			e := r.doc.ErrorAt(path, 1, bad.At+1, calbell.T("config:of-key", "%q: %s", lastKey(path), bad.Reason), calbell.T("config:pattern-form", "a text that is looked for, or /a regular expression/"))
			e.Shown = true
			r.findings = append(r.findings, e)
			return
		}
		*to = n.Text
	})
}

// either reads true or false; nil, without the key, matches both.
func either(to **bool) reading {
	return single(shape{"type": "boolean"}, func(r *reader, path string, n *yamltree.Node) {
		*to = new(bool)
		boolean(*to).take(r, path, n)
	})
}

// clock is a time of day, stored as the time since midnight.
func clock(to *time.Duration) value {
	return value{
		shape: textShape(),
		get:   func() any { return fmt.Sprintf("%02d:%02d", *to/time.Hour, *to%time.Hour/time.Minute) },
		set: func(text string) *yamltree.Error {
			t, err := time.Parse("15:04", text)
			if err != nil {
				return invalid(calbell.T("config:invalid-time-of-day", "invalid time of day"), text, calbell.T("config:time-of-day-form", "from 00:00 to 23:59"))
			}
			*to = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
			return nil
		},
	}
}

// digest reads an item of digests. Its cron spec and templates are parsed by the packages
// that use them.
func (r *reader) digest(path string, n *yamltree.Node) {
	d := calbell.Digest{Days: 1}
	defer func() { r.cfg.Digests = append(r.cfg.Digests, d) }()
	if !r.is(path, n, yamltree.Mapping) {
		return
	}
	r.mapping(path, n, fields{
		"name":       name(&d.Name).required(),
		"cron":       by(cronSpec(&d.Cron)).required(),
		"time_zone":  zoneName(&d.TimeZone),
		"calendars":  each(&d.Calendars, name),
		"webhook":    webhookName(&d.Webhook).required(),
		"from":       by(number(&d.From, 0, MaxDigestDays)),
		"days":       by(number(&d.Days, 1, MaxDigestDays)),
		"head":       text(&d.Head),
		"line":       text(&d.Line),
		"skip_empty": boolean(&d.SkipEmpty),
	})
	for key, template := range map[string]string{"head": d.Head, "line": d.Line} {
		if len(template) > calbell.MaxTemplateBytes {
			r.fail(yamltree.Join(path, key), calbell.T("config:template-too-long", "the template is longer than %d bytes", calbell.MaxTemplateBytes), calbell.Text{})
		}
	}
}

// cronSpec is a cron spec of five fields. The zone has a key of its own, and "@every" names
// no time of day.
func cronSpec(to *string) value {
	return value{shape: textShape(), set: func(text string) *yamltree.Error {
		hint := calbell.T("config:cron-form", `minute, hour, day of the month, month, day of the week: "0 7 * * mon-fri"`)
		switch {
		case len(text) > maxCron:
			return fault(calbell.T("config:longer-than-bytes", "longer than %d bytes", maxCron), hint)
		case strings.Contains(text, "TZ="):
			return fault(calbell.T("config:zone-in-cron", "the zone does not stand in the cron spec"), calbell.T("config:write-time-zone", "write time_zone: beside it"))
		case len(strings.Fields(text)) != 5:
			return fault(calbell.T("config:five-cron-fields", "a cron spec has five fields"), hint)
		}
		*to = strings.Join(strings.Fields(text), " ")
		return nil
	}}
}

// quiet reads the hours in which a webhook's reminders are suppressed or deferred.
func quiet(to **calbell.Quiet) reading {
	return object(func(r *reader, path string, n *yamltree.Node) {
		if !r.is(path, n, yamltree.Mapping) {
			return
		}
		var q calbell.Quiet
		var action string
		r.mapping(path, n, fields{
			"from":         by(clock(&q.From)),
			"to":           by(clock(&q.To)),
			"working_days": boolean(&q.WorkingDays),
			"working":      each(&q.Working, weekday),
			"action":       choice(&action, "hold", "drop"),
		})
		q.Drop = action == "drop"
		switch {
		case hasAny(n, "from") != hasAny(n, "to"):
			r.fail(path, calbell.T("config:go-together", "%q and %q go together", "from", "to"), calbell.Text{})
		case q.From == q.To && hasAny(n, "from"):
			r.fail(path+".to", calbell.T("config:hours-no-length", "the hours have no length"), calbell.T("config:leave-from-to", "leave from and to out for days that are quiet as a whole: working_days: true"))
		case !hasAny(n, "from") && !q.WorkingDays:
			r.fail(path, calbell.T("config:quiet-never", "nothing says when it is quiet"), calbell.T("config:from-to-or-working-days", "from and to, or working_days: true"))
		case q.Working != nil && !q.WorkingDays:
			r.fail(path+".working", calbell.T("config:working-without-quiet", "working says which days are working days, and nothing makes the others quiet"), calbell.T("config:add-working-days", "add working_days: true"))
		}
		*to = &q
	})
}

// weekday reads a day of the week.
func weekday(to *time.Weekday) reading {
	days := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	var day string
	one := choice(&day, days...)
	return reading{shape: one.shape, take: func(r *reader, path string, n *yamltree.Node) {
		one.take(r, path, n)
		*to = time.Weekday((slices.Index(days, day) + 1) % len(days))
	}}
}

// skipped reads an item of scheduler.skip.
func skipped(to *string) reading { return choice(to, "free", "tentative") }
