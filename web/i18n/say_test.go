package i18n

import (
	"strings"
	"testing"
)

func load(t *testing.T) Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// plain is a text with ordinary blanks.
func plain(said string) string { return strings.ReplaceAll(said, "\u202f", " ") }

// speaking is a language that knows these texts alone: a key, and how it is said.
func speaking(t *testing.T, pairs ...string) Words {
	t.Helper()
	w := load(t).In("fr")
	w.old = nil
	for i := 0; i < len(pairs); i += 2 {
		one := newText(pairs[i])
		one.said["fr"] = pairs[i+1]
		w.old = append(w.old, one)
	}
	sortTexts(w.old)
	return w
}

func TestSay(t *testing.T) {
	w := speaking(t,
		`webhook "{1}" exists already ({2+})`, "le webhook « {1} » existe ({2})",
		"made by command", "fait ici",
		`account "{1}"`, "compte « {1} »",
		`sign-in refused ({1}) by {2} as "{3}"`, "{2} refuse « {3} » ({1})",
		"cannot reach {1}", "{1} est hors d’atteinte",
		"no such host", "hôte inconnu",
		"answer {1}: {2*}", "réponse {1} : {2}",
		"{1} declined", "{1} a décliné",
		"the event is {1+}", "l’événement est {1}", "the event is muted", "muet",
		"used by {1+}", "utilisé par {1}", `rule "{1}"`, "règle « {1} »", "what others have", "d’autres",
		`write "22:00", then "{1}"`, "écrire 22 h, puis {1}",
		"from {1} to {2}", "{2}, depuis {1}",
	)
	for english, want := range map[string]string{
		`webhook "Team" exists already (made by command)`:                           "le webhook « Team » existe (fait ici)",
		`webhook "a\" exists already (b" exists already (otherwise)`:                "le webhook « a\" exists already (b » existe (otherwise)",
		`account "home": sign-in refused (401) by x.example.org as "anna": 401: no`: "compte « home » : x.example.org refuse « anna » (401) : 401: no",
		`account "a: b": cannot reach x.example.org: no such host`:                  "compte « a: b » : x.example.org est hors d’atteinte : hôte inconnu",
		"lookup x: no such host":                                                    "lookup x : hôte inconnu",
		"answer 403: made by command: no such host":                                 "réponse 403 : made by command: no such host",
		"Anna declined":      "Anna a décliné",
		"the event is muted": "muet",
		"the event is odd":   "l’événement est odd",
		`used by Home/Team, rule "a, b", what others have, x`: "utilisé par Home/Team, règle « a, b », d’autres, x",
		`write "22:00", then "{1}"`:                           "écrire 22 h, puis {1}",
		`write "23:00", then "x"`:                             `write "23:00", then "x"`,
		`from "a\"b" to x`:                                    "x, depuis « a\"b »",
		"from {2} to x":                                       "x, depuis {2}",
		`account "\u202egnp"`:                                 `compte « \u202egnp »`,
		`account "open`:                                       `account "open`,
		"not known: at all":                                   "not known: at all",
		"from  to ":                                           "from  to ",
		"declined":                                            "declined",
		"":                                                    "",
	} {
		if got := plain(w.Recognise(english, nil)); got != want {
			t.Errorf("%s\n got %s\nwant %s", english, got, want)
		}
	}
	up := func(word string) string { return strings.ToUpper(word) }
	if got := plain(w.Recognise(`account "a": from x to y: answer b: c`, up)); got != "compte « a » : Y, depuis X : réponse B : c" {
		t.Errorf("words for the reader: %s", got)
	}
}

// Every text is known by itself, whatever else is known: none takes the place of another.
func TestEveryTextIsKnown(t *testing.T) {
	c := load(t)
	for _, one := range c.old {
		english := example(one)
		for _, other := range c.old {
			if _, ok := other.match(mask(english)); !ok {
				continue
			}
			if other.key != one.key {
				t.Errorf("%q is taken for %q", english, other.key)
			}
			break
		}
		for _, lang := range Languages() {
			said := c.In(lang).Recognise(english, nil)
			if strings.ContainsAny(said, "{}"+mark) || lang != "en" && said == english && one.said[lang] != one.said["en"] {
				t.Errorf("%q in %s: %q", english, lang, said)
			}
			w := c.In(lang)
			if got, want := w.Recognise(`webhook "x": `+english, nil), w.T("colon", w.Recognise(`webhook "x"`, nil), said); got != want {
				t.Errorf("%q behind a colon in %s: %q", english, lang, got)
			}
		}
	}
}

// example is a text as the program could say it.
func example(t text) string {
	english := t.key
	for _, h := range t.open {
		english = strings.ReplaceAll(english, "{"+h.number+h.kind+"}", "w"+h.number)
	}
	for _, q := range t.quotes {
		if q.literal == "" {
			english = strings.ReplaceAll(english, "{"+q.number+"}", "q"+q.number)
		}
	}
	return english
}

// Whatever somebody writes into a name, an answer or an event, looking at it costs little:
// what is counted are the places that are compared, not time.
func TestHostileTextsAreCheap(t *testing.T) {
	w := load(t).In("de")
	for _, part := range []string{`"`, `"\`, `\"`, ": ", ", ", `", "`, mark, "a", "webhook ", ` exists already (`, `"a": `, `account "x": `, "{1}", "\xff"} {
		text := strings.Repeat(part, 100_000/len(part))
		if got := w.Recognise(text, nil); got != text {
			t.Errorf("%.20q…: %.40q…", part, got)
		}
		short := text[:maxSaid]
		looks := testing.AllocsPerRun(1, func() { w.Recognise(short, nil) })
		if looks > 200_000 {
			t.Errorf("%.20q…: %.0f allocations for %d bytes", part, looks, len(short))
		}
	}
}
