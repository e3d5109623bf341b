package caldav

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
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

// feedFailure returns the error for a file that cannot be taken apart.
func feedFailure(u *url.URL, err error) error {
	if isBusy(err) {
		return err
	}
	return &transport.AnswerError{Why: calbell.T("caldav:file-cannot-read", "the file cannot be read"), Err: err}
}

// fileFailure says what is wrong with a local file; the line around it names the account.
func fileFailure(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	if err == nil || isBusy(err) {
		return err
	}
	return &transport.AnswerError{Why: calbell.T("caldav:file-cannot-read", "the file cannot be read"), Err: err}
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

// syncFile reads a subscription if it changed, and hands over what did. The calendar's
// SyncToken holds the ETag, the date and the refresh interval in seconds, a line each; its
// CTag a digest of the text.
func (r *run) syncFile(ctx context.Context) error {
	r.cal.Level = calbell.LevelFile
	if wait := r.old.RefreshAt.Sub(r.now); wait > 0 && wait <= maxRefresh {
		return r.apply(ctx, finding{})
	}
	reconcile := r.reconciles()
	known := r.old.SyncToken
	if reconcile || r.old.Brake.Seen > 0 {
		known = "" // the whole text is needed
	}
	text, validators, err := r.download(ctx, known)
	// Only what was asked for with validators can be "not modified": the stored objects are
	// then what the file says.
	if transport.StatusOf(err) == http.StatusNotModified {
		r.refreshLater(known)
		return r.apply(ctx, finding{})
	}
	if err != nil {
		return err
	}
	state := "file " + digest32(text)
	file, err := ics.Split(text, r.held.add)
	if err != nil {
		return feedFailure(r.url, err)
	}
	validators += "\n" + strconv.Itoa(int(min(file.Refresh(), maxRefresh).Seconds()))
	r.cal.SyncToken, r.cal.CTag = validators, state
	r.refreshLater(validators)
	// Many servers know no validators, and send the same text minute by minute.
	if state == r.old.CTag && known != "" {
		return r.apply(ctx, finding{})
	}
	r.file = file
	f := finding{whole: true, members: make([]member, 0, file.Len())}
	for href, etag := range file.Objects() {
		f.members = append(f.members, member{href, etag})
	}
	return r.apply(ctx, f)
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

// download returns the file's text, and the two lines that name its state.
func (r *run) download(ctx context.Context, known string) (text []byte, validators string, err error) {
	if isFile(r.url) {
		text, err = readFile(r.url.Path, calbell.MaxFileBytes, r.held)
		return text, "\n", fileFailure(err)
	}
	err = r.c.wire.Do(ctx, feedRequest(r.url, known), func(a *transport.Answer) error {
		validators = oneLine(a.Header.Get("ETag")) + "\n" + oneLine(a.Header.Get("Last-Modified"))
		if text, err = readText(a.Body, r.held); err == nil && isPage(a, text) {
			err = notDAV(a, text, calbell.Errorf("caldav:page", "a page"))
		}
		return err
	})
	return text, validators, err
}

// oneLine keeps a header that can be sent back; a longer one is of no use.
func oneLine(s string) string {
	if s = strings.TrimSpace(s); len(s) > 1024 || strings.ContainsAny(s, "\r\n") {
		return ""
	}
	return s
}

// fromFile returns the objects of a part of the file.
func (r *run) fromFile(part []member, held *hold) (fetched, error) {
	var f fetched
	for _, m := range part {
		text, ok := r.file.Object(m.href)
		o := calbell.Object{ETag: m.etag, Raw: text}
		if !ok {
			o = r.problem(m, transport.ErrTooLarge)
		}
		o.Calendar, o.Href = r.old.ID, m.href
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
