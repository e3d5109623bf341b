package templates

import (
	"maps"
	"slices"
	"strings"
)

// variableHints are words that people try, which no spelling distance would find.
var variableHints = map[string]string{
	"summary": "subject", "name": "subject", "event": "subject", "sujet": "subject", "titre": "subject",
	"betreff": "subject", "titel": "subject", "oggetto": "subject", "titolo": "subject",
	"where": "location", "place": "location", "room": "location", "lieu": "location", "ort": "location", "luogo": "location",
	"body": "description", "text": "description", "notes": "description", "details": "description",
	"beschreibung": "description", "descrizione": "description",
	"day": "date", "datum": "date", "data": "date", "begin": "start", "dtstart": "start", "dtend": "end",
	"hour": "time", "heure": "time", "zeit": "time", "ora": "time",
	"tz": "time_zone", "timezone": "time_zone", "zone": "time_zone", "rrule": "recurrence",
	"participants": "attendees", "guests": "attendees", "meet": "link", "join": "link", "conference": "link",
	"length": "duration", "alarm": "alarm_text", "relative": "when", "id": "uid",
}

// suggest returns the known name nearest to name, or what the nearest hint stands for;
// "" when none is near.
func suggest(name string, known []string, hints map[string]string) string {
	fold := func(s string) []rune { return []rune(strings.ReplaceAll(strings.ToLower(s), "-", "_")) }
	folded := fold(name)
	// Beyond a third of the letters, a likeness is an accident.
	best, limit := "", max(1, len(folded)/3)+1
	for _, k := range known {
		if d := distance(folded, fold(k)); d < limit {
			best, limit = k, d
		}
	}
	for _, k := range slices.Sorted(maps.Keys(hints)) {
		if d := distance(folded, fold(k)); d < limit {
			best, limit = hints[k], d
		}
	}
	return best
}

// distance is the number of runes inserted, deleted, replaced or swapped with their
// neighbour that turn a into b.
func distance(a, b []rune) int {
	const maxName = 64 // a longer name is no misspelling
	if len(a) > maxName || len(b) > maxName {
		return maxName
	}
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i, ra := range a {
		row[0] = i + 1
		for j, rb := range b {
			cost := 1
			if ra == rb {
				cost = 0
			}
			row[j+1] = min(prev[j]+cost, prev[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && ra == b[j-1] && a[i-1] == rb {
				row[j+1] = min(row[j+1], prev2[j-1]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(b)]
}
