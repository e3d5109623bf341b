package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/web/form"
)

// provider is a calendar service. The text "provider.<ID>.hint" tells people how to sign in.
type provider struct {
	ID, Name string
	URL      string // where discovery starts; "": people type it
	Feed     bool   // a single address without sign-in
}

// providers returns the choices of the first step.
func providers() []provider {
	return []provider{
		{ID: "infomaniak", Name: "Infomaniak", URL: "https://sync.infomaniak.com/"},
		{ID: "nextcloud", Name: "Nextcloud"},
		{ID: "icloud", Name: "iCloud", URL: "https://caldav.icloud.com/"},
		{ID: "fastmail", Name: "Fastmail", URL: "https://caldav.fastmail.com/"},
		{ID: "caldav"},
		{ID: "ics", Feed: true},
	}
}

// connectPage is the first step, and with a provider the second.
type connectPage struct {
	connectPages
	Providers []provider
	Chosen    *provider // nil: the first step
	Found     *types.Discovered
	Name      string
}

// Label returns the name of a provider.
func (p connectPage) Label(of provider) string { return cmp.Or(of.Name, p.T("provider."+of.ID)) }

func (v connectPages) connectPage() error { return v.connectForm(nil) }

func (v connectPages) connectForm(found *types.Discovered) error {
	p := connectPage{connectPages: v, Providers: providers(), Found: found}
	if i := slices.IndexFunc(p.Providers, func(of provider) bool { return of.ID == v.Trimmed("provider") }); i >= 0 {
		p.Chosen = &p.Providers[i]
		p.Name = cmp.Or(v.Trimmed("name"), v.freeAccount(p.Label(*p.Chosen)))
	}
	return v.show("connect", v.T("connect.title"), p)
}

// freeAccount returns an account name that none of the accounts visible to the viewer has.
func (v connectPages) freeAccount(label string) string {
	accounts, _ := v.site.s.Accounts.List(v.ctx(), v.Who) // on an error the name is checked when it is saved
	taken := func(name string) bool {
		return slices.ContainsFunc(accounts, func(a types.AccountRow) bool { return calbell.Slug(a.Name) == calbell.Slug(name) })
	}
	label = strings.ReplaceAll(label, "/", " ")
	free := label
	for n := 2; taken(free); n++ {
		free = fmt.Sprintf("%s %d", label, n)
	}
	return free
}

// connect looks for the calendars of an account. If it finds some it stores the account;
// otherwise the page shows every request of discovery with its result.
func (v connectPages) connect() error {
	n := types.NewAccount{
		Name: v.Trimmed("name"), URL: v.Trimmed("url"), Username: v.Trimmed("username"), Password: v.Value("password"),
	}
	found, err := v.site.s.Accounts.Discover(v.ctx(), v.Who, n)
	if err != nil {
		return v.again(err, v.connectPage)
	}
	if !found.Error.IsZero() || len(found.Calendars) == 0 {
		// Not the status of the error: a proxy may replace a 502 by a page of its own.
		v.Problem = &calbell.Error{Kind: calbell.KindUsage, What: cmp.Or(found.Error, calbell.Plain(v.T("connect.empty"))), Hint: cmp.Or(found.Hint, calbell.Plain(v.T("connect.empty.hint")))}
		return v.connectForm(&found)
	}
	a, err := v.site.s.Accounts.Add(v.ctx(), v.Who, n)
	if err != nil {
		return v.again(err, v.connectPage)
	}
	// The next page shows how many events the calendars have, so it waits a little for the first sync.
	as[calendarPages](v.view).wait(func() bool {
		list, err := v.site.s.Calendars.List(v.ctx(), v.Who)
		n := 0
		for _, c := range list {
			if c.Account == a.ID && (!c.SyncedAt.IsZero() || !c.FailingSince.IsZero()) {
				n++
			}
		}
		return err != nil || n >= len(found.Calendars)
	})
	http.Redirect(v.w, v.r, accountPath(a.ID)+"?step=3", http.StatusSeeOther)
	return nil
}

// accountForm is the page of an account, and the third step of connecting one.
type accountForm struct {
	connectPages
	A        types.AccountRow
	N        types.NewAccount
	Tag      string
	Step     bool // the third one
	Found    types.Discovered
	Ticks    []tick
	Leads    []form.LeadField
	Webhooks []form.Choice
	Modes    []form.Choice
}

// tick is a calendar that can be chosen.
type tick struct {
	Value       string // as the account's list has it
	Name, Color string
	From        string // the owner, in words; "": the viewer
	Chosen      bool
	Usual       bool   // it is used when the account has no list
	Events      string // "12 events in the next 30 days"; "" while it is not known
}

// Addresses returns the mail addresses of the account's owner, as the field contains them.
func (p accountForm) Addresses() string { return strings.Join(p.N.Addresses, ", ") }

// Where returns the address of the account's page.
func (p accountForm) Where() string { return accountPath(p.A.ID) }

func (v connectPages) accountPage() error {
	name := v.r.PathValue("name")
	a, err := v.site.s.Accounts.Get(v.ctx(), v.Who, name)
	if err != nil {
		return err
	}
	p := accountForm{connectPages: v, A: a, Step: v.Trimmed("step") == "3"}
	p.N = types.NewAccount{Name: a.Name, URL: a.URL, Username: a.Username, AccountSpec: calbell.AccountSpec{TimeZone: a.TimeZone}}
	p.N.Webhook, p.N.Remind, p.N.RemindAllDay, p.N.Mode = a.Default.Webhook, a.Default.Remind, a.Default.RemindAllDay, a.Default.Mode
	for _, c := range a.Calendars {
		p.N.Calendars = append(p.N.Calendars, c.Name)
	}
	if a.Editable {
		if p.N, p.Tag, err = v.site.s.Accounts.Request(v.ctx(), v.Who, name); err != nil {
			return err
		}
	}
	if p.Found, err = v.found(name); err != nil {
		return err
	}
	if v.r.Method == "POST" {
		p.N, _ = v.accountAsked(p.N)
		p.Tag = v.ETag(p.Tag)
	}
	p.Leads = v.LeadFields(p.N.Remind, p.N.RemindAllDay)
	if p.Webhooks, err = v.webhooksFor(p.N.Webhook, v.T("account.webhook.none"), a.ID); err != nil {
		return err
	}
	p.Webhooks = form.Keep(p.Webhooks, p.N.Webhook)
	p.Modes = v.ModeChoices(p.N.Mode)
	if err := v.ticks(&p); err != nil {
		return err
	}
	return v.show("account", a.Name, p)
}

// found asks an account's server for its calendars. An error is shown on the page, which
// can still be used to change the account.
func (v connectPages) found(name string) (types.Discovered, error) {
	ctx, cancel := context.WithTimeout(v.ctx(), syncWait)
	defer cancel()
	found, err := v.site.s.Accounts.DiscoverStored(ctx, v.Who, name)
	switch {
	case err == nil || v.ctx().Err() != nil:
		return found, err
	case ctx.Err() != nil:
		found.Error = calbell.Plain(v.T("account.slow"))
	case isForPeople(err):
		found.Error, found.Hint = calbell.TextOfError(err), calbell.HintOf(err)
	default:
		return found, err
	}
	return found, nil
}

// soon is the period in which events are counted, in days.
const soon = 30

// ticks loads the calendars of the server, with the number of events of those that are
// synced.
func (v connectPages) ticks(p *accountForm) error {
	calendars, err := v.site.s.Calendars.List(v.ctx(), v.Who)
	if err != nil {
		return err
	}
	for _, found := range p.Found.Calendars {
		t := v.tick(p, found, calendars)
		for _, c := range calendars {
			if c.ID != found.ID || c.SyncedAt.IsZero() {
				continue
			}
			events, err := v.site.s.Events.List(v.ctx(), v.Who, types.EventQuery{Calendar: string(c.ID), From: v.Now, To: v.Now.AddDate(0, 0, soon), Limit: 1000})
			if err != nil {
				return err
			}
			t.Events = v.N("connect.events", len(events), soon)
		}
		p.Ticks = append(p.Ticks, t)
	}
	return nil
}

// tick returns a calendar of the server as a choice. Its value is its name if that is
// unique, or its address when it belongs to another person, who may rename it.
func (v connectPages) tick(p *accountForm, found calbell.Calendar, stored []types.CalendarRow) tick {
	same := func(c calbell.Calendar) bool { return calbell.SameName(c.Name, found.Name) && c.ID != found.ID }
	t := tick{Value: found.Name, Name: found.Name, Color: found.Color, From: as[calendarPages](v.view).sharedBy(found), Usual: found.Ownership != calbell.OwnershipOther}
	if !t.Usual || calbell.IsAddress(found.Name) || slices.ContainsFunc(p.Found.Calendars, same) {
		t.Value = found.Path()
	}
	if i := slices.IndexFunc(stored, func(c types.CalendarRow) bool { return c.ID == found.ID }); i >= 0 {
		if stored[i].Listed != "" {
			t.Value = stored[i].Listed
		}
		t.Usual = t.Usual || stored[i].Listed == "" && !stored[i].SwitchedOff
	}
	t.Chosen = slices.Contains(p.N.Calendars, t.Value) || p.N.Calendars == nil && t.Usual
	return t
}

// accountAsked returns the request n with the form's fields in place.
func (v connectPages) accountAsked(n types.NewAccount) (types.NewAccount, error) {
	n.Webhook, n.Mode, n.TimeZone = v.Trimmed("webhook"), calbell.Mode(v.Trimmed("mode")), v.Trimmed("time_zone")
	n.Password = v.Value("password")
	n.Addresses = strings.FieldsFunc(v.Trimmed("addresses"), func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
	n.WriteBack, n.TrustInvitations = v.Checked("write_back"), v.Checked("trust_invitations")
	if v.Checked("listed") { // the server listed its calendars
		n.Calendars = append([]string{}, v.Values["calendar"]...)
		if slices.Equal(n.Calendars, v.Values["usual"]) {
			n.Calendars = nil // all, including future ones
		}
	}
	var err error
	if n.Remind, err = v.ReadLeads("remind"); err != nil {
		return n, err
	}
	n.RemindAllDay, err = v.ReadLeads("remind_all_day")
	return n, err
}

func (v connectPages) saveAccount() error {
	name := v.r.PathValue("name")
	n, _, err := v.site.s.Accounts.Request(v.ctx(), v.Who, name)
	if err != nil {
		return err
	}
	if n, err = v.accountAsked(n); err == nil {
		_, err = v.site.s.Accounts.Set(v.ctx(), v.Who, name, v.Trimmed("etag"), n)
	}
	if err != nil {
		return v.again(err, v.accountPage)
	}
	return v.done("/calendars", "account-saved")
}

func (v connectPages) removeAccount() error {
	if err := v.site.s.Accounts.Remove(v.ctx(), v.Who, v.r.PathValue("name"), "", time.Now()); err != nil {
		return v.again(err, v.accountPage)
	}
	return v.done("/calendars", "account-removed")
}

// ShownURL returns the address without parts that may be secret.
func (p accountForm) ShownURL() string {
	if u, err := url.Parse(p.A.URL); err == nil && u.Host != "" {
		return u.Host
	}
	return p.A.URL
}

// Stage returns the current step of connecting a calendar.
func (p connectPage) Stage() int {
	if p.Chosen == nil {
		return 1
	}
	return 2
}

// Stage returns the current step of connecting a calendar.
func (p accountForm) Stage() int { return 3 }
