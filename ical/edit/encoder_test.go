package edit_test

import (
	"strings"
	"testing"

	goical "github.com/emersion/go-ical"
)

// Existing objects are patched and not encoded anew, for what go-ical's encoder does to what its
// decoder has read. When one of these is mended upstream, docs/decisions/0002 is to be looked at again.
func TestWhyObjectsAreNotEncodedAnew(t *testing.T) {
	const head, tail = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\n", "END:VEVENT\r\nEND:VCALENDAR\r\n"
	again := func(t *testing.T, body string) (string, error) {
		t.Helper()
		object, err := goical.NewDecoder(strings.NewReader(head + body + tail)).Decode()
		if err != nil {
			t.Fatalf("go-ical does not read what the rule is about: %v", err)
		}
		var out strings.Builder
		err = goical.NewEncoder(&out).Encode(object)
		return out.String(), err
	}
	const decision = "docs/decisions/0002, Writing: look at its row %q again"

	t.Run("order", func(t *testing.T) {
		const body = "UID:a\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:b\r\nDTSTART:20260102T000000Z\r\n"
		if got, err := again(t, body); err != nil || strings.Contains(got, body) {
			t.Errorf(decision, "the order of properties is lost")
		}
	})
	t.Run("folding", func(t *testing.T) {
		long := "SUMMARY:" + strings.Repeat("long ", 15) + "\r\n " + strings.Repeat("longer ", 5) + "\r\n"
		got, err := again(t, "UID:a\r\nDTSTAMP:20260101T000000Z\r\n"+long)
		for line := range strings.Lines(got) {
			if len(line) > 77 {
				return
			}
		}
		t.Errorf(decision+": %v", "lines are not folded", err)
	})
	t.Run("refusal", func(t *testing.T) {
		for _, body := range []string{
			"UID:a\r\nDTSTART:20260102T000000Z\r\n", // no DTSTAMP, as some exports have it
			"UID:a\r\nDTSTAMP:20260101T000000Z\r\nDESCRIPTION:a\r\nDESCRIPTION;LANGUAGE=fr:b\r\n",
			"UID:a\r\nDTSTAMP:20260101T000000Z\r\nBEGIN:X-NOTE\r\nX-A:b\r\nEND:X-NOTE\r\n",
		} {
			if _, err := again(t, body); err == nil {
				t.Errorf(decision+": %q", "what was read is refused", body)
			}
		}
	})
}
