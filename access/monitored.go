package access

import (
	"net/http"
	"net/netip"

	"calbell"
)

// Monitored returns a handler that admits monitors: any client on this machine, and admins from
// elsewhere, by session or token.
func (g *Gate) Monitored(h http.Handler) http.Handler {
	guarded := g.API(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch who := Caller(r); {
		case who.Name == "":
			w.Header().Set("WWW-Authenticate", "Bearer")
			refuse(w, http.StatusUnauthorized, "only this machine and admins see this", "send an admin's token with the scope read")
		case !who.Admin || !who.Allows(calbell.ScopeRead):
			refuse(w, http.StatusForbidden, "only this machine and admins see this", "send an admin's token with the scope read")
		default:
			h.ServeHTTP(w, r)
		}
	}))
	h = g.headers(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ofThisMachine(r) {
			h.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// ofThisMachine reports whether a client on this machine made the request. It rejects proxied
// requests: their address is the proxy's.
func ofThisMachine(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return !proxied(r) && (err != nil || from.Addr().Unmap().IsLoopback()) // an error: a unix socket
}
