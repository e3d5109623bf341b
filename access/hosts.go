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
	// maxHostShown limits the host name in a response: the longest in the DNS has 253
	// characters.
	maxHostShown = 253
	// reportEvery is the minimum interval between reports: anybody can cause any number of
	// refusals.
	reportEvery = time.Minute
)

// Hosts are the host names that the page answers to. Browsers treat whatever a name resolves to
// as that name's site. Without this check any site could point its own name to this address
// (DNS rebinding) and read what only this machine or network may see. Create one with NewHosts;
// it is safe for concurrent use.
type Hosts struct {
	names  []string
	report func(host string)

	mu       sync.Mutex
	reported time.Time
}

// NewHosts returns the hosts for some names, in any spelling, without ports. report is called
// at times with a rejected name; it may be nil.
//
// Names of the loopback interface and IP addresses are always accepted: a browser uses an
// address only if its user or the site itself asked for it, and no name server can redirect it.
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

// hostName returns the normalized form of a name.
func hostName(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".") }

// Know reports whether a request for a host, with or without a port, is for this server. It
// accepts an empty host: no browser sends one, but some monitors that speak HTTP/1.0 do.
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

// Guard returns a handler that passes requests for known hosts to next. It checks the request's
// own host, because anybody can send X-Forwarded-Host.
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

// refuseHost responds to a request for an unknown host. Its text is for the admin who has put a
// proxy or a name in front.
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
	_, _ = io.WriteString(w, detail+"\n\n"+hint+"\n") // an error means that the browser has gone
}

// tell reports a refusal, unless one was reported recently.
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
