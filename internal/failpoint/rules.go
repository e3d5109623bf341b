package failpoint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Action is what happens at a place.
type Action string

// The actions.
const (
	// Exit kills the process as SIGKILL does.
	Exit Action = "exit"
	// Error makes the point fail.
	Error Action = "error"
	// Sleep waits.
	Sleep Action = "sleep"
	// Panic panics.
	Panic Action = "panic"
)

// Rule says what happens at a place, and when.
type Rule struct {
	Place  Place
	Action Action
	Err    error         // of Error
	For    time.Duration // of Sleep, > 0
	From   int           // the first time at which it acts, counted from 1
	Times  int           // how often it acts; 0: each time

	seen int // how often the place was reached
}

// acts counts that the place was reached and reports whether the rule acts.
func (r *Rule) acts() bool {
	r.seen++
	return r.seen >= r.From && (r.Times == 0 || r.seen < r.From+r.Times)
}

// Parse reads rules, separated by ";":
//
//	PLACE=ACTION[@FROM][*TIMES]
//
// with the actions exit, panic, sleep(DURATION) and error(ERRNO). FROM is the first time at
// which it acts (default 1), TIMES how often it acts from there (default 1; * alone: each
// time). As in
//
//	finish:after=exit@3;write-journal:before=error(ENOSPC)*5;post:after=sleep(50ms)*
func Parse(text string) (rules []*Rule, err error) {
	for one := range strings.SplitSeq(text, ";") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		r, err := parseRule(one)
		if err != nil {
			return nil, fmt.Errorf("invalid rule %q: %w", one, err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func parseRule(text string) (r *Rule, err error) {
	name, what, ok := strings.Cut(text, "=")
	i := slices.IndexFunc(Places(), func(p Place) bool { return p.String() == name })
	if !ok || i < 0 {
		return nil, fmt.Errorf("unknown place %q", name)
	}
	r = &Rule{Place: Places()[i], From: 1, Times: 1}
	what, times, ok := strings.Cut(what, "*")
	if ok {
		r.Times = 0
	}
	if times != "" {
		if r.Times, err = positive(times); err != nil {
			return nil, err
		}
	}
	what, from, ok := strings.Cut(what, "@")
	if ok {
		if r.From, err = positive(from); err != nil {
			return nil, err
		}
	}
	return r, r.do(what)
}

func positive(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("invalid count %q", text)
	}
	return n, nil
}

// do reads an action.
func (r *Rule) do(text string) (err error) {
	name, arg, has := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	r.Action = Action(name)
	switch {
	case has != strings.HasSuffix(text, ")"):
	case !has && (r.Action == Exit || r.Action == Panic):
		return nil
	case has && r.Action == Sleep:
		if r.For, err = time.ParseDuration(arg); err == nil && r.For > 0 {
			return nil
		}
	case has && r.Action == Error && r.Place.Side != AtIt:
		if r.Err = errnoOf(arg); r.Err != nil {
			return nil
		}
	}
	return fmt.Errorf("invalid action %q", text)
}

// errnoOf returns the error with a name; nil when it is unknown.
func errnoOf(name string) error {
	switch name {
	case "ENOSPC": // a full disk
		return syscall.ENOSPC
	case "EIO": // a broken one
		return syscall.EIO
	case "EROFS": // one that went read-only
		return syscall.EROFS
	case "ECONNREFUSED": // nobody listens
		return syscall.ECONNREFUSED
	case "ECONNRESET": // the other side went away
		return syscall.ECONNRESET
	case "ETIMEDOUT": // no answer
		return syscall.ETIMEDOUT
	}
	return nil
}
