package service

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/authz"
	"calbell/store"
)

// maxRules limits the rules of one owner, because each event is compared with all of them.
const maxRules = 200

// Rules manages the rules that choose webhooks for events.
type Rules struct{ *finder }

// List returns the rules that the caller may see in the order in which they apply: those of
// the file first, then the stored ones.
func (s *Rules) List(ctx context.Context, who calbell.Caller) ([]types.RuleEntry, error) {
	if err := requireCaller(who); err != nil {
		return nil, err
	}
	rows := []types.RuleEntry{}
	if authz.CanAccess(who, "") {
		for i, r := range s.config.Rules() {
			rows = append(rows, entryOf(calbell.StoredRule{Position: i, Rule: r}, calbell.OriginFile))
		}
	}
	var stored []calbell.StoredRule
	var err error
	if who.Local {
		stored, err = s.store.Rules().All(ctx)
	} else {
		stored, err = s.store.Rules().Of(ctx, authz.OwnGroups(who)...)
	}
	for _, r := range stored {
		rows = append(rows, s.ruleRow(r))
	}
	return rows, err
}

func (s *Rules) ruleRow(r calbell.StoredRule) types.RuleEntry {
	e := entryOf(r, calbell.OriginStored)
	e.Editable, e.ETag = true, s.etag(r)
	return e
}

// entryOf returns a rule as read-only.
func entryOf(r calbell.StoredRule, o calbell.Origin) types.RuleEntry {
	return types.RuleEntry{StoredRule: r, MinDuration: lengthText(r.MinDuration), MaxDuration: lengthText(r.MaxDuration), Origin: o}
}

// Get returns a stored rule that the caller may see, by ID or name.
func (s *Rules) Get(ctx context.Context, who calbell.Caller, name string) (types.RuleEntry, error) {
	r, err := s.rule(ctx, who, name, "")
	return s.ruleRow(r), err
}

// rule returns a stored rule that the caller may change.
func (s *Rules) rule(ctx context.Context, who calbell.Caller, name, etag string) (calbell.StoredRule, error) {
	rows, err := s.List(ctx, who)
	if err != nil {
		return calbell.StoredRule{}, err
	}
	var names []string
	var found []types.RuleEntry
	for _, r := range rows {
		names = append(names, r.Name)
		if r.ID != "" && string(r.ID) == name {
			found = []types.RuleEntry{r}
			break
		}
		if authz.SamePerson(r.Name, name) {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 0:
		return calbell.StoredRule{}, notFound(calbell.NounRule, name, names)
	case len(found) > 1:
		return calbell.StoredRule{}, &calbell.Error{
			Kind: calbell.KindUsage, What: calbell.T("service:rules-called", "%d rules are called %q", len(found), name), Hint: calbell.T("service:name-id-calbell-rule", "name it by its ID: calbell rule list"),
		}
	case !found[0].Editable:
		return calbell.StoredRule{}, definedInFile(calbell.NounRule, found[0].Name)
	}
	return found[0].StoredRule, unchanged(calbell.NounRule.Changing(found[0].Name), etag, found[0].ETag)
}

// Add stores a rule. Without a position it comes after the others of its owner.
func (s *Rules) Add(ctx context.Context, who calbell.Caller, n types.NewRule) (types.RuleEntry, error) {
	if err := requireCaller(who); err != nil {
		return types.RuleEntry{}, err
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	owner, err := s.newOwner(ctx, who, n.Owner)
	if err != nil {
		return types.RuleEntry{}, err
	}
	id := make([]byte, 6)
	_, _ = rand.Read(id) // never returns an error
	r := calbell.StoredRule{ID: calbell.RuleID(hex.EncodeToString(id)), Owner: owner, Position: n.Position}
	if r.Rule, err = s.newRule(ctx, who, r.Owner, n); err != nil {
		return types.RuleEntry{}, err
	}
	stored, err := s.store.Rules().Of(ctx, store.OwnedBy(owner))
	if err != nil {
		return types.RuleEntry{}, err
	}
	count := 0
	for _, o := range stored {
		count++
		if n.Position == 0 {
			r.Position = max(r.Position, o.Position+1)
		}
	}
	if count >= maxRules {
		return types.RuleEntry{}, &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:rules-enough", "%d rules are enough", maxRules), Hint: calbell.T("service:remove-one-first", "remove one first")}
	}
	return s.putRule(ctx, r, calbell.StoredRule{})
}

// putRule stores a rule. old is the one that it replaces; the zero rule for a new one.
func (s *Rules) putRule(ctx context.Context, r, old calbell.StoredRule) (types.RuleEntry, error) {
	c := change{owner: r.Owner, skip: except{rule: r.ID}, now: storage{rules: jsonSize(r), steps: stepsOf(r.Rule)}}
	if authz.SamePerson(old.Owner, r.Owner) {
		c.was = storage{rules: jsonSize(old), steps: stepsOf(old.Rule)}
	}
	if err := s.checkQuota(ctx, c); err != nil {
		return types.RuleEntry{}, err
	}
	if err := s.store.Rules().Change(ctx, []calbell.StoredRule{r}, nil); err != nil {
		return types.RuleEntry{}, err
	}
	return s.ruleRow(r), s.effects.AccountsChanged(ctx, r.Owner)
}

// Set changes a stored rule.
func (s *Rules) Set(ctx context.Context, who calbell.Caller, name, etag string, n types.NewRule) (types.RuleEntry, error) {
	s.editing.Lock()
	defer s.editing.Unlock()
	r, err := s.rule(ctx, who, name, etag)
	if err != nil {
		return types.RuleEntry{}, err
	}
	old := r
	if n.Owner != nil {
		if r.Owner, err = s.newOwner(ctx, who, n.Owner); err != nil {
			return types.RuleEntry{}, err
		}
	}
	r.Position = n.Position
	if r.Rule, err = s.newRule(ctx, who, r.Owner, n); err != nil {
		return types.RuleEntry{}, err
	}
	return s.putRule(ctx, r, old)
}

// Request returns the request that would create a stored rule of the caller. Editors change
// parts of it.
func (s *Rules) Request(ctx context.Context, who calbell.Caller, name string) (types.NewRule, string, error) {
	r, err := s.rule(ctx, who, name, "")
	if err != nil {
		return types.NewRule{}, "", err
	}
	return types.NewRule{
		Name: r.Name, Position: r.Position, RuleSpec: r.RuleSpec, MinDuration: lengthText(r.MinDuration), MaxDuration: lengthText(r.MaxDuration),
	}, s.etag(r), nil
}

// Remove removes a stored rule.
func (s *Rules) Remove(ctx context.Context, who calbell.Caller, name, etag string) error {
	s.editing.Lock()
	defer s.editing.Unlock()
	r, err := s.rule(ctx, who, name, etag)
	if err != nil {
		return err
	}
	if err := s.store.Rules().Change(ctx, nil, []calbell.RuleID{r.ID}); err != nil {
		return err
	}
	return s.effects.AccountsChanged(ctx, r.Owner)
}

// newRule converts a request to a rule, and checks it as the configuration file's reader
// does.
func (s *Rules) newRule(ctx context.Context, who calbell.Caller, owner string, n types.NewRule) (calbell.Rule, error) {
	r := calbell.Rule{Name: strings.TrimSpace(n.Name), RuleSpec: n.RuleSpec}
	var err error
	if r.MinDuration, err = length("min_duration", n.MinDuration); err != nil {
		return r, err
	}
	if r.MaxDuration, err = length("max_duration", n.MaxDuration); err != nil {
		return r, err
	}
	for name, pattern := range map[string]string{"subject": r.Subject, "location": r.Location, "category": r.Category, "organizer": r.Organizer} {
		var bad *calbell.PatternError
		if _, err := calbell.NewMatcher(pattern); pattern != "" && errors.As(err, &bad) {
			return r, field(name, bad.Reason, calbell.T("service:text-looked-or-regular", "a text that is looked for, or /a regular expression/"))
		}
	}
	if err := checked(append(calbell.CheckName(r.Name), calbell.CheckRule(r)...)); err != nil {
		return r, err
	}
	r.Webhooks = make([]string, len(n.Webhooks))
	for i, name := range n.Webhooks {
		if r.Webhooks[i], err = s.webhookID(ctx, who, owner, fmt.Sprintf("webhooks[%d]", i), name); err != nil {
			return r, err
		}
	}
	return r, checkMode("mode", r.Mode)
}

// checkMode rejects an unknown mode.
func checkMode(name string, m calbell.Mode) error {
	switch m {
	case "", calbell.ModeFallback, calbell.ModeAdd, calbell.ModeReplace, calbell.ModeOff:
		return nil
	}
	return field(name, calbell.T("service:no-mode", "%q is no mode", m), calbell.T("service:one-of", "one of: %s", "fallback, add, replace, off"))
}

// length parses the duration of an event, in the notation of leads.
func length(name, text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	l, err := calbell.ParseLength(text)
	if err != nil {
		return 0, field(name, calbell.T("service:no-length-time", "%q is no length of time", text), calbell.Plain("30m, 2h, 1d"))
	}
	return time.Duration(l.Days)*24*time.Hour + l.Exact, nil
}

// lengthText is the inverse of length; "" for zero. Durations in the file may have seconds.
func lengthText(d time.Duration) string {
	text, rest := "", d%time.Minute
	if whole := d - rest; whole != 0 {
		text = calbell.Lead{Days: int(whole / (24 * time.Hour)), Exact: whole % (24 * time.Hour)}.String()
	}
	if rest != 0 {
		text += rest.String()
	}
	return text
}

// Test returns, for each rule, whether it matches the next instance of an event, and which
// one decides.
func (s *Rules) Test(ctx context.Context, who calbell.Caller, event string, now time.Time) ([]types.RuleRow, error) {
	f, err := s.findEvent(ctx, who, event)
	if err != nil {
		return nil, err
	}
	rows, decided := []types.RuleRow{}, false
	for _, t := range s.config.Policy().TestRules(f.calendar, shownInstance(f.event, now)) {
		row := types.RuleRow{Rule: t.Rule, MinDuration: lengthText(t.Rule.MinDuration), MaxDuration: lengthText(t.Rule.MaxDuration), Matches: t.Misses == "", Misses: t.Misses}
		row.Decides = row.Matches && !decided
		decided = decided || row.Matches
		rows = append(rows, row)
	}
	return rows, nil
}
