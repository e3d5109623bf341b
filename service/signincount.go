package service

import (
	"errors"
	"sync/atomic"

	"calbell"
)

// SignIns counts sign-ins since the start by result.
type SignIns struct {
	Right, Wrong int64
	// Limited counts those rejected after too many wrong ones, Crowded those rejected because too many
	// were waiting.
	Limited, Crowded int64
	// Failed counts those that could not be checked: the database or the calendar server did not answer.
	Failed int64
}

// SignIns returns the counts since the start.
func (s *People) SignIns() SignIns {
	c := &s.counts
	return SignIns{c.right.Load(), c.wrong.Load(), c.limited.Load(), c.crowded.Load(), c.failed.Load()}
}

// signInCounts are the counters of [SignIns].
type signInCounts struct{ right, wrong, limited, crowded, failed atomic.Int64 }

// count counts a sign-in that was checked.
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
