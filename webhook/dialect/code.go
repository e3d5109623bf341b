package dialect

import "calbell"

// Code is the meaning of an error code with which a chat refuses a message.
type Code struct {
	About About
	// Advice is the next step; zero when the status alone determines it.
	Advice calbell.Text
	// Own is the next step when the message names no channel and the webhook's own channel is
	// meant; zero: Advice.
	Own calbell.Text
	// ByStatus holds the meanings of a code with several causes; nil for a code with one.
	ByStatus map[int]Code
}

// About is the subject of a refusal.
type About uint8

// The subjects of a refusal. A bad channel that the event chose concerns only its message;
// otherwise it concerns the webhook.
const (
	AboutMessage About = iota
	AboutWebhook
	AboutChannel
)

// CodeOf returns the meaning of an error code, and whether any chat is known to send it.
func CodeOf(id string) (c Code, known bool) {
	for _, d := range all {
		if c, known := d.Codes[id]; known {
			return c, true
		}
	}
	return Code{}, false
}

// At returns the meaning of the code with a status.
func (c Code) At(status int) Code {
	if more, ok := c.ByStatus[status]; ok {
		return more
	}
	return Code{About: c.About, Advice: c.Advice, Own: c.Own}
}

// Step returns the next step; channel reports whether the message names a channel.
func (c Code) Step(channel bool) calbell.Text {
	if !channel && !c.Own.IsZero() {
		return c.Own
	}
	return c.Advice
}

// Next steps that several chats share. Each names the cause that the server gave.
var (
	AdviceGone      = calbell.T("dialect:webhook-does-not-exist", "the webhook does not exist (any more): make a new one in the chat and change its URL")
	AdviceGoneOr    = calbell.T("dialect:gone-or-moved", "the webhook does not exist any more, or nobody is called as its channel says: check channel; if it is right, make a new webhook and change the URL")
	AdviceForbidden = calbell.T("dialect:webhook-locked-own-channel", "the webhook is locked to its own channel, or whoever made it is no member of the private channel: leave channel empty, or have them join")
	AdviceOff       = calbell.T("dialect:incoming-webhooks-switched-off", "incoming webhooks are switched off at this server")
	AdviceMessage   = calbell.T("dialect:server-does-not-understand", "the server does not understand this message: check the attachments, blocks, payload and type of the webhook; calbell render shows what is posted")
	AdviceLong      = calbell.T("dialect:message-too-long-chat", "the message is too long for this chat: give the webhook a lower max_length")

	adviceUser     = calbell.T("dialect:nobody-chat-called-channel", "nobody in the chat is called as channel says: check channel")
	adviceChannel  = calbell.T("dialect:no-such-channel-or", "there is no such channel, or it is archived: write in channel its name as its address shows it, not its display name, or leave channel empty")
	adviceOwn      = calbell.T("dialect:channel-webhook-gone-make", "the channel of this webhook is gone: make a new webhook in the chat and change its URL")
	adviceArchived = calbell.T("dialect:channel-archived-unarchive-or", "the channel is archived: unarchive it, or choose another one")
	adviceLocked   = calbell.T("dialect:locked-to-channel", "this webhook is locked to its own channel: leave channel empty")
	adviceMember   = calbell.T("dialect:whoever-made-webhook-must", "whoever made the webhook must be a member of that private channel")
	adviceRule     = calbell.T("dialect:rule-workspace-forbids-ask", "a rule of the workspace forbids it: ask an admin of the chat")
	adviceGeneral  = calbell.T("dialect:webhooks-may-not-post", "webhooks may not post to the general channel: choose another channel")
	adviceTeam     = calbell.T("dialect:workspace-or-account-made", "the workspace, or the account that made the webhook, is not active any more: ask an admin of the chat")
	adviceMany     = calbell.T("dialect:message-more-attachments-than", "the message has more attachments than this chat takes: give the webhook fewer")
	adviceStored   = calbell.T("dialect:server-took-message-could", "the server took the message and could not post it: its log says why")
)
