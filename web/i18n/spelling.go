package i18n

import "strings"

// swiss is the German of Switzerland: it has no ß, and quotes with guillemets.
const swiss = "de-CH"

// spelled returns a text as its language prints it. The files hold what is easy to type: ordinary
// blanks before French punctuation, and in German both a ß and guillemets.
func spelled(tag, text string) string {
	switch tag {
	case "fr": // no line begins with a colon
		return strings.NewReplacer(" :", "\u202f:", " ;", "\u202f;", " ?", "\u202f?", " !", "\u202f!", "« ", "«\u202f", " »", "\u202f»").Replace(text)
	case "de":
		return strings.NewReplacer("«", "„", "»", "“").Replace(text)
	case swiss:
		return strings.ReplaceAll(text, "ß", "ss")
	}
	return text
}

// spellWords spells all words, and adds those of Switzerland.
func spellWords(all map[string]forms) {
	all[swiss] = forms{}
	for key, text := range all["de"] {
		all[swiss][key] = spelled(swiss, text)
	}
	for _, lang := range Languages() {
		for key, text := range all[lang] {
			all[lang][key] = spelled(lang, text)
		}
	}
}

// spellTexts does the same for the texts of the program.
func spellTexts(list []text) {
	for _, t := range list {
		t.said[swiss] = spelled(swiss, t.said["de"])
		for _, lang := range Languages() {
			t.said[lang] = spelled(lang, t.said[lang])
		}
	}
}

// tagOf is the key of the words for a language, or one of a region: "de-CH", "de_CH.UTF-8"; "" when
// there are none.
func tagOf(locale string) string {
	locale, _, _ = strings.Cut(locale, ".")
	lang, region, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	lang, region = strings.ToLower(lang), strings.ToUpper(region)
	if lang == "de" && (region == "CH" || region == "LI") {
		return swiss
	}
	for _, known := range Languages() {
		if lang == known {
			return lang
		}
	}
	return ""
}
