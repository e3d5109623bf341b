package ical

import (
	"fmt"
	"strconv"
	"strings"

	"calbell"
)

// maxProblems bounds the problems reported of one text.
const maxProblems = 1000

// Problem is something in a text that could not be read as it was meant.
type Problem struct {
	Line   int         // of the text, from 1; 0 when it has none
	UID    calbell.UID // "" when it is about no event, or came before the UID
	Reason string      // in English
	// Bad says that a component was lost: what it stands for will not be reminded of. The
	// others are warnings.
	Bad     bool
	Warning calbell.Warning // what Reason says, unless Bad
}

// problems collects those of one text. Of very many, the first are kept; half of the room is
// for those that lost something.
type problems struct {
	list     []Problem
	warnings int // problems that lost nothing
}

// report adds a problem.
func (p *problems) report(one Problem) {
	if !one.Bad {
		p.warnings++
	}
	if len(p.list) < maxProblems && (one.Bad || p.warnings <= maxProblems/2) {
		p.list = append(p.list, one)
	}
}

// warn reports what was read otherwise than it is written. Arguments are shortened.
func (p *problems) warn(line int, uid calbell.UID, code calbell.WarningCode, args ...string) {
	if p.warnings >= maxProblems/2 {
		return
	}
	for i, a := range args {
		args[i] = clip(a)
	}
	w := calbell.Warning{Code: code, Args: args}
	p.report(Problem{Line: line, UID: uid, Reason: w.String(), Warning: w})
}

// bad reports what was lost.
func (p *problems) bad(line int, uid calbell.UID, format string, args ...any) {
	p.report(Problem{Line: line, UID: uid, Bad: true, Reason: fmt.Sprintf(format, args...)})
}

// quoted shortens what a text says for a message to people.
func quoted(s string) string { return `"` + clip(s) + `"` }

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
