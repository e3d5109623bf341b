// Package i18n holds the words of the page in its languages, translates the texts of the rest of
// the program by their keys, and writes dates as each language does. It does no I/O but for its own
// embedded files, and knows no HTML.
//
// It is pure, and may import the root package and github.com/leonelquinteros/gotext.
//
//	i18n.go      the words of a language by key, and which language a browser gets
//	catalogue.go reads the translators' files (po/*.po)
//	say.go       translates texts by their keys
//	spelling.go  spaces of French, the two spellings of German
//	dates.go     days, times of day and lengths of time
package i18n
