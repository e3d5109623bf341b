// Package markup writes a text for the chat that reads it. A text is pieces: what its author
// wrote, which is in the chat's markup already and stays as it is, and values from outside, which
// lose their power: mentions, links, images, emphasis, code fences and block markers are escaped,
// and only where they would render. What is safe depends on where a value lands, so the place of
// each (plain text, code span, code block, link) is worked out over all pieces.
//
// It promises that a text fits its limit, that a reader sees what was written, and that no value
// formats, links or mentions anything. It knows no template, no event and no chat: a chat names
// its markup, and templates make the pieces.
//
// A further markup is a file beside markdown.go and mrkdwn.go, and a case in write.go.
//
// It is pure, and may import the standard library alone.
//
// # Files
//
//	target.go      markups, the rules by which a string is read, what is written
//	piece.go       text of the author, values, and what is put around them
//	fit.go         pieces → text within a limit
//	write.go       … put together
//	place.go       where a value lands
//	inline.go      … in code, links and addresses of a line
//	escape.go      what all markups have in common
//	markdown.go    Markdown as Mattermost reads it
//	mrkdwn.go      Slack's mrkdwn
//	address.go     addresses in running text
//	webaddress.go  … as targets of links, and as a whole
//	authors.go     whose addresses a text has
//	mention.go     nobody is mentioned
//	clean.go       text from outside, made printable
//	cut.go         … shortened
package markup
