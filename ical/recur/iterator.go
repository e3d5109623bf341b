package recur

import "errors"

// ErrBudget says that a call did all the steps it may do without finding an instance.
// The next call of Next goes on from there.
var ErrBudget = errors.New("expand rule: step budget spent")

// Checkpoint is a position in a rule with COUNT that can be kept and given back, so that
// a long series need not be counted from its beginning: Done instances, DTSTART included,
// lie before At. It holds for the same rule and start only.
type Checkpoint struct {
	At   Wall  `json:"at"`
	Done int64 `json:"done"`
}

// Iterator walks the instances of a rule.
type Iterator struct{ start Wall }

// ForDates returns the rule as it applies to a DTSTART that is a DATE: BYHOUR, BYMINUTE and
// BYSECOND are ignored (RFC 5545 §3.3.10), and of a frequency below a day each date counts once.
func (r *Rule) ForDates() *Rule { return r }

// Iterate returns an iterator over DTSTART, always, and then the instances of the rule after
// DTSTART up to until, inclusive. It looks at until instead of r.Until.
func (r *Rule) Iterate(start, until Wall) *Iterator { return &Iterator{start: start} }

// Seek positions the iterator so that Next returns the first instance at or after at.
func (it *Iterator) Seek(at Wall) {}

// Next returns the next instance; false at the end, or when Err is not nil.
func (it *Iterator) Next() (Wall, bool) { return 0, false }

// Err returns ErrBudget when the latest Next was cut, else nil.
func (it *Iterator) Err() error { return nil }

// Checkpoint returns a position that Resume takes.
func (it *Iterator) Checkpoint() Checkpoint { return Checkpoint{} }

// Resume goes to a checkpoint.
func (it *Iterator) Resume(c Checkpoint) {}
