package dav

import (
	"bufio"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestMend(t *testing.T) {
	const latin = `<?xml version="1.0" encoding="ISO-8859-1"?>`
	for _, tt := range []struct{ name, in, want string }{
		{"sound", "<a>Zürich\t☺\r\n\ufffd</a>", "<a>Zürich\t☺\r\n\ufffd</a>"},
		{"a byte from another time", "<a>Z\xfcrich</a>", "<a>Z\ufffdrich</a>"},
		{"half a character at the end", "<a>\xe2\x98", "<a>\ufffd\ufffd"},
		{"control characters", "<a>\x00x\x0by\x1f</a>", "<a>\ufffdx\ufffdy\ufffd</a>"},
		{"no characters of XML", "<a>\uffff\ufffe</a>", "<a>\ufffd\ufffd</a>"},
		{"Latin-1", latin + "<a>Z\xfcrich \x80 5</a>", latin + "<a>Zürich € 5</a>"},
		{"Latin-1 that looks like UTF-8", latin + "<a>\xc3\xbc</a>", latin + "<a>Ã¼</a>"},
		{"Latin-1 with control characters", latin + "<a>\x0b</a>", latin + "<a>\ufffd</a>"},
		{"declared UTF-8", `<?xml version='1.0' encoding='UTF-8'?>` + "<a>ü\xfc</a>", `<?xml version='1.0' encoding='UTF-8'?>` + "<a>ü\ufffd</a>"},
		{"nothing", "", ""},
	} {
		for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in))} {
			got, err := io.ReadAll(newMender(bufio.NewReader(r)))
			if err != nil || string(got) != tt.want {
				t.Errorf("%s: got %q, %v", tt.name, got, err)
			}
		}
	}
}

// TestMendedNames: what a mended answer says is read.
func TestMendedNames(t *testing.T) {
	for _, head := range []string{"", `<?xml version="1.0" encoding="windows-1252"?>`, `<?xml version="1.0" encoding="utf8"?>`, "\xef\xbb\xbf" + `<?xml version="1.0" encoding="utf-8"?>`} {
		_, responses, err := readAll(head + `<multistatus xmlns="DAV:"><response><href>/b` + "\xfc\x0b" + `</href></response><response><href>/a</href></response></multistatus>`)
		if err != nil || len(responses) != 2 || responses[1].Href != "/a" {
			t.Errorf("%s: %+v, %v", head, responses, err)
		}
	}
}
