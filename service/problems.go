package service

import (
	"context"
	"sync"

	"calbell"
	"calbell/api/types"
	"calbell/store"
)

// problems counts the bad and mended objects of each calendar. A calendar is read when its
// count is first requested; then changes keep the count up to date.
type problems struct {
	mu    sync.Mutex
	known map[calbell.CalendarID]map[calbell.Href]bool // true: mended
}

func newProblems() *problems { return &problems{known: map[calbell.CalendarID]map[calbell.Href]bool{}} }

// note takes over a stored change of objects.
func (p *problems) note(id calbell.CalendarID, put []store.Planned, gone []calbell.Href) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.known[id]
	if list == nil {
		return
	}
	for _, href := range gone {
		delete(list, href)
	}
	for i := range put {
		o := &put[i].Object
		if delete(list, o.Href); o.Bad() || o.Mended() {
			list[o.Href] = o.Mended()
		}
	}
}

// forget drops the count of a calendar, which is then read again. It is for changes whose
// outcome is unknown.
func (p *problems) forget(id calbell.CalendarID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.known, id)
}

// extended takes over an object whose layout was extended. The extension may have been
// skipped; when the object differs from what is known, the calendar is read again.
func (p *problems) extended(o *calbell.Object) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.known[o.Calendar]
	if mended, flagged := list[o.Href]; flagged != (o.Bad() || o.Mended()) || mended != o.Mended() {
		delete(p.known, o.Calendar)
	}
}

// of returns the counts of a calendar.
func (p *problems) of(ctx context.Context, s EventStore, id calbell.CalendarID) (n types.ProblemCount, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list, ok := p.known[id]
	if !ok {
		list = map[calbell.Href]bool{}
		err = s.EachProblem(ctx, id, func(o calbell.Object) error {
			list[o.Href] = o.Mended()
			return nil
		})
		if err != nil {
			return n, err
		}
		p.known[id] = list
	}
	for _, mended := range list {
		if mended {
			n.Mended++
		} else {
			n.Bad++
		}
	}
	return n, nil
}
