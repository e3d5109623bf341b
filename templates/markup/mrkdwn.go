package markup

// slack writes running text for Slack's mrkdwn. It knows three entities and no escape
// character, so a mark that would format becomes a character that looks like it.
func (w *writer) slack(text string, sp spot) {
	start := sp.lineStart
	for i := 0; i < len(text); {
		c := text[i]
		n := 1
		switch {
		case isAlnum(c) && !sp.angle:
			if n = w.runningAddress(text, i); n == 0 {
				w.b = append(w.b, c)
				n = 1
			}
		case c == '\n':
			w.b = append(append(w.b, c), sp.prefix...)
			start = true
			i++
			continue
		case c == '>' && start:
			w.b = append(w.b, "›"...)
		case c == '|' && sp.angle && sp.place == inText:
			w.b = append(w.b, "¦"...) // else what follows it would be the words of a link
		case c == '&' || c == '<' || c == '>':
			w.entity(c)
		case (c == '*' || c == '_' || c == '~' || c == '`') && w.formats(text, i):
			w.b = append(w.b, lookalike(c)...)
		case c == '@' && isGroupMention(text[i+1:]) && w.mentions(text, i):
			w.b = append(append(w.b, c), breaker...)
		default:
			w.b = append(w.b, c)
		}
		start = start && c == ' '
		i += n
	}
}

// formats reports whether the mark at i could begin or end formatting: it needs a partner
// somewhere, and no word or no blank on one of its sides.
func (w *writer) formats(text string, i int) bool {
	c := text[i]
	if c == '`' {
		return true
	}
	if w.literal[c] > 0 || w.all[c] < 2 {
		return w.literal[c] > 0
	}
	if c == '_' && (i > 0 && text[i-1] == c || i+1 < len(text) && text[i+1] == c) {
		return false // one of several: a name such as __init__
	}
	before, after := w.neighbours(text, i)
	return !(before == ' ' && after == ' ') && !(isAlnum(before) && isAlnum(after))
}

// neighbours returns the characters around text[i]; a newline and the ends of the message count
// as a blank.
func (w *writer) neighbours(text string, i int) (before, after byte) {
	before, after = w.before(), w.after
	if i > 0 {
		before = text[i-1]
	}
	if i+1 < len(text) {
		after = text[i+1]
	}
	return blank(before), blank(after)
}

// blank reads a newline and the ends of a message as a blank.
func blank(c byte) byte {
	if c == '\n' || c == 0 {
		return ' '
	}
	return c
}

// lookalike returns what a reader takes for c and Slack does not.
func lookalike(c byte) string {
	switch c {
	case '*':
		return "∗"
	case '_':
		return "＿"
	case '~':
		return "∼"
	}
	return "'"
}

// label writes a value for a text in which Slack reads entities, and no marks.
func (w *writer) label(text string) {
	for i := range len(text) {
		switch c := text[i]; {
		case c == '&' || c == '<' || c == '>':
			w.entity(c)
		case c == '@' && isGroupMention(text[i+1:]):
			w.b = append(append(w.b, c), breaker...)
		default:
			w.b = append(w.b, c)
		}
	}
}
