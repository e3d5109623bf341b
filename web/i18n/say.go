package i18n

import (
	"strconv"
	"strings"

	"calbell"
)

// maxNested limits the nesting of texts in texts.
const maxNested = 12

// Say returns a text in this language. Texts without a translation stay in English. data
// converts a word for its reader, such as a time; it may be nil.
//
// The arguments of a text may be written by anybody, so the result must be escaped like any
// other text.
func (w Words) Say(t calbell.Text, data func(string) string) string { return w.say(t, data, maxNested) }

func (w Words) say(t calbell.Text, data func(string) string, depth int) string {
	said, ok := w.texts[t.Key]
	switch {
	case t.Key == "" && data != nil:
		return data(t.English)
	case !ok || depth == 0:
		return t.English
	}
	args := t.Args()
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", w.say(a, data, depth-1))
	}
	return strings.NewReplacer(pairs...).Replace(said[0])
}
