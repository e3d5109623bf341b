package dav

import (
	"bytes"
	"encoding/xml"
	"strings"

	"calbell"
)

const (
	requestPrefix = `<?xml version="1.0" encoding="utf-8"?>` + "\n"
	requestSpaces = ` xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"`
)

// propElements writes <D:prop> with the names of properties. Namespaces other than the
// two of the standards are declared where they are used.
func propElements(names ...string) string {
	var b strings.Builder
	b.WriteString("<D:prop>")
	for _, name := range names {
		space, local, _ := strings.Cut(name, "|")
		switch space {
		case "DAV:":
			b.WriteString("<D:" + local + "/>")
		case "urn:ietf:params:xml:ns:caldav":
			b.WriteString("<C:" + local + "/>")
		default:
			b.WriteString("<X:" + local + ` xmlns:X="` + space + `"/>`)
		}
	}
	b.WriteString("</D:prop>")
	return b.String()
}

// propfindBody asks for properties (RFC 4918 §9.1).
func Propfind(names ...string) []byte {
	return []byte(requestPrefix + "<D:propfind" + requestSpaces + ">" + propElements(names...) + "</D:propfind>")
}

// syncBody asks for changes since a token (RFC 6578 §6.1); "" = for all members, with
// properties of each. No limit is set: a server that has one breaks off by itself.
func SyncCollection(token string, names ...string) []byte {
	return []byte(requestPrefix + "<D:sync-collection" + requestSpaces + "><D:sync-token>" + escape(token) +
		"</D:sync-token><D:sync-level>1</D:sync-level>" + propElements(names...) + "</D:sync-collection>")
}

// multigetBody asks for properties of objects by href (RFC 4791 §7.9), written as the server wrote
// them.
func Multiget(hrefs []calbell.Href, names ...string) []byte {
	var b bytes.Buffer
	b.WriteString(requestPrefix + "<C:calendar-multiget" + requestSpaces + ">" + propElements(names...))
	for _, h := range hrefs {
		b.WriteString("<D:href>" + escape(string(h)) + "</D:href>")
	}
	b.WriteString("</C:calendar-multiget>")
	return b.Bytes()
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}
