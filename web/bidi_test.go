package web

import (
	"testing"
)

// What is shown turns no direction; what forms send stays as it is.
func TestWithoutTurns(t *testing.T) {
	for page, want := range map[string]string{
		"<p>plain</p>":                                 "<p>plain</p>",
		"<b>a\u202eb\u2066c</b> d\u2069":               "<b>abc</b> d",
		"<b title=\"a\u202e\">\u200fשלום\u200e</b>":    "<b title=\"a\u202e\">\u200fשלום\u200e</b>",
		"<input value=\"\u202e\"><p>\u202e</p>":        "<input value=\"\u202e\"><p></p>",
		"<textarea id=\"a\">\u202ea</textarea>\u202eb": "<textarea id=\"a\">\u202ea</textarea>b",
		"\u202e":    "",
		"a\u202e<b": "a<b",
		"<option value=\"\u2067x\">\u2067x</option>\xff": "<option value=\"\u2067x\">x</option>\ufffd",
	} {
		if got := string(withoutTurns([]byte(page))); got != want {
			t.Errorf("%q: %q, want %q", page, got, want)
		}
	}
}
