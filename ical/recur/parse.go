package recur

import "errors"

// Parse reads the value of an RRULE.
func Parse(value string) (*Rule, error) { return nil, errors.New("read RRULE: empty") }

// String returns the rule in its canonical spelling.
func (r *Rule) String() string { return r.Raw }
