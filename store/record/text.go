package record

import "calbell"

// packTexts replaces texts with their stored form, which keeps key and arguments.
func packTexts(texts ...*calbell.Text) {
	for _, t := range texts {
		*t = calbell.Plain(t.Stored())
	}
}

// unpackTexts decodes the output of packTexts.
func unpackTexts(texts ...*calbell.Text) {
	for _, t := range texts {
		*t = calbell.TextOf(t.English)
	}
}
