package syncer

import (
	"log/slog"
	"sync"
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// states holds the state of the accounts between their syncs: failures, back-off, and progress.
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

// accountState is the state of an account between two syncs.
type accountState struct {
	busy   chan struct{} // holds one token: one sync of an account at a time
	fitted *plan.Policy  // the policy applied to its calendars; nil: not known

	discovered time.Time
	asked      bool                        // discovery ran in the current sync
	found      map[calbell.CalendarID]bool // calendars that discovery listed
	left       map[calbell.CalendarID]bool // calendars not listed, at an address that the account's url has moved away from
	counting   bool                        // answers about a missing calendar are being counted
	missing    string                      // missing calendars of the list, as last reported
	there      calbell.Text                // the calendars that the server has
	many       string                      // ambiguous names of the list, as last reported
	silent     []calbell.CalendarID        // calendars for which the server did not answer the last time

	reach      reach    // of its server
	unanswered int      // consecutive syncs without an answer
	hosts      []string // at which its calendars are; nil: not known

	rest      backOff // of the account as a whole
	calendars map[calbell.CalendarID]*backOff
	account   calbell.Account // as it was last synced
	refused   error           // the refused sign-in: no further attempt before rest ends
	since     time.Time       // when the account began to fail; zero: it does not
	failure   error           // the latest failure
	met       time.Time       // when this run first saw the account
	good      time.Time       // when it was last synced by this run
}

// known returns the state of an account.
func (s *states) known(name string) *accountState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.account(name)
}

// account is known for callers that hold mu.
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

// recall restores the accounts' states from the store: which servers answered, and their hosts.
func (s *states) recall(stored map[string][]calbell.Calendar) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, account := range s.policy().Accounts() {
		s.account(name).recall(account, stored[name])
	}
}

// recallOf is recall for one account.
func (s *states) recallOf(name string, stored []calbell.Calendar) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if account, known := s.policy().Account(name); known {
		s.account(name).recall(account, stored)
	}
}

func (s *states) noteFitted(account string, policy *plan.Policy) {
	a := s.known(account)
	s.mu.Lock()
	defer s.mu.Unlock()
	a.fitted = policy
}
