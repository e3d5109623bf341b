// Package dialect knows the chats: what each takes, how its addresses look, and what it means by
// its answers. It is pure. A chat is one file, and nothing outside of this package asks which chat a
// webhook posts to: it asks for the property that matters.
//
//	dialect.go  what a dialect is, and how one is found
//	address.go  addresses of webhooks and of channels' pages
//	attached.go how long the attachments of a message are
//	check.go    what a definition may hold, whoever made it
//	encode.go   message → body of the request
//	body.go     the body that most chats share
//	field.go    what people call the fields of a definition
//	code.go     identifiers for refusals, and the next steps
//	kchat.go    kChat and Mattermost
//	slack.go    Slack
//	json.go     whatever takes JSON
package dialect
