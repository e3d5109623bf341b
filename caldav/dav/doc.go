// Package dav reads and writes the bodies of WebDAV (RFC 4918, 6578) and CalDAV (RFC 4791):
// requests, and the multistatus that answers them. It promises that an answer takes memory within
// bounds, whatever it is made of; that bad characters are replaced; and that what cannot be read is
// an error. What a property means is left to package caldav.
//
// It is pure, and may import the root package.
//
//	body.go      the bodies that are sent
//	response.go  multistatus → responses, and a refusal: its condition, its own words
//	xml.go       XML → elements, within limits
//	token.go     … read byte by byte, so that no tag grows
//	mend.go      … whatever its characters are
package dav
