package service

import (
	"errors"
	"sync/atomic"

	"calbell"
)

// SignIns counts sign-ins since the start by how they ended.
type SignIns struct {
	Right, Wrong int64
	// Limited were refused because too many wrong ones came before, Crowded because too many
	// waited at the same time.
	Limited, Crowded int64
	// Failed could not be judged: the database or the calendar server did not answer.
	Failed int64
}

// SignIns returns how sign-ins ended since the start.
func (s *People) SignIns() SignIns {
	c := &s.counts
	return SignIns{c.right.Load(), c.wrong.Load(), c.limited.Load(), c.crowded.Load(), c.failed.Load()}
}

// signInCounts are the counters of [SignIns].
type signInCounts struct{ right, wrong, limited, crowded, failed atomic.Int64 }

// count counts a sign-in that was let through to be judged.
func (c *signInCounts) count(err error) {
	var e *calbell.Error
	switch {
	case err == nil:
		c.right.Add(1)
	case !errors.As(err, &e) || e.Kind != calbell.KindNotAllowed:
		c.failed.Add(1)
	case e.RetryAfter > 0:
		c.crowded.Add(1)
	default:
		c.wrong.Add(1)
	}
}
