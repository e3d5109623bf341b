// Package webhook posts rendered reminders to incoming webhooks and judges each
// answer: text → POST → [calbell.Verdict].
//
// Package dialect knows what a chat accepts and how it answers; here [Sender] posts and
// judges the answer, and [CheckURL] judges an address before it is used.
//
// This package alone decides three things:
//
//   - Whether anything reached the server. Every connection counts the bytes of
//     requests that were handed to it, so "not sent" is a fact, and everything else
//     that ended without an answer is "unknown".
//   - Which addresses may be reached. The guard looks at the resolved address when
//     the socket is made, so neither a spelling nor a name that resolves differently
//     a moment later gets around it.
//   - What people see. The URL is a secret: no error and no answer that
//     leaves this package holds it.
//
// net/http repeats a request by itself when a kept connection turns out to be closed
// before anything was written to it; with a request that is not idempotent it does so
// in no other case. A POST stays not idempotent as long as it has no Idempotency-Key
// header, so none is ever set here: a repeat that we do not know of would be a
// second message in a chat.
//
// It may import the root package, internal/failpoint, internal/scheme, webhook/dialect and
// golang.org/x/net.
//
//	options.go   how a [Sender] reaches webhooks, and its transport
//	send.go      one attempt, from message to [calbell.Try]
//	dial.go      connections that count the bytes of requests
//	guard.go     which addresses may be reached
//	progress.go  how far an attempt got: not sent, or unknown
//	answer.go    the part of an answer that is examined
//	verdict.go   answer → verdict, Retry-After
//	foreign.go   … answers of proxies and portals instead of the chat
//	hooktext.go  … a 400 about the webhook, or about the message
//	words.go     why an answer is not a success, in its own words
//	advice.go    the next step after it
//	describe.go  why an attempt ended without an answer
//	proxy.go     … when the configured proxy refused
//	audience.go  errors for members, without addresses
//	mask.go      hides a URL's secrets in foreign texts
//	url.go       checks of webhook URLs before use
//	probe.go     looks up and connects to a host, and posts nothing
package webhook
