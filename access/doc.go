// Package access finds the caller of an HTTP request and rejects unwanted requests:
// sessions and bearer tokens become callers, cross-site requests change nothing, and
// everything that an anonymous client can send is limited. Package service decides what a caller may do.
// No handler behind the gate sees a request without knowing its caller.
//
// It may import the root package, store, github.com/alexedwards/scs/v2 and golang.org/x/net.
//
//	gate.go       the gate before the page and the API: request → caller, headers, client address
//	session.go    sessions: signing in and out, and how they are stored
//	body.go       reads a body before it authenticates the request
//	browser.go    cookies of browsers in which a user signed in before
//	hosts.go      the host names that the page answers to
//	listener.go   limits on open connections, in total and per network
//	socket.go     the daemon's own socket, whose callers are admins
//	monitored.go  access for monitoring: from this machine, or as an admin
package access
