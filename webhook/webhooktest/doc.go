// Package webhooktest is a chat server for tests: a real HTTP server that records posts and sends
// prepared answers, good or bad.
//
//	chat := webhooktest.New()
//	defer chat.Close()
//	chat.Script(webhooktest.Status(503, "later"), webhooktest.OK())
//	… post to chat.URL("/hooks/abc") …
//	got, err := chat.Wait(t.Context(), 2)
//
// Nothing here sleeps: waiting ends with an event or with a context. [NewInProcess] gives the same
// receiver without sockets, for synctest bubbles.
//
// It may import the root package and webhook.
//
//	receiver.go  the server: scripts, waiting, what it got
//	reply.go     ways to answer
//	request.go   what was received
//	pipe.go      connections without sockets
//	dns.go       a resolver for tests
package webhooktest
