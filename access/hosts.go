package access

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/idna"
)

const (
	// maxHostShown bounds the name in a refusal: the longest in the DNS has 253 characters.
	maxHostShown = 253
	// reportEvery is how often a refusal is reported: anybody can cause any number.
	reportEvery = time.Minute
)

// Hosts are the names at which the page answers. A browser takes whatever a name resolves to for
// a part of that name's site, so without them any site could lead its own name to this address
// (DNS rebinding) and read from here what only this machine or network may see. Make one with
// NewHosts; it is safe for concurrent use.
type Hosts struct {
	names  []string
	report func(host string)

	mu       sync.Mutex
	reported time.Time
}

// NewHosts returns the hosts of some names, in any spelling, without ports. report is told of
// names that were refused, now and then; nil: nobody is.
//
// Names of the loopback interface are known always, and so are IP addresses: a browser is at an
// address only if its user, or the site itself, asked for the address, and no name server can
// lead it elsewhere.
func NewHosts(names []string, report func(host string)) *Hosts {
	h := &Hosts{names: []string{"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"}, report: report}
	for _, name := range names {
		name = hostName(name)
		if ascii, err := idna.Lookup.ToASCII(name); err == nil { // as browsers send it
			name = ascii
		}
		h.names = append(h.names, name)
	}
	return h
}

// hostName returns a name as it is compared.
func hostName(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".") }

// Know reports whether a request for a host, with or without a port, is for this server. An empty
// one is: no browser sends it, and some monitors that speak HTTP/1.0 do.
func (h *Hosts) Know(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil { // no port
		name, port = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), ""
	}
	if _, err := strconv.ParseUint(port, 10, 16); port != "" && err != nil {
		return false
	}
	name = hostName(name)
	_, err = netip.ParseAddr(name)
	return err == nil || host == "" || slices.Contains(h.names, name) || strings.HasSuffix(name, ".localhost") // RFC 6761 §6.3
}

// Guard returns a handler that passes on to next what is asked of a host that is known. It looks
// at the request's own host: X-Forwarded-Host anybody may send.
func (h *Hosts) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.Know(r.Host) {
			next.ServeHTTP(w, r)
			return
		}
		host := r.Host[:min(len(r.Host), maxHostShown)]
		h.tell(host)
		refuseHost(w, r, host)
	})
}

// refuseHost answers a request for a host that is not known, in words for the admin who has put
// a proxy or a name in front.
func refuseHost(w http.ResponseWriter, r *http.Request, host string) {
	detail := fmt.Sprintf("this server does not answer to the name %q", host)
	const hint = "if people are to find it there, its administrator adds the name to server.hosts in the configuration, " +
		"or sets server.base_url to the page's address, and restarts calbell"
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		refuse(w, http.StatusMisdirectedRequest, detail, hint)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusMisdirectedRequest)
	_, _ = io.WriteString(w, detail+"\n\n"+hint+"\n") // a browser that has gone needs no answer
}

// tell reports a refusal, if none was reported lately.
func (h *Hosts) tell(host string) {
	h.mu.Lock()
	now := time.Now()
	due := h.report != nil && now.Sub(h.reported) >= reportEvery
	if due {
		h.reported = now
	}
	h.mu.Unlock()
	if due {
		h.report(host)
	}
}
