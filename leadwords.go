package calbell

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxLeadText limits the text of a lead: the longest that a page writes has 40 letters.
const maxLeadText = 100

// leadUnit returns the unit of a [Lead] for a word in one of the page's languages.
func leadUnit(word string) (unit byte, ok bool) {
	switch word {
	case "m", "min", "mins", "mn", "minute", "minutes", "minuten", "minuto", "minuti":
		return 'm', true
	case "h", "hr", "hrs", "hour", "hours", "heure", "heures", "std", "stunde", "stunden", "ora", "ore":
		return 'h', true
	case "d", "day", "days", "j", "jour", "jours", "tag", "tage", "tagen", "giorno", "giorni":
		return 'd', true
	case "w", "wk", "wks", "week", "weeks", "sem", "semaine", "semaines", "woche", "wochen", "settimana", "settimane":
		return 'w', true
	}
	return 0, false
}

// leadPhrases returns phrases without a number that people and the page write, each with its
// replacement.
func leadPhrases() [][2]string {
	return [][2]string{
		{"at the start", "0 m"},
		{"at start", "0 m"},
		{"au début", "0 m"},
		{"zu beginn", "0 m"},
		{"bei beginn", "0 m"},
		{"all'inizio", "0 m"},
		{"the day before", "1 d"},
		{"la veille", "1 d"},
		{"am vortag", "1 d"},
		{"il giorno prima", "1 d"},
		{"on the day", "0 d"},
		{"the same day", "0 d"},
		{"le jour même", "0 d"},
		{"am tag selbst", "0 d"},
		{"am selben tag", "0 d"},
		{"il giorno stesso", "0 d"},
		{"half an hour", "30 m"},
		{"une demi-heure", "30 m"},
		{"eine halbe stunde", "30 m"},
		{"mezz'ora", "30 m"},
		{"before the start", ""},
		{"avant le début", ""},
		{"vor beginn", ""},
		{"prima dell'inizio", ""},
		{"before", ""},
		{"avant", ""},
		{"vorher", ""},
		{"prima", ""},
	}
}

// wordedLead rewrites a lead in words for [compactLead]: "15 minutes before", "1 h 30", "1
// jour", "am Vortag um 18:00". It returns false for other texts. Units must run from the
// largest to the smallest, each once, so that two leads with a blank between them are not taken
// for one.
func wordedLead(text string) (compact string, ok bool) {
	if len(text) > maxLeadText {
		return "", false
	}
	text = strings.NewReplacer("’", "'", ".", " ").Replace(strings.ToLower(text))
	text = " " + strings.Join(strings.Fields(text), " ") + " "
	for _, p := range leadPhrases() {
		text = strings.ReplaceAll(text, " "+p[0]+" ", " "+p[1]+" ")
	}
	length, clock := text, ""
	for _, at := range []string{"@", " at ", " à ", " um ", " alle ore ", " alle "} {
		if before, after, found := strings.Cut(text, at); found {
			if clock, ok = clockText(strings.TrimSpace(after)); !ok {
				return "", false
			}
			length, clock = before, "@"+clock
			break
		}
	}
	length, ok = wordedLength(leadWords(length))
	if length == "0d" && clock == "" { // "on the day" needs a time
		return "", false
	}
	return length + clock, ok
}

// wordedLength rewrites numbers with their units for [compactLead]. A number without a unit
// after hours means minutes.
func wordedLength(words []string) (compact string, ok bool) {
	const order = "wdhm"
	last := -1
	for i := 0; i < len(words); i += 2 {
		n := words[i]
		if isArticle(n) {
			n = "1"
		}
		unit, named := byte('m'), last == strings.IndexByte(order, 'h')
		if i+1 < len(words) {
			unit, named = leadUnit(words[i+1])
		}
		at := strings.IndexByte(order, unit)
		if _, err := strconv.Atoi(n); err != nil || !named || at <= last {
			return "", false
		}
		compact, last = compact+n+string(unit), at
	}
	return compact, compact != ""
}

// isArticle reports whether a word means one.
func isArticle(word string) bool {
	switch word {
	case "a", "an", "one", "un", "une", "ein", "eine", "einen", "una", "uno", "un'":
		return true
	}
	return false
}

// leadWords splits a text into words and numbers: "1h30" has three.
func leadWords(text string) (words []string) {
	kind := func(r rune) int {
		switch {
		case r >= '0' && r <= '9':
			return 1
		case unicode.IsSpace(r):
			return 0
		}
		return 2
	}
	last := 0
	for _, r := range text {
		k := kind(r)
		switch {
		case k == 0:
		case k == last:
			words[len(words)-1] += string(r)
		default:
			words = append(words, string(r))
		}
		last = k
	}
	return words
}

// clockText rewrites a time of day as "15:04". It accepts 18:00, 18h00, 18 h, 18 Uhr and 18.
func clockText(text string) (clock string, ok bool) {
	text = strings.TrimSpace(strings.TrimSuffix(text, "uhr"))
	for _, form := range []string{"15:04", "15h04", "15 04", "15h", "15 h", "15"} { // a full stop has become a blank
		if t, err := time.Parse(form, text); err == nil {
			return t.Format("15:04"), true
		}
	}
	return "", false
}
