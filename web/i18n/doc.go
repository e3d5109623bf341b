// Package i18n holds the words of the pages in their languages, translates the texts of the rest of
// the program, and writes dates as each language does. It is pure: no clock, no I/O but its own
// embedded files. It imports the root alone.
//
//	i18n.go      the words of a language by key, and which language a browser gets
//	catalogue.go reads the translators' files (po/*.po)
//	say.go       translates texts by their keys
//	spelling.go  spaces of French, the two spellings of German
//	dates.go     days, times of day and lengths of time
package i18n
