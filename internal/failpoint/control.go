//go:build failpoints

package failpoint

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// control holds the rules in force.
type control struct {
	mu      sync.Mutex
	rules   []*Rule
	reached map[Place]bool
	log     *os.File // nil: no log
}

// current returns the control of this process, which is created from the environment when the first place
// is reached. A mistake in the environment ends the process, so that a test with a misspelt place fails.
var current = sync.OnceValue(func() *control {
	c := &control{reached: map[Place]bool{}}
	if err := c.configure(); err != nil {
		fmt.Fprintln(os.Stderr, "fail points:", err)
		os.Exit(2)
	}
	return c
})

func (c *control) configure() (err error) {
	if c.rules, err = Parse(os.Getenv("CALBELL_FAILPOINTS")); err != nil {
		return err
	}
	if file := os.Getenv("CALBELL_FAILPOINTS_LOG"); file != "" {
		if c.log, err = os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return err
		}
	}
	if path := os.Getenv("CALBELL_FAILPOINTS_SOCKET"); path != "" {
		return c.listen(path)
	}
	return nil
}

// listen serves the socket until the process ends. It replaces a socket that an earlier
// process left.
func (c *control) listen(path string) error {
	_ = os.Remove(path)
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	s := &http.Server{Handler: c, ReadTimeout: time.Minute, WriteTimeout: time.Minute}
	go func() { _ = s.Serve(l) }() // owned by the process
	return nil
}

// maxRules limits the rules that the socket accepts, in bytes.
const maxRules = 64 << 10

// ServeHTTP replaces the rules by those of the body.
func (c *control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(io.LimitReader(r.Body, maxRules))
	if err != nil || r.Method != http.MethodPut {
		http.Error(w, "PUT / with rules", http.StatusBadRequest)
		return
	}
	rules, err := Parse(string(text))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rules = rules
}

// next counts that a place was reached and returns the rule that acts now; nil when none
// does.
func (c *control) next(p Place) *Rule {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.reached[p] {
		c.reached[p] = true
		c.note("reached %s\n", p)
	}
	for _, r := range c.rules {
		if r.Place == p && r.acts() {
			c.note("acted %s=%s\n", p, r.Action)
			return r
		}
	}
	return nil
}

// note writes a line in a single call, because the process may be killed at any time.
func (c *control) note(format string, args ...any) {
	if c.log != nil {
		_, _ = fmt.Fprintf(c.log, format, args...)
	}
}
