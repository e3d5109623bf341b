package syncer

import (
	"log/slog"
	"sync"
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// states is what is known of the accounts between their syncs: how they fail, how long they rest, how
// far a sync is.
type states struct {
	policy   func() *plan.Policy
	interval func() time.Duration
	log      *slog.Logger

	mu       sync.Mutex
	accounts map[string]*accountState
	progress map[progressKey]calbell.SyncProgress
	orphans  map[string]int            // as last logged; see tellOrphans
	astray   map[calbell.WebhookID]int // likewise
}

// accountState is what the syncer remembers of an account between two syncs.
type accountState struct {
	busy   chan struct{} // holds one token: an account is synced by one at a time
	fitted *plan.Policy  // the configuration with which its calendars agree; nil: not known

	discovered time.Time
	asked      bool                        // discovery is of the sync under way
	found      map[calbell.CalendarID]bool // what discovery named
	left       map[calbell.CalendarID]bool // what it did not, at an address that the account's url has left
	counting   bool                        // answers are being counted that a calendar is gone
	missing    string                      // the listed calendars that were not found, as last reported
	there      calbell.Text                // and what there is in their place
	many       string                      // the listed names that several calendars have, likewise
	silent     []calbell.CalendarID        // of which the server did not answer the last time

	reach      reach    // of its server
	unanswered int      // how many syncs in a row its server did not answer
	hosts      []string // at which its calendars are; nil: not known

	rest      backOff // of the account: its sign-in, its server
	calendars map[calbell.CalendarID]*backOff
	account   calbell.Account // as it was last synced
	refused   error           // the sign-in was refused: nobody knocks again before rest ends
	since     time.Time       // when the account began to fail; zero: it does not
	failure   error           // how, latest
	met       time.Time       // when it became known to this run
	good      time.Time       // when it was last synced by this run
}

// known is what is remembered of an account.
func (s *states) known(name string) *accountState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.account(name)
}

// account is known for those who hold mu.
func (s *states) account(name string) *accountState {
	a := s.accounts[name]
	if a == nil {
		a = newAccountState()
		s.accounts[name] = a
	}
	return a
}

func newAccountState() *accountState {
	return &accountState{busy: make(chan struct{}, 1), met: time.Now(), calendars: map[calbell.CalendarID]*backOff{}}
}

// recall takes over what is stored of the accounts: who answered the last time, and where.
func (s *states) recall(stored map[string][]calbell.Calendar) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, account := range s.policy().Accounts() {
		s.account(name).recall(account, stored[name])
	}
}

func (s *states) noteFitted(account string, policy *plan.Policy) {
	a := s.known(account)
	s.mu.Lock()
	defer s.mu.Unlock()
	a.fitted = policy
}
