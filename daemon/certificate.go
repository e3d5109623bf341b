package daemon

import (
	"crypto/tls"
	"os"
	"sync"
	"time"
)

// certificate is the pair of files of server.tls. They are read again when they change: what
// renews certificates need not tell the daemon.
type certificate struct {
	cert, key string

	mu   sync.Mutex
	made time.Time // of the file that was read last
	pair *tls.Certificate
}

// get returns the pair as the files have it; while they are being replaced, the one before.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.cert)
	if err == nil && c.pair != nil && info.ModTime().Equal(c.made) {
		return c.pair, nil
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	switch {
	case err == nil && info != nil:
		c.pair, c.made = &pair, info.ModTime()
	case c.pair == nil:
		return nil, err
	}
	return c.pair, nil
}
