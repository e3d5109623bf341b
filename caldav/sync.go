package caldav

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"calbell/caldav/dav"
	"calbell/caldav/ics"
	"calbell/caldav/transport"

	"calbell"
)

const (
	// reconcileEvery is how often a calendar is compared by ETag although its token says
	// that nothing changed: a server restored from a backup answers "no changes" for ever.
	reconcileEvery = 24 * time.Hour
	// reconcileSoon is when that happens after an object could not be fetched.
	reconcileSoon = time.Hour
	// maxMembers bounds the objects of one calendar, whatever names them.
	maxMembers = ics.MaxObjects
	// maxResponses bounds the entries of one answer, about members or not.
	maxResponses = maxMembers + maxCalendars
)

// Batch is a part of what changed in a calendar, to be stored in one transaction.
type Batch struct {
	// Calendar is to be stored with this batch. SyncToken, CTag, Level, RefreshAt, ReconciledAt,
	// StatedToken and StatesToken are new in the last batch alone: a crash before it makes the
	// next sync find the rest. Brake is new in any.
	// SyncedAt, FailingSince and LastError are left to the caller.
	Calendar calbell.Calendar
	// Objects are new and changed ones, with Calendar, Href, ETag and Raw. When Problem is
	// set the text could not be had and Raw is nil: keep the text that is stored, but store
	// the ETag, which is "" when the text must be asked for again.
	Objects []calbell.Object
	// Deleted are hrefs that the server says are gone; they may be unknown here.
	Deleted []calbell.Href
	// Last: nothing follows.
	Last bool
	// Done of Total objects have been handed over, this batch included.
	Done, Total int
}

// Changes finds what changed in cal since its SyncToken or CTag and hands it over in
// batches; one with Last ends a successful run, also when nothing changed. known is asked
// at most once, and only when a comparison by ETag is needed. An error of known or yield
// ends the run and is returned as it is; all others are [*calbell.Error], and what was
// yielded before them is right and may be stored.
//
// What a server reports as gone, by a 404 in a sync-collection answer, is Deleted at once.
// What is merely absent from a listing is asked for by GET, and Deleted when that says 404
// or 410. When more is absent than max(10, 30 %) of what is known, nothing is Deleted, no
// Last batch comes, and the error holds a [*BrakeError]; the batches before it carry the
// state of the brake ([calbell.Brake]), which lets go when three listings over 15 minutes
// agree, or when a person has set Apply.
//
// A calendar of LevelFile is a subscription: its file is asked for when it may have changed,
// and is handed over as one object per UID.
func (c *Client) Changes(ctx context.Context, cal calbell.Calendar, known func() (map[calbell.Href]calbell.ETag, error), yield func(Batch) error) error {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	subject := calendarText(cal)
	u, err := url.Parse(cal.URL)
	feed := c.subscribes(cal)
	switch {
	case feed:
		u, err = c.start, nil // the calendar's own URL does not hold its secret
	case cal.Level == calbell.LevelFile: // another file's events must not come in the place of its own
		return &calbell.Error{Kind: calbell.KindNotFound, What: calbell.T("caldav:account-url-another-one", "%s: the account's url is another one now", subject), Hint: calbell.T("caldav:other-url-step", "Remove this calendar, or give the account its old url again.")}
	}
	if err != nil || u.Host == "" && !isFile(u) {
		return &calbell.Error{Kind: calbell.KindConfig, What: calbell.T("caldav:url-unreadable", "%s: its url cannot be read", subject)}
	}
	r := &run{c: c, url: u, old: cal, cal: cal, now: time.Now(), ask: known, yield: yield, held: c.hold(u.Host)}
	defer r.held.release()
	if feed {
		err = r.syncFile(ctx)
	} else {
		err = r.sync(ctx)
	}
	var own *callerError
	if errors.As(err, &own) {
		return own.err
	}
	return c.explain(subject, err)
}

// callerError carries an error of a caller's function past every explanation.
type callerError struct{ err error }

func (e *callerError) Error() string { return e.err.Error() }
func (e *callerError) Unwrap() error { return e.err }

// run is one sync of one calendar.
type run struct {
	c     *Client
	url   *url.URL
	old   calbell.Calendar // as it is stored
	cal   calbell.Calendar // as it will be stored with the last batch
	now   time.Time
	ask   func() (map[calbell.Href]calbell.ETag, error)
	yield func(Batch) error

	held       *hold                         // the memory that the listing, or the file, takes
	file       *ics.File                     // the subscription that was read; nil of a collection
	known      map[calbell.Href]calbell.ETag // nil: not asked yet
	noMultiget bool                          // this server refuses multiget
	troubled   bool                          // an object could not be fetched
	tell       bool                          // the brake's state must reach the store, with or without objects
	doubted    bool                          // the server stated another token than it answers by
	quiet      bool                          // nothing changed
	again      []member                      // to be fetched even if their ETags are known
}

// member is an object of the calendar as a listing names it.
type member struct {
	href calbell.Href
	etag calbell.ETag // "" when the server gives none
}

const (
	// memberCost is about what a member takes beside its href and ETag, in a list and two maps.
	memberCost = 200
	// maxHrefBytes and maxETagBytes bound what a listing says of one object: file systems end
	// names at 255 bytes, and a tag is a number or a digest.
	maxHrefBytes, maxETagBytes = 2048, 512
)

// member returns what a response says of an object. The texts are copies: as parts of an entry
// they would keep all of it.
func (r *run) member(p dav.Response) (member, error) {
	m := member{href: calbell.Href(strings.Clone(string(hrefOf(p.Href, r.url)))), etag: etagOf(p)}
	switch {
	case len(m.href) > maxHrefBytes:
		return m, calbell.Errorf("caldav:address-object-more-than", "the address of an object has more than %d bytes", maxHrefBytes)
	case len(m.etag) > maxETagBytes:
		return m, calbell.Errorf("caldav:etag-object-more-than", "the ETag of an object has more than %d bytes", maxETagBytes)
	}
	return m, r.held.add(memberCost + len(m.href) + len(m.etag))
}

// finding is what the server says: everything there is, or what changed.
type finding struct {
	members []member
	gone    []calbell.Href // reported as deleted
	whole   bool           // members are all there are, so that what is absent may be deleted
}

// reconciles reports whether it is time to compare everything by ETag: daily, and as long as
// the brake holds.
func (r *run) reconciles() bool {
	age := r.now.Sub(r.old.ReconciledAt)
	return age >= reconcileEvery || age < 0 || r.old.Brake.Seen > 0 // a date in the future is a clock's mistake
}

// sync goes down the levels until one answers.
func (r *run) sync(ctx context.Context) error {
	reconcile := r.reconciles()
	if reconcile || r.old.Level == calbell.LevelUnknown {
		r.cal.Level = calbell.LevelToken // a demoted server may have learnt it meanwhile
	}
	if r.cal.Level == calbell.LevelToken {
		f, err := r.byToken(ctx, reconcile)
		if err == nil {
			return r.apply(ctx, f)
		}
		if final(err) || ctx.Err() != nil {
			return err
		}
		if refusesReport(err) {
			r.cal.Level = calbell.LevelCTag
		}
		if !reconcile || r.cal.Level != calbell.LevelToken {
			r.cal.SyncToken = "" // only a comparison that fails says nothing about the token
		}
	}
	return r.byCTag(ctx, reconcile)
}

// refusesReport reports whether a server does not know sync-collection. 403 is among the
// answers seen; when it means the calendar itself, the listing is refused, too.
func refusesReport(err error) bool {
	switch transport.StatusOf(err) {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusMethodNotAllowed,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusNotImplemented:
		return true
	}
	return false
}

// byToken asks for what changed since the token; for everything when there is none, when
// it is no longer taken, or when it is time to compare.
func (r *run) byToken(ctx context.Context, reconcile bool) (finding, error) {
	if r.old.SyncToken != "" && !reconcile {
		f, err := r.pages(ctx, r.old.SyncToken)
		if transport.StatusOf(err)/100 == 5 && !final(err) && transport.StatusOf(err) != http.StatusNotImplemented {
			f, err = r.pages(ctx, r.old.SyncToken) // one server answers 500 to a bad token, and others by accident
		}
		if err == nil {
			err = cmp.Or(r.suspect(f), r.doubt(f))
		}
		if err == nil || final(err) || ctx.Err() != nil {
			return f, err
		}
	}
	f, err := r.pages(ctx, "")
	f.whole = true
	return f, err
}

// maxAgain bounds the objects of a small calendar that are fetched again although the server names
// them with the ETags that are known: it may as well have named all there is.
const maxAgain = 3

// errEverything marks an answer that names what did not change.
var errEverything = calbell.Errorf("caldav:names-everything-changed", "it names everything as changed")

// suspect finds the answer of a server that does not know the token and says so by naming
// all there is: what was deleted is not in it, and only a comparison can tell. That it names a
// few objects by the ETags that are known is no such sign: ETags of some servers are the second of
// the change.
func (r *run) suspect(f finding) error {
	if len(f.members) == 0 {
		return nil
	}
	if err := r.load(); err != nil {
		return err
	}
	same := len(f.members) - len(r.changed(f.members))
	if 2*same <= len(r.known) {
		return nil
	}
	if same <= maxAgain {
		r.again = f.members
	}
	return errEverything
}

// pages runs sync-collection from a token until the server has no more to say, and keeps
// the new token.
func (r *run) pages(ctx context.Context, token string) (finding, error) {
	latest := map[calbell.Href]member{}
	gone := map[calbell.Href]bool{}
	var order []calbell.Href
	for range calbell.MaxSyncPages {
		more := false
		self := canonical(hrefOf(r.url.EscapedPath(), r.url))
		q := query{method: "REPORT", url: r.url, depth: "0", body: dav.SyncCollection(token, pETag), bounds: dav.BoundsOfListing()}
		ms, err := r.c.ask(ctx, q, func(p dav.Response) error {
			switch {
			case p.Status == http.StatusInsufficientStorage:
				more = true
				return nil
			case canonical(hrefOf(p.Href, r.url)) == self || isCollection(p):
				return nil
			case len(order) >= maxMembers:
				return calbell.Errorf("caldav:names-more-than-objects", "it names more than %d objects", maxMembers)
			}
			m, err := r.member(p)
			order = append(order, m.href)
			gone[m.href] = p.Status == http.StatusNotFound || p.Status == http.StatusGone
			latest[m.href] = m
			return err
		})
		if err != nil {
			return finding{}, err
		}
		switch {
		case ms.syncToken == "" && (token != "" || len(order) == 0):
			return finding{}, &transport.AnswerError{Why: calbell.T("caldav:answer-no-sync-token", "the answer has no sync-token")}
		case !more:
			return r.closePages(ms.syncToken, order, latest, gone), nil
		case ms.syncToken == token:
			return finding{}, &transport.AnswerError{Why: calbell.T("caldav:server-breaks-off-answers", "the server breaks off its answers without going on")}
		}
		token = ms.syncToken
	}
	return finding{}, &transport.AnswerError{Why: calbell.T("caldav:more-than-pages-changes", "more than %d pages of changes", calbell.MaxSyncPages)}
}

// closePages puts the pages together: what came last about an href holds.
func (r *run) closePages(token string, order []calbell.Href, latest map[calbell.Href]member, gone map[calbell.Href]bool) finding {
	r.cal.SyncToken, r.cal.CTag, r.cal.Level = token, "", calbell.LevelToken
	if token == "" { // it answers, but gives nothing to go on from
		r.cal.Level = calbell.LevelCTag
	}
	var f finding
	for _, h := range order {
		m, ok := latest[h]
		if !ok {
			continue // named before
		}
		delete(latest, h)
		if gone[h] {
			f.gone = append(f.gone, h)
		} else {
			f.members = append(f.members, m)
		}
	}
	return f
}

func etagOf(p dav.Response) calbell.ETag { return calbell.ETag(strings.Clone(p.Prop(pETag).Value())) }

// isCollection reports whether a response is about a collection inside the calendar.
func isCollection(p dav.Response) bool {
	return p.Prop(pResourceType).Kid(tCollection) != nil || len(p.Href) > 0 && p.Href[len(p.Href)-1] == '/'
}

// byCTag asks for the calendar's state, and for a listing unless it is the stored one.
// The state is read before the listing: a change between the two is seen next time.
func (r *run) byCTag(ctx context.Context, reconcile bool) error {
	state := ""
	if r.cal.Level != calbell.LevelList || reconcile {
		var err error
		if state, err = r.state(ctx); err != nil {
			return err
		}
		if r.cal.Level != calbell.LevelToken {
			r.cal.Level = calbell.LevelCTag
			if state == "" {
				r.cal.Level = calbell.LevelList
			}
		}
	}
	if !reconcile && state != "" && state == r.old.CTag {
		return r.apply(ctx, finding{})
	}
	f, err := r.listing(ctx)
	if err != nil {
		return err
	}
	r.cal.CTag = state
	return r.apply(ctx, f)
}

// state returns the calendar's ctag, or else its sync-token; "" when it has neither.
func (r *run) state(ctx context.Context) (string, error) {
	var ctag, token string
	q := query{method: "PROPFIND", url: r.url, depth: "0", body: dav.Propfind(pCTag, pSyncToken), bounds: dav.BoundsOfProps()}
	_, err := r.c.ask(ctx, q, func(p dav.Response) error {
		ctag, token = p.Prop(pCTag).Value(), p.Prop(pSyncToken).Value()
		if len(ctag) > maxTokenBytes || len(token) > maxTokenBytes {
			return calbell.Errorf("caldav:sync-token-more-than", "its sync-token has more than %d bytes", maxTokenBytes)
		}
		return nil
	})
	if ctag != "" {
		return "ctag " + ctag, err
	}
	if token != "" {
		return "token " + token, err
	}
	return "", err
}

// listing asks for the ETags of all members.
func (r *run) listing(ctx context.Context) (finding, error) {
	f := finding{whole: true}
	self := canonical(hrefOf(r.url.EscapedPath(), r.url))
	q := query{method: "PROPFIND", url: r.url, depth: "1", body: dav.Propfind(pResourceType, pETag), bounds: dav.BoundsOfListing()}
	ms, err := r.c.ask(ctx, q, func(p dav.Response) error {
		switch {
		case p.Status == http.StatusInsufficientStorage:
			f.whole = false // cut short
			return nil
		case canonical(hrefOf(p.Href, r.url)) == self || isCollection(p):
			return nil
		case p.Status == http.StatusNotFound || p.Status == http.StatusGone:
			return nil
		case len(f.members) >= maxMembers:
			return calbell.Errorf("caldav:names-more-than-objects", "it names more than %d objects", maxMembers)
		}
		m, err := r.member(p)
		f.members = append(f.members, m)
		return err
	})
	if err == nil && ms.responses == 0 { // even an empty calendar lists itself (RFC 4918 §9.1)
		err = &transport.AnswerError{Why: calbell.T("caldav:answers-empty-list-which", "%s answers with an empty list, in which not even the calendar itself is", r.url.Host)}
	}
	return f, err
}
