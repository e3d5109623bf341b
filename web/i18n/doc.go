// Package i18n holds the words of the page in its languages, translates the English texts of the
// rest of the program, and writes dates as each language does. It is pure: no clock, no I/O but
// its own embedded files.
//
//	i18n.go      the words of a language by key, and which language a browser gets
//	catalogue.go reads the translators' files (po/*.po)
//	saytext.go   translates the texts of the rest of the program, by their keys
//	say.go       translates errors, reasons and hints (texts/*.txt)
//	text.go      how such a text is recognised, whatever its arguments are
//	spelling.go  spaces of French, the two spellings of German
//	dates.go     days, times of day and lengths of time
package i18n
