// Package chat is the chat of "calbell demo": it receives messages at /hooks/… as kChat does, shows
// them at /demo/chat as they land, and can be made to fail. It keeps everything in memory. The page
// draws its previews with Markdown and Mrkdwn, so that a message looks alike in both.
//
// It may import github.com/yuin/goldmark.
//
//	chat.go   the chat: receiving, showing, failing; Markdown
//	slack.go  Slack's mrkdwn
package chat
