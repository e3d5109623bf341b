//go:build !race

package ics

import (
	"fmt"
	"strings"
	"testing"
)

// Files are read within the same bounds: what is kept of one is as much as its events need.
func TestHostileFiles(t *testing.T) {
	const open = "BEGIN:VCALENDAR\r\n"
	for _, tt := range []struct {
		name         string
		mb           int // of the file
		repeat, tail string
		want         string
	}{
		{"the largest head", 2, "PRODID:" + strings.Repeat("x", 900) + "\r\n", "BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nEND:VEVENT\r\n", ""},
		{"properties that nobody needs", 2, "X-%d:" + strings.Repeat("x", 900) + "\r\n", "", ""},
		{"events with a UID each", 10, "BEGIN:VEVENT\nUID:%d\nEND:VEVENT\n", "", "objects"},
		{"zones", 1, "BEGIN:VTIMEZONE\nTZID:%d\nEND:VTIMEZONE\n", "", "zones"},
		{"calendars", 1, "END:VCALENDAR\nBEGIN:VCALENDAR\n", "", "calendars"},
		{"one line", 4, "xxxxxxxxxxxxxxxxxxxxxxxx", "\r\n", ""},
		{"one folded line", 4, "x\r\n x\r\n x\r\n x\r\n ", "\r\n", ""},
		{"nested", 2, "BEGIN:A\r\n", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString(open)
			for i := 0; b.Len() < tt.mb<<20; i++ {
				if strings.Contains(tt.repeat, "%d") {
					fmt.Fprintf(&b, tt.repeat, i)
				} else {
					b.WriteString(tt.repeat)
				}
			}
			f, err := split(b.String() + tt.tail + "END:VCALENDAR\r\n")
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Fatalf("got %v, want …%s…", err, tt.want)
			}
			if err != nil {
				return
			}
			for n, m := range members(t, f) {
				if _, _, text, err := f.Object(n); err != nil || text == nil || len(text) > 16<<10 {
					t.Errorf("the object of %q has %d bytes, %v", m.href, len(text), err)
				}
			}
		})
	}
}
