package i18n_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/web/i18n"
)

// Loading refuses a key that lacks a language, so this test says which one does.
func TestEveryLanguageHasEveryText(t *testing.T) {
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Languages() {
		if got := c.In(lang).Lang(); got != lang {
			t.Errorf("%s: the words of %s", lang, got)
		}
	}
}

func TestMatch(t *testing.T) {
	for accept, want := range map[string]string{
		"": "en", "*": "en", "fr": "fr", "de-CH,de;q=0.9,en;q=0.8": "de-CH", "de-AT": "de", "de-li": "de-CH", "en;q=0.1, it;q=0.9": "it",
		"ja, fr;q=0.2": "fr", "FR-ca": "fr", "de;q=x": "en", ";;;,,,": "en",
	} {
		if got := i18n.Match(accept); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 8, 0, 0, time.UTC)
	soon := now.Add(4*time.Hour + 37*time.Minute)
	for lang, want := range map[string][3]string{
		"en": {"Monday 23 November 2026", "Mon 23 Nov 13:45", "in 4 h 37 min"},
		"fr": {"lundi 23 novembre 2026", "lun. 23 nov. 13:45", "dans 4 h 37 min"},
		"de": {"Montag, 23. November 2026", "Mo 23. Nov. 13:45", "in 4 Std. 37 Min."},
		"it": {"lunedì 23 novembre 2026", "lun 23 nov 13:45", "tra 4 h 37 min"},
	} {
		w := c.In(lang)
		if got := [3]string{w.Day(now), w.Moment(soon, now), w.From(soon, now)}; got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	if got := c.In("fr").N("span.d", 0); got != "0 jour" {
		t.Errorf("none in French: %q", got)
	}
	// What is in an argument is text, not a place for another argument.
	if got := c.In("en").T("pause.calendar", "{2}", "{1}"); got != "Calendar “{1}” is paused until {2}." {
		t.Error(got)
	}
}

// German has a ß and its own quotation marks but in Switzerland, and a French line begins with no
// colon.
func TestSpelling(t *testing.T) {
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for tag, bad := range map[string]string{"fr": " :| ;| ?| !|« | »", "de": "«|»|heisst|ausser", "de-CH": "ß|„", "de_LI.UTF-8": "ß", "de-AT": "«"} {
		w := c.In(tag)
		for _, key := range slices.Concat(c.Keys(), c.Texts()) {
			for _, part := range strings.Split(bad, "|") {
				if said := w.T(key); strings.Contains(said, part) {
					t.Errorf("%s in %s has %q: %s", key, tag, part, said)
				}
			}
		}
	}
	_, err = calbell.ParseLead("x")
	invalid := calbell.TextOfError(err)
	if got := c.In("de").Say(invalid, nil); !strings.Contains(got, "„x“") {
		t.Errorf("in German: %s", got)
	}
	if w := c.In("de-CH"); w.Lang() != "de" || w.LangTag() != "de-CH" || !strings.Contains(w.Say(invalid, nil), "«x»") {
		t.Errorf("in Swiss German: %s, %s, %s", w.Lang(), w.LangTag(), w.Say(invalid, nil))
	}
}

// The words of a warning on the page are those of the program in English, and every code has
// some.
func TestWarningsHaveTheProgramsWords(t *testing.T) {
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	english := c.In("en")
	for _, code := range calbell.WarningCodes() {
		if got := english.T("warning."+string(code), "{1}", "{2}", "{3}"); got != code.Text() {
			t.Errorf("warning.%s is %q on the page, %q in the program", code, got, code.Text())
		}
	}
}
