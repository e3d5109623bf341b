package syncer

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"calbell"
)

const (
	// shortWait is the time-out for a server that did not answer the last time. Healthy servers
	// answer within seconds; a longer wait occupies a place that other syncs need.
	shortWait = 30 * time.Second
	// fullEvery is the number of attempts per attempt with the full time-out of the
	// configuration: a listing that takes a slow server a minute must succeed some time.
	fullEvery = 4
	// maxHosts limits the hosts counted for one account: its server, and those that its
	// calendars are on. An account with calendars on many hosts must not count against all of
	// them.
	maxHosts = 4
)

// Patient is a Remote with adjustable time-outs. It is optional.
type Patient interface {
	// SetPatience limits the wait for the first answer, and for each answer and each pause
	// within one; 0: the configuration's limit.
	SetPatience(first, each time.Duration)
}

// bePatient sets a remote's time-outs: shorter when the server did not answer the last time,
// and for the first answer when nothing is known about it or a person waits.
func (a *accountState) bePatient(remote Remote, now bool) {
	p, ok := remote.(Patient)
	if !ok {
		return
	}
	switch {
	case a.unanswered%fullEvery != 0:
		p.SetPatience(shortWait, shortWait)
	case a.reach != answered || now:
		p.SetPatience(shortWait, 0)
	}
}

// entrant returns the account's entrant for the limiter.
func (a *accountState) entrant(r calbell.SyncRequest) *entrant {
	hosts := a.hosts
	if hosts == nil {
		hosts = hostsOf(r.Account, nil)
	}
	return &entrant{owner: r.Account.Owner, hosts: hosts, reach: a.reach, urgent: r.Now || r.Fresh}
}

// noteAnswer records whether the account's server answered. The caller holds the syncer's mu.
func (a *accountState) noteAnswer(err error) {
	if calbell.KindOf(err) == calbell.KindUnreachable || len(a.silent) > 0 {
		a.reach = unanswered
		a.unanswered++
		return
	}
	a.reach, a.unanswered = answered, 0
}

// recall restores from the store the state of an account that was not synced since the start.
func (a *accountState) recall(account calbell.Account, calendars []calbell.Calendar) {
	a.hosts = hostsOf(account, calendars)
	if a.reach != untried {
		return
	}
	fails := func(c calbell.Calendar) bool { return !c.FailingSince.IsZero() }
	switch synced := func(c calbell.Calendar) bool { return !c.SyncedAt.IsZero() }; {
	case len(calendars) > 0 && !slices.ContainsFunc(calendars, func(c calbell.Calendar) bool { return !fails(c) }):
		a.reach, a.unanswered = unanswered, 1
	case slices.ContainsFunc(calendars, synced):
		a.reach = answered
	}
}

// hostsOf returns the hosts of an account: those of its URL and of its calendars, as written,
// with a port unless it is the default. They are compared as names, which need no look-up;
// several names of one hanging machine lose their places just as soon.
func hostsOf(account calbell.Account, calendars []calbell.Calendar) []string {
	hosts := []string{}
	add := func(text string) {
		if host := hostOf(text); host != "" && len(hosts) < maxHosts && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	add(account.URL)
	for _, c := range calendars {
		add(c.URL)
	}
	return hosts
}

// hostOf returns the host of a URL, a host name or a mail address; "" when it has none.
func hostOf(text string) string {
	if !strings.Contains(text, "://") {
		text = "https://" + text[strings.LastIndexByte(text, '@')+1:]
	}
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	if port := u.Port(); port != "" && port != "443" && port != "80" {
		host += ":" + port
	}
	return host
}
