package daemon

import (
	"crypto/tls"
	"os"
	"sync"
	"time"
)

// certificate is the pair of files of server.tls. They are read again when they change, so
// a program that renews certificates need not reload the daemon.
type certificate struct {
	cert, key string

	mu   sync.Mutex
	made time.Time // of the file that was read last
	pair *tls.Certificate
}

// get returns the pair that the files hold. While they are being replaced and do not match,
// it returns the previous pair.
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
