package caldav

import (
	"net"
	"net/http"
	"time"
)

// newTransport returns the client's own transport: patient with the answer (the request's
// time-out sees to that), not with the dial.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    dialTimeout,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

const (
	dialTimeout    = 15 * time.Second
	maxHeaderBytes = 256 << 10
)
