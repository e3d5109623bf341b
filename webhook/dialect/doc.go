// Package dialect describes the chats: what each accepts, how its addresses look, and the meaning of
// its answers. It is pure. Each chat has one file. No other package depends on which chat a
// webhook posts to: it uses the chat's properties.
//
// It is pure, and may import the root package and templates/markup.
//
//	dialect.go  the dialect of a chat, and how to find it
//	address.go  addresses of webhooks and of channels' pages
//	attached.go the size of a message's attachments
//	check.go    checks of definitions, from whichever source
//	encode.go   message → body of the request
//	body.go     the body that most chats share
//	field.go    the fields' names for people
//	code.go     error codes of chats, and the next steps
//	kchat.go    kChat and Mattermost
//	slack.go    Slack
//	json.go     any receiver of JSON
package dialect
