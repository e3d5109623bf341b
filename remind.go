package calbell

import (
	"fmt"
	"strings"
)

// RemindLine is a line of a description by which an event chooses its webhooks, from any
// client: "#remind ops", "#remind ops -15m, -1d@09:00", or "#remind none".
type RemindLine struct {
	// None: the event wants no reminder but those that people attached to it.
	None bool
	// Webhooks are the names it says.
	Webhooks []string
	// Leads are the reminders that it makes; none: it only says where the event's own go.
	Leads []Lead
	// Bad says what could not be read of it; "" when all of it could.
	Bad string
}

// remindWord begins such a line; letter case does not count.
const remindWord = "#remind"

// IsRemindLine says whether a line of text is one: it stands alone in its line.
func IsRemindLine(line string) bool {
	_, ok := afterRemind(line)
	return ok
}

// afterRemind returns what follows the word.
func afterRemind(line string) (rest string, ok bool) {
	line = strings.TrimSpace(line)
	if len(line) < len(remindWord) || !strings.EqualFold(line[:len(remindWord)], remindWord) {
		return "", false
	}
	rest = line[len(remindWord):]
	trimmed := strings.TrimLeft(rest, " \t\u00a0:") // a no-break space is what editors of HTML leave behind
	return trimmed, rest == "" || trimmed != rest
}

// RemindLines returns those of a text, at most [MaxRouted].
func RemindLines(text string) (lines []RemindLine) {
	if !strings.Contains(text, "#") {
		return nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		if rest, ok := afterRemind(line); ok && len(lines) < MaxRouted {
			lines = append(lines, readRemind(rest))
		}
	}
	return lines
}

// readRemind reads what follows the word: names, then times before the start, which
// begin with a minus or are written without one.
func readRemind(rest string) (l RemindLine) {
	if strings.EqualFold(strings.TrimSpace(rest), "none") {
		return RemindLine{None: true}
	}
	var name []string
	flush := func() {
		if len(name) > 0 && len(l.Webhooks) < MaxRouted {
			l.Webhooks = append(l.Webhooks, strings.Join(name, " "))
		}
		name = nil
	}
	for part := range strings.SplitSeq(rest, ",") {
		for word := range strings.FieldsSeq(part) {
			lead, isLead, err := remindLead(word)
			switch {
			case err != nil:
				flush()
				l.Bad = err.Error()
			case isLead && len(l.Leads) < MaxRouted:
				flush()
				l.Leads = append(l.Leads, lead)
			case !isLead && len(l.Leads) > 0:
				l.Bad = fmt.Sprintf("%q follows a time", word)
			case !isLead:
				name = append(name, word)
			}
		}
		flush()
	}
	if len(l.Webhooks) == 0 && l.Bad == "" {
		l.Bad = "it names no webhook"
	}
	return l
}

// remindLead reads a word as a time before the start. What begins with a minus and a digit
// is meant as one.
func remindLead(word string) (l Lead, isLead bool, err error) {
	plain, minus := strings.CutPrefix(strings.TrimPrefix(word, "\u2212"), "-") // U+2212, the typographer's minus
	minus = minus || strings.HasPrefix(word, "\u2212")
	l, err = ParseLead(plain)
	meant := minus && plain != "" && plain[0] >= '0' && plain[0] <= '9'
	if err != nil && !meant {
		return Lead{}, false, nil
	}
	return l, err == nil, err
}
