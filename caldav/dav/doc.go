// Package dav reads and writes the bodies of WebDAV (RFC 4918, 6578) and CalDAV (RFC 4791): the
// questions, and the multistatus that answers them. Whatever an answer is made of, it takes memory
// within bounds, its characters are mended, and what cannot be read is an error. What a property
// means is left to package caldav.
//
// It does no I/O of its own, and imports the root alone.
//
//	body.go      the bodies that are sent
//	response.go  multistatus → responses, and a refusal: its condition, its own words
//	xml.go       XML → elements, within limits
//	token.go     … read byte by byte, so that no tag grows
//	mend.go      … whatever its characters are
package dav
