package transport

import (
	"context"
	"io"
	"time"

	"calbell"
)

const (
	// stallTimeout is how long an answer that has begun may pause. A server may think for minutes
	// before it begins; one that pauses for so long in the middle is stuck.
	stallTimeout = time.Minute
	// minProgress is how many bytes must come within that time, unless the answer ends before. One
	// that drips is as good as one that hangs.
	minProgress = 1 << 10
)

// SetPatience bounds how long until a server begins its first answer, and how long until each one
// begins, and pauses; 0: Options.Timeout. It is to be called before the first request.
func (c *Client) SetPatience(first, each time.Duration) { c.first, c.each = first, each }

// wait bounds one request: the time until the answer begins, and pauses in it.
type wait struct {
	timer *time.Timer // runs while the server is waited for
	end   context.CancelCauseFunc
	stall time.Duration
	left  time.Duration // of stall, until minProgress must have come
	got   int           // bytes of these
}

// patiently returns a context for one request that ends when the server has kept the client waiting
// for too long. The caller has the client's turn.
func (c *Client) patiently(ctx context.Context) (context.Context, *wait) {
	begin, stall := c.o.Timeout, min(c.o.Timeout, stallTimeout)
	if c.each > 0 {
		begin, stall = min(begin, c.each), min(stall, c.each)
	}
	if c.first > 0 {
		begin = min(begin, c.first)
	}
	ctx, end := context.WithCancelCause(ctx)
	w := &wait{end: end, stall: stall, left: stall}
	w.timer = time.AfterFunc(begin, func() { end(calbell.Errorf("transport:no-answer", "no answer within %s", begin)) })
	return ctx, w
}

// answered notes that the answer has begun, and has its body read within the bounds.
func (w *wait) answered(body io.Reader) io.Reader {
	w.timer.Stop()
	return waitingReader{w, body}
}

// over ends the wait.
func (w *wait) over() {
	w.timer.Stop()
	w.end(nil)
}

// waitingReader reads a body, which must make progress while it is being read.
type waitingReader struct {
	w *wait
	r io.Reader
}

// Read implements io.Reader.
func (r waitingReader) Read(p []byte) (int, error) {
	w, began := r.w, time.Now()
	w.timer = time.AfterFunc(w.left, func() { w.end(calbell.Errorf("transport:answer-stopped", "the answer stopped for %s", w.stall)) })
	n, err := r.r.Read(p)
	w.timer.Stop()
	w.left -= time.Since(began)
	if w.got += n; w.got >= minProgress {
		w.got, w.left = 0, w.stall
	}
	return n, err
}
