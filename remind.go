package calbell

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// RemindLine is a line of a description by which an event chooses its webhooks, from any
// client: "#remind ops", "#remind ops -15m, -1d@09:00", or "#remind none".
type RemindLine struct {
	// None suppresses all reminders of the event except those that people attached to it.
	None bool
	// Webhooks are the names in the line. Without names, Leads apply to the usual webhooks.
	Webhooks []string
	// Leads are the reminders to create. Without leads, the line routes the event's own alarms.
	Leads []Lead
	// Bad says what could not be parsed; zero when everything could.
	Bad Text
}

// remindWord starts the line; letter case does not matter.
const remindWord = "#remind"

// IsRemindLine reports whether a line is a #remind line.
func IsRemindLine(line string) bool {
	_, ok := afterRemind(line)
	return ok
}

// blank reports whether a character is invisible: HTML editors leave spaces of every kind
// behind, some without width.
func blank(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", r)
}

// unlisted removes a list mark from the start of a line: a #remind line may be a list item.
func unlisted(line string) string {
	mark, size := utf8.DecodeRuneInString(line)
	rest := strings.TrimLeftFunc(line[size:], blank)
	if strings.ContainsRune("*-+\u2013\u2022\u25e6\u25aa\u25cf\u00b7", mark) && len(rest) < len(line)-size {
		return rest
	}
	return line
}

// afterRemind returns the rest of a line after the word.
func afterRemind(line string) (rest string, ok bool) {
	line = unlisted(strings.TrimFunc(line, blank))
	if len(line) < len(remindWord) || !strings.EqualFold(line[:len(remindWord)], remindWord) {
		return "", false
	}
	rest = line[len(remindWord):]
	trimmed := strings.TrimLeftFunc(rest, func(r rune) bool { return blank(r) || r == ':' })
	return trimmed, rest == "" || trimmed != rest
}

// RemindLines returns the #remind lines of a text, at most [MaxRouted].
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

// readRemind parses what follows the word: names, then times before the start, which may begin
// with a minus.
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
		for word := range strings.FieldsFuncSeq(part, blank) {
			lead, isLead, err := remindLead(word)
			switch {
			case err != nil:
				flush()
				l.Bad = TextOfError(err)
			case isLead && len(l.Leads) < MaxRouted:
				flush()
				l.Leads = append(l.Leads, lead)
			case !isLead && len(l.Leads) > 0:
				l.Bad = T("remind:after-time", "%q follows a time", word)
			case !isLead:
				name = append(name, word)
			}
		}
		flush()
	}
	if len(l.Webhooks) == 0 && len(l.Leads) == 0 && l.Bad.IsZero() {
		l.Bad = T("remind:empty", "it names no webhook and no time")
	}
	return l
}

// remindLead parses a word as a time before the start. A word that begins with a minus and a
// digit must be one. Text editors replace the minus by other dashes, so these count too.
func remindLead(word string) (l Lead, isLead bool, err error) {
	plain := strings.TrimLeft(word, "-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d")
	l, err = compactLead(plain) // in a description, only this spelling is unambiguous
	meant := plain != word && plain != "" && plain[0] >= '0' && plain[0] <= '9'
	if err != nil && !meant {
		return Lead{}, false, nil
	}
	return l, err == nil, err
}
