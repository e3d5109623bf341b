package scheduler

import "sync"

// shares bounds how many slots the accounts of one owner take: whoever's calendar servers hang
// leaves the others theirs.
type shares struct {
	each int // half of all
	all  int

	mu    sync.Mutex
	owned map[string]chan struct{} // as many as there are users with accounts
}

func newShares(slots int) *shares {
	return &shares{each: max(1, slots/2), all: slots, owned: map[string]chan struct{}{}}
}

// of returns the slots of an owner. What has none is the admins' own affair, and may take all.
func (s *shares) of(owner string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owned[owner] == nil {
		n := s.each
		if owner == "" {
			n = s.all
		}
		s.owned[owner] = make(chan struct{}, n)
	}
	return s.owned[owner]
}
