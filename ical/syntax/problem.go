package syntax

import (
	"strconv"
	"strings"

	"calbell"
)

// MaxProblems bounds the problems reported of one text.
const MaxProblems = 1000

// Problem is something in a text that could not be read as it was meant.
type Problem struct {
	Line   int         // of the text, from 1; 0 when it has none
	UID    calbell.UID // "" when it is about no event, or came before the UID
	Reason calbell.Text
	// Bad says that a component was lost: what it stands for will not be reminded of. The
	// others are warnings.
	Bad     bool
	Warning calbell.Warning // what Reason says, unless Bad
}

// Problems collects those of one text. Of very many, the first are kept; half of the room is
// for those that lost something.
type Problems struct {
	List     []Problem
	warnings int // problems that lost nothing
}

// report adds a problem.
func (p *Problems) report(one Problem) {
	if !one.Bad {
		p.warnings++
	}
	if len(p.List) < MaxProblems && (one.Bad || p.warnings <= MaxProblems/2) {
		p.List = append(p.List, one)
	}
}

// Warn reports what was read otherwise than it is written. Arguments are shortened.
func (p *Problems) Warn(line int, uid calbell.UID, code calbell.WarningCode, args ...string) {
	if p.warnings >= MaxProblems/2 {
		return
	}
	p.warn(line, uid, calbell.Warning{Code: code, Args: args})
}

// WarnError is Warn for a code whose last argument is an error.
func (p *Problems) WarnError(line int, uid calbell.UID, code calbell.WarningCode, err error, args ...string) {
	if p.warnings < MaxProblems/2 {
		p.warn(line, uid, calbell.Warning{Code: code, Args: append(args, err.Error()), Reason: calbell.TextOfError(err)})
	}
}

func (p *Problems) warn(line int, uid calbell.UID, w calbell.Warning) {
	for i, a := range w.Args {
		w.Args[i] = clip(a)
	}
	p.report(Problem{Line: line, UID: uid, Reason: calbell.Plain(w.String()), Warning: w})
}

// Bad reports what was lost.
func (p *Problems) Bad(line int, uid calbell.UID, reason calbell.Text) {
	p.report(Problem{Line: line, UID: uid, Bad: true, Reason: reason})
}

// Quoted shortens what a text says for a message to people.
func Quoted(s string) string { return `"` + clip(s) + `"` }

// clip shortens what a text says, and writes control characters as escapes.
func clip(s string) string {
	const most = 60
	more := ""
	if len(s) > most {
		s, more = strings.ToValidUTF8(s[:most], ""), "…"
	}
	escaped := strconv.Quote(s)
	return strings.ReplaceAll(escaped[1:len(escaped)-1], `\"`, `"`) + more
}
