// Package access finds the caller of an HTTP request and keeps out what has no business there:
// sessions and bearer tokens become callers, requests from other sites change nothing, and
// whatever a stranger can send is bounded. What a caller may do, service decides.
//
//	gate.go       the gate before the page and the API: request → caller, headers, client address
//	session.go    sessions: signing in and out, and how they are stored
//	body.go       a body is read before its request is authenticated
//	browser.go    cookies of browsers in which a user signed in before
//	hosts.go      the names at which the page answers
//	listener.go   how many connections may be open, in all and from one network
//	socket.go     the daemon's own socket, whose callers are admins
//	monitored.go  what monitors may read: on this machine, or as an admin
package access
