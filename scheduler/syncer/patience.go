package syncer

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"calbell"
)

const (
	// shortWait is how long a server that did not answer the last time is waited for. Servers that
	// are well begin to answer within seconds; who waits for longer holds a place that others want.
	shortWait = 30 * time.Second
	// fullEvery is how many attempts there are to one that waits as long as the configuration
	// allows: a listing that takes a slow server a minute must succeed again some time.
	fullEvery = 4
	// maxHosts is how many hosts of one account are counted: its server, and those to which that
	// leads. One account with a calendar on each of many hosts is as good as one on the first.
	maxHosts = 4
)

// Patient is a Remote whose waits can be bounded. It is optional.
type Patient interface {
	// SetPatience bounds the wait for the first answer, and for each answer and each pause in one;
	// 0: as the configuration says.
	SetPatience(first, each time.Duration)
}

// bePatient tells a remote how long it is to wait: less where the server did not answer the last
// time, and for the first answer where nothing is known of it or a person waits.
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

// entrant returns the account as the limiter counts it.
func (a *accountState) entrant(r calbell.SyncRequest) *entrant {
	hosts := a.hosts
	if hosts == nil {
		hosts = hostsOf(r.Account, nil)
	}
	return &entrant{owner: r.Account.Owner, hosts: hosts, reach: a.reach, urgent: r.Now || r.Fresh}
}

// noteAnswer notes whether the account's server answered. The caller holds the syncer's mu.
func (a *accountState) noteAnswer(err error) {
	if calbell.KindOf(err) == calbell.KindUnreachable || len(a.silent) > 0 {
		a.reach = unanswered
		a.unanswered++
		return
	}
	a.reach, a.unanswered = answered, 0
}

// recall notes what the store knows of an account that was not synced since the start.
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

// hostsOf returns the hosts of an account: that of its URL, and those of its calendars, which may
// be others. They are names as written, with a port where it is not the usual one: names are what
// is known without asking, and many names of one machine that hangs give up their places as soon.
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
