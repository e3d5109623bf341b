package caldav

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"calbell/caldav/ics"
	"calbell/caldav/transport"

	"calbell"
)

const (
	// maxHeadBytes is how much of a subscription is read to learn its name.
	maxHeadBytes = 64 << 10
	// maxRefresh bounds how long a publisher may ask not to be asked: what he moves or cancels
	// in the meantime reminds at its old time.
	maxRefresh = 24 * time.Hour
)

// isFeed reports whether a URL looks like that of an .ics file.
func isFeed(u *url.URL) bool {
	return isFile(u) || strings.EqualFold(path.Ext(u.Path), ".ics")
}

// shown is a subscription's URL without what makes it secret: the host, and the last part
// of the path.
func shown(u *url.URL) string {
	if isFile(u) {
		return u.String()
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/.../" + path.Base(u.Path)}).String()
}

// subscribe finds out whether a URL is that of an .ics file, by its first lines.
func (d *discovery) subscribe(ctx context.Context, u *url.URL) error {
	began := time.Now()
	head, err := d.c.head(ctx, u)
	props := map[string]string{}
	if err == nil {
		var ok bool
		if props, ok = ics.Head(head); !ok {
			err = &transport.AnswerError{Why: calbell.T("caldav:not-a-file", "%s is no calendar file", shown(u))}
		}
	}
	p := Probe{Method: http.MethodGet, URL: shown(u), Answer: calbell.T("caldav:a-file", "a calendar file"), OK: err == nil, Status: transport.StatusOf(err), Took: time.Since(began)}
	if err != nil {
		p.Answer = calbell.TextOfError(err)
	}
	d.out.Probes = append(d.out.Probes, p)
	if err != nil {
		return err
	}
	// Apple's property is the older one, and holds what RFC 7986 writes as a CSS name.
	colour := color(props["X-APPLE-CALENDAR-COLOR"])
	if colour == "" {
		colour = color(props["COLOR"])
	}
	name := props["X-WR-CALNAME"]
	if name == "" {
		name = props["NAME"]
	}
	d.out.Calendars = append(d.out.Calendars, calbell.Calendar{
		ID: calbell.NewCalendarID(d.c.account.Key(), u.String()), Account: d.c.account.Key(), URL: shown(u),
		Name: calendarName(unescape(name), &url.URL{Path: strings.TrimSuffix(u.Path, path.Ext(u.Path))}), Color: colour,
		TimeZone: props["X-WR-TIMEZONE"], ReadOnly: true, Level: calbell.LevelFile,
	})
	return nil
}

// unescape reads a TEXT value (RFC 5545 §3.3.11) that is shown on one line.
func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\,`, ",", `\;`, ";", `\n`, " ", `\N`, " ").Replace(s)
}

// head reads the beginning of a file.
func (c *Client) head(ctx context.Context, u *url.URL) ([]byte, error) {
	if isFile(u) {
		return readFileHead(u.Path)
	}
	var text []byte
	err := c.wire.Do(ctx, feedRequest(u, ""), func(a *transport.Answer) error {
		// The rest is not read: the connection is closed, and the publisher stops.
		var err error
		text, err = io.ReadAll(io.LimitReader(a.Body, maxHeadBytes))
		return err
	})
	return text, err
}

// readFileHead reads the beginning of a local file. One that is too large is an error here
// already.
func readFileHead(path string) ([]byte, error) {
	f, err := openFile(path, calbell.MaxFileBytes)
	if err != nil {
		return nil, fileFailure(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxHeadBytes))
	return text, fileFailure(err)
}

// feedRequest asks for a file that has changed since the state that validators name.
func feedRequest(u *url.URL, validators string) transport.Request {
	q := transport.Request{Method: http.MethodGet, URL: u, Limit: calbell.MaxFileBytes, Header: http.Header{"Accept": {"text/calendar, */*;q=0.1"}}}
	lines := strings.Split(validators, "\n")
	if len(lines) == 3 && lines[0] != "" {
		q.Header.Set("If-None-Match", lines[0])
	}
	if len(lines) == 3 && lines[1] != "" {
		q.Header.Set("If-Modified-Since", lines[1])
	}
	return q
}

// subscribes reports whether a calendar is the file that the account's URL names. The ID tells:
// it follows from the whole URL.
func (c *Client) subscribes(cal calbell.Calendar) bool {
	return (c.address.feed || cal.Level == calbell.LevelFile) && cal.DiscoveredID() == calbell.NewCalendarID(c.account.Key(), c.start.String())
}

// syncFile reads a subscription if it changed, and hands over what did. The calendar's SyncToken holds
// what tells an unchanged file without reading it, a line each: the ETag, or the state of a file of
// this machine; the date; and the refresh interval in seconds. Its CTag is a digest of the text.
func (r *run) syncFile(ctx context.Context) error {
	r.cal.Level = calbell.LevelFile
	if wait := r.old.RefreshAt.Sub(r.now); wait > 0 && wait <= maxRefresh {
		return r.apply(ctx, finding{})
	}
	known := r.old.SyncToken
	if r.reconciles() || r.old.Brake.Seen > 0 {
		known = "" // the whole text is needed
	}
	if isFile(r.url) {
		return r.syncLocal(ctx, known)
	}
	s := newSpool(r.c.o.Spool, r.c.hold(r.url.Host))
	defer s.close()
	validators, err := r.download(ctx, s, known)
	// Only what was asked for with validators can be "not modified": the stored objects are
	// then what the file says.
	if transport.StatusOf(err) == http.StatusNotModified {
		return r.unchanged(ctx, known)
	}
	if err != nil {
		return err
	}
	return r.syncText(ctx, s.source(), validators, known)
}

// syncLocal is syncFile for a file of this machine.
func (r *run) syncLocal(ctx context.Context, known string) error {
	f, err := openFile(r.url.Path, calbell.MaxFileBytes)
	if err != nil {
		return fileFailure(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fileFailure(err)
	}
	validators := fileState(info, time.Now()) + "\n"
	if validators != "\n" && strings.HasPrefix(known, validators) {
		return r.unchanged(ctx, known)
	}
	src := source{ReaderAt: f, size: info.Size()}
	if src.digest, err = digestOf(f, src.size); err != nil {
		return fileFailure(err)
	}
	return r.syncText(ctx, src, validators, known)
}

// unchanged ends the sync of a file that is as it was.
func (r *run) unchanged(ctx context.Context, validators string) error {
	r.cal.SyncToken = validators
	r.refreshLater(validators)
	return r.apply(ctx, finding{})
}

// syncText hands over what a text says, unless it is the known one: many servers know no validators,
// and send the same minute by minute.
func (r *run) syncText(ctx context.Context, src source, validators, known string) error {
	state := "file " + src.digest
	if state == r.old.CTag && known != "" {
		return r.unchanged(ctx, validators+"\n"+known[strings.LastIndexByte(known, '\n')+1:])
	}
	leave, err := r.c.o.Files.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	file, err := ics.Split(src, src.size, r.held.add)
	if err == nil && file.Digest() != src.digest {
		err = ics.ErrChanged
	}
	if err != nil {
		return fileFailure(err)
	}
	validators += "\n" + strconv.Itoa(int(min(file.Refresh(), maxRefresh).Seconds()))
	r.cal.SyncToken, r.cal.CTag = validators, state
	r.refreshLater(validators)
	r.file = file
	return r.applyFile(ctx)
}

// refreshLater sets when the file may be asked for again.
func (r *run) refreshLater(validators string) {
	r.cal.RefreshAt = time.Time{}
	lines := strings.Split(validators, "\n")
	seconds, err := strconv.Atoi(lines[len(lines)-1])
	if err == nil && len(lines) == 3 && seconds > 0 {
		r.cal.RefreshAt = r.now.Add(min(time.Duration(seconds)*time.Second, maxRefresh)).UTC()
	}
}

// download has a spool take the file's text, and returns the two lines that name its state.
func (r *run) download(ctx context.Context, s *spool, known string) (validators string, err error) {
	err = r.c.wire.Do(ctx, feedRequest(r.url, known), func(a *transport.Answer) error {
		validators = oneLine(a.Header.Get("ETag")) + "\n" + oneLine(a.Header.Get("Last-Modified"))
		head := make([]byte, maxHeadBytes)
		n, err := fill(a.Body, head)
		if head = head[:n]; err != nil && err != io.EOF {
			return err
		}
		if isPage(a, head) {
			return notDAV(a, head, calbell.Errorf("caldav:page", "a page"))
		}
		_, err = io.Copy(s, io.MultiReader(bytes.NewReader(head), a.Body))
		return err
	})
	return validators, err
}

// oneLine keeps a header that can be sent back; a longer one is of no use.
func oneLine(s string) string {
	if s = strings.TrimSpace(s); len(s) > 1024 || strings.ContainsAny(s, "\r\n") {
		return ""
	}
	return s
}

// applyFile turns a file into batches, as apply does. An object is a number until its turn comes: of a
// large file, all keys and ETags would take more memory than it has text.
func (r *run) applyFile(ctx context.Context) error {
	if err := r.load(); err != nil {
		return err
	}
	var todo []int32
	for n := range r.file.Len() {
		changed := len(r.known) == 0
		if !changed {
			href, etag, err := r.file.Tag(n)
			if err != nil {
				return fileFailure(err)
			}
			stored, ok := r.known[href]
			changed = !ok || !sameETag(stored, etag)
		}
		if changed {
			todo = append(todo, int32(n))
		}
	}
	var absent []calbell.Href
	for h := range r.known {
		if !r.file.Has(h) {
			absent = append(absent, h)
		}
	}
	slices.Sort(absent)
	gone, brake, err := r.judge(ctx, absent)
	if err != nil {
		return err
	}
	return r.finish(ctx, work{len(todo), fileWork{r, todo}.fetch}, gone, true, brake)
}

// fileWork is objects of a file that are to be handed over, by their numbers.
type fileWork struct {
	*run
	todo []int32
}

// fetch returns some of them; see work.
func (r fileWork) fetch(_ context.Context, from, to int, held *hold) (fetched, error) {
	var f fetched
	for _, n := range r.todo[from:to] {
		href, etag, text, err := r.file.Object(int(n))
		if err != nil {
			return f, fileFailure(err)
		}
		o := calbell.Object{ETag: etag, Raw: text}
		if text == nil {
			o = r.problem(member{href, etag}, transport.ErrTooLarge)
		}
		o.Calendar, o.Href = r.old.ID, href
		f.objects = append(f.objects, o)
		f.done++
		if err := held.add(len(text)); err != nil {
			return f, err
		}
		if f.bytes += len(text); f.bytes >= maxBatchBytes {
			break
		}
	}
	return f, nil
}
