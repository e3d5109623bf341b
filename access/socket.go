package access

import (
	"net/http"
	"slices"
)

// Local returns a handler for the daemon's own socket, whose callers are admins. It rejects
// requests with credentials, because the caller would get more rights than those credentials
// give. It rejects proxied requests, because their clients would be admins without signing in.
func Local(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "":
			refuse(w, http.StatusForbidden, "this socket accepts no credentials: everyone who can open it is an admin", "send tokens to server.listen")
		case proxied(r):
			refuse(w, http.StatusForbidden, "this socket is for commands on this machine, not for a proxy", "let the proxy connect to server.listen")
		default:
			h.ServeHTTP(w, r)
		}
	})
}

// proxied reports whether a proxy forwarded the request, as its headers show.
func proxied(r *http.Request) bool {
	return slices.ContainsFunc([]string{"X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip"}, func(name string) bool { return r.Header.Get(name) != "" })
}
