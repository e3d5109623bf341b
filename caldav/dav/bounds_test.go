//go:build !race

package dav

import (
	"strings"
	"testing"

	"calbell"
)

func TestReadRefuses(t *testing.T) {
	deep := strings.Repeat("<d:x>", calbell.MaxXMLDepth)
	tests := []struct{ name, text, want string }{
		{"empty", "", "empty"},
		{"only space", "  \n", "empty"},
		{"truncated", wrap(`<d:response><d:href>/a</d:href></d:response>`)[:150], "ends in the middle"},
		{"truncated between responses", strings.TrimSuffix(wrap(`<d:response><d:href>/a</d:href></d:response>`), "</d:multistatus>"), "ends in the middle"},
		{"not XML", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "no XML"},
		{"crossed tags", wrap(`<d:response><d:href></d:response></d:href>`), "element"},
		{"too deep", wrap(deep), "deeper"},
		{"three million deep", wrap(strings.Repeat("<a>", 3_000_000)), "deeper"},
		{"doctype", `<!DOCTYPE d [<!ENTITY a "b">]>` + wrap(`&a;`), "DOCTYPE"},
		{"doctype in small letters", `<!doctype html><html></html>`, "DOCTYPE"},
		{"unknown entity", wrap(`&nbsp;`), "entity"},
		{"too many elements", wrap("<d:response>" + strings.Repeat("<d:x/>", maxNodes+1) + "</d:response>"), "elements"},
		{"too many elements beside the responses", wrap(strings.Repeat("<d:x/>", maxNodes+1)), "elements"},
		{"endless attribute", wrap(`<d:x a="` + strings.Repeat("a", calbell.MaxXMLTag) + `"/>`), "one tag is larger"},
		{"endless text", wrap("<d:x>" + strings.Repeat("a", 2*calbell.MaxObjectBytes) + "</d:x>"), "one entry is larger"},
		{"endless comment", wrap("<!--" + strings.Repeat("a", calbell.MaxXMLTag) + "-->"), "one tag is larger"},
		{"control character by its number", wrap("<d:x>&#11;</d:x>"), "illegal"},
		{"other charset", `<?xml version="1.0" encoding="utf-16"?><a/>`, "encoding"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := readAll(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %.200v, want …%s…", err, tt.want)
			}
		})
	}
}

// TestLongListing: limits are per entry, and do not add up.
func TestLongListing(t *testing.T) {
	const n = 30_000
	_, got, err := readAll(wrap(strings.Repeat(`<d:response><d:href>/a</d:href></d:response>`, n)))
	if err != nil || len(got) != n {
		t.Errorf("%d responses, %v", len(got), err)
	}
}

// TestManyPieces: a text in a million pieces costs no more than its length.
func TestManyPieces(t *testing.T) {
	_, got, err := readAll(wrap("<d:response><d:href>/" + strings.Repeat("<![CDATA[a]]>", 200_000) + "</d:href></d:response>"))
	if err != nil || len(got) != 1 || len(got[0].Href) != 200_001 {
		t.Errorf("%d responses, %v", len(got), err)
	}
}
