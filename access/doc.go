// Package access says who asks over HTTP, and keeps out what has no business there: sessions
// and bearer tokens become callers, requests from other sites change nothing, and whatever a
// stranger can send is bounded. What a caller may do, service decides.
package access
