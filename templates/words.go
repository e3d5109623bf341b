package templates

import (
	"strconv"
	"strings"
	"time"
)

// words are those that CLDR does not have, in one language.
type words struct {
	late     string // {0} is a length
	repeat   string
	allDay   string
	untitled string
	busy     string // in the place of a private event's words
	card     cardWords
	status   map[string]string // of VEVENT and VTODO (RFC 5545 §3.8.1.11)
	every    map[string][2]string
	repeats  string // a rule that every cannot say
}

// wordsOf returns a language's words; English for others.
func wordsOf(lang string) *words {
	switch lang {
	case "fr":
		return frenchWords()
	case "de":
		return germanWords()
	case "it":
		return italianWords()
	}
	return englishWords()
}

// englishWords are also those of languages that we do not speak.
func englishWords() *words {
	return &words{
		late: "{0} late", repeat: "possible repeat", allDay: "all day", untitled: "(no title)", busy: "Busy",
		card: cardWords{"When", "Where", "Join the meeting"},
		status: map[string]string{
			"CONFIRMED": "confirmed", "TENTATIVE": "tentative", "CANCELLED": "cancelled",
			"NEEDS-ACTION": "to do", "IN-PROCESS": "in progress", "COMPLETED": "completed",
		},
		every: map[string][2]string{
			"DAILY": {"every day", "every {0} days"}, "WEEKLY": {"every week", "every {0} weeks"},
			"MONTHLY": {"every month", "every {0} months"}, "YEARLY": {"every year", "every {0} years"},
		},
		repeats: "repeats",
	}
}

func frenchWords() *words {
	return &words{
		late: "{0} de retard", repeat: "doublon possible", allDay: "toute la journée", untitled: "(sans titre)", busy: "Occupé",
		card: cardWords{"Quand", "Où", "Rejoindre la réunion"},
		status: map[string]string{
			"CONFIRMED": "confirmé", "TENTATIVE": "provisoire", "CANCELLED": "annulé",
			"NEEDS-ACTION": "à faire", "IN-PROCESS": "en cours", "COMPLETED": "terminé",
		},
		every: map[string][2]string{
			"DAILY": {"tous les jours", "tous les {0} jours"}, "WEEKLY": {"toutes les semaines", "toutes les {0} semaines"},
			"MONTHLY": {"tous les mois", "tous les {0} mois"}, "YEARLY": {"tous les ans", "tous les {0} ans"},
		},
		repeats: "récurrent",
	}
}

func germanWords() *words {
	return &words{
		late: "{0} Verspätung", repeat: "möglicherweise doppelt", allDay: "ganztägig", untitled: "(ohne Titel)", busy: "Beschäftigt",
		card: cardWords{"Wann", "Wo", "An der Besprechung teilnehmen"},
		status: map[string]string{
			"CONFIRMED": "bestätigt", "TENTATIVE": "vorläufig", "CANCELLED": "abgesagt",
			"NEEDS-ACTION": "zu erledigen", "IN-PROCESS": "in Arbeit", "COMPLETED": "erledigt",
		},
		every: map[string][2]string{
			"DAILY": {"täglich", "alle {0} Tage"}, "WEEKLY": {"wöchentlich", "alle {0} Wochen"},
			"MONTHLY": {"monatlich", "alle {0} Monate"}, "YEARLY": {"jährlich", "alle {0} Jahre"},
		},
		repeats: "wiederkehrend",
	}
}

func italianWords() *words {
	return &words{
		late: "{0} di ritardo", repeat: "possibile duplicato", allDay: "tutto il giorno", untitled: "(senza titolo)", busy: "Occupato",
		card: cardWords{"Quando", "Dove", "Partecipa alla riunione"},
		status: map[string]string{
			"CONFIRMED": "confermato", "TENTATIVE": "provvisorio", "CANCELLED": "annullato",
			"NEEDS-ACTION": "da fare", "IN-PROCESS": "in corso", "COMPLETED": "completato",
		},
		every: map[string][2]string{
			"DAILY": {"ogni giorno", "ogni {0} giorni"}, "WEEKLY": {"ogni settimana", "ogni {0} settimane"},
			"MONTHLY": {"ogni mese", "ogni {0} mesi"}, "YEARLY": {"ogni anno", "ogni {0} anni"},
		},
		repeats: "ricorrente",
	}
}

// allDay is empty for a timed instance, so that an optional section can ask for it.
func (s *scope) allDay() string {
	if s.in.AllDay {
		return s.loc.allDay
	}
	return ""
}

// status translates what the RFC knows and passes on what a vendor made up.
func (s *scope) status() string {
	if w, ok := s.loc.status[s.in.Status]; ok {
		return w
	}
	return strings.ToLower(s.in.Status)
}

// Recurrence says a rule in words of a locale: how often, and on which days of the week. What
// the words cannot say (COUNT, UNTIL, BYSETPOS …) is left out; it is a hint, not the rule.
func Recurrence(rule, locale string) string { return findLocale(locale).recurrence(rule) }

func (s *scope) recurrence() string { return s.loc.recurrence(s.in.Recurrence) }

func (l *locale) recurrence(rule string) string {
	if rule == "" {
		return ""
	}
	parts := make(map[string]string)
	for part := range strings.SplitSeq(strings.ToUpper(rule), ";") {
		key, value, _ := strings.Cut(part, "=")
		parts[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	every, ok := l.every[parts["FREQ"]]
	if !ok {
		return l.repeats
	}
	interval, err := strconv.Atoi(parts["INTERVAL"])
	if err != nil || interval < 1 {
		interval = 1
	}
	pattern := every[1]
	if interval == 1 {
		pattern = every[0]
	}
	text := strings.Replace(pattern, "{0}", strconv.Itoa(interval), 1)
	if days := l.daysOf(parts["BYDAY"]); days != "" && parts["FREQ"] == "WEEKLY" {
		text += " (" + days + ")"
	}
	return text
}

// daysOf names the days of a BYDAY list; "" when it is empty or holds anything else.
func (l *locale) daysOf(byDay string) string {
	var names []string
	for code := range strings.SplitSeq(byDay, ",") {
		at := strings.Index("SUMOTUWETHFRSA", code)
		if len(code) != 2 || at < 0 || at%2 != 0 || len(names) == 7 {
			return ""
		}
		names = append(names, l.Weekday(time.Weekday(at/2)))
	}
	return strings.Join(names, ", ")
}
