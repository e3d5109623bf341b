package service

import (
	"calbell"
	"calbell/ical"
	"calbell/scheduler/plan"
	"calbell/service/eventindex"
)

// finder finds events that a caller sees.
type finder struct {
	*core
	index *eventindex.Index
}

func newFinder(c *core) *finder {
	options := func(in calbell.Calendar) ical.Options { return c.config.Policy().Options(in) }
	return &finder{core: c, index: eventindex.New(c.store, eventindex.Reader{Options: options, Read: plan.Read})}
}
