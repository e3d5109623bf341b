package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"calbell"
	"calbell/api/types"
)

// maxAnswer limits the size of an answer: a list of 10,000 rows has some 5 MB.
const maxAnswer = 64 << 20

// Client calls the API of one daemon. It is safe for concurrent use.
type Client struct {
	*connection
	people
	definitions
}

// connection sends requests to a daemon over its socket.
type connection struct {
	socket string
	http   *http.Client
}

// New returns a client for the daemon that listens at the socket's path.
func New(socket string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}
	c := &connection{socket: socket, http: &http.Client{Transport: &http.Transport{DialContext: dial}}}
	return &Client{c, people{c}, definitions{c}}
}

// Status reports the state of the daemon.
func (c *Client) Status(ctx context.Context) (r types.StatusReport, err error) {
	return r, c.do(ctx, "GET /status", nil, nil, &r)
}

// Reload makes the daemon read its configuration again.
func (c *Client) Reload(ctx context.Context) (r types.ReloadReport, err error) {
	return r, c.do(ctx, "POST /reload", nil, nil, &r)
}

// Sync syncs all accounts, or one calendar ("" = all), and returns when the result is
// stored and planned.
func (c *Client) Sync(ctx context.Context, calendar string) (r []types.SyncRow, err error) {
	return r, c.do(ctx, "POST /sync", url.Values{"calendar": {calendar}, "wait": {"true"}}, nil, &r)
}

// StartSync starts a sync of all accounts, or of one calendar, without waiting for it.
func (c *Client) StartSync(ctx context.Context, calendar string) error {
	return c.do(ctx, "POST /sync", url.Values{"calendar": {calendar}}, nil, nil)
}

// Calendars lists the calendars.
func (c *Client) Calendars(ctx context.Context) (r []types.CalendarRow, err error) {
	return r, c.do(ctx, "GET /calendars", nil, nil, &r)
}

// Calendar returns one calendar, by ID or name.
func (c *Client) Calendar(ctx context.Context, name string) (r types.CalendarRow, err error) {
	return r, c.do(ctx, "GET /calendars/"+url.PathEscape(name), nil, nil, &r)
}

// ApplyCalendar deletes what the mass-delete brake of a calendar holds back.
func (c *Client) ApplyCalendar(ctx context.Context, name string) (r types.CalendarRow, err error) {
	return r, c.do(ctx, "POST /calendars/"+url.PathEscape(name)+"/apply", nil, nil, &r)
}

// Syncing returns the progress of the running syncs.
func (c *Client) Syncing(ctx context.Context) (r []calbell.SyncProgress, err error) {
	return r, c.do(ctx, "GET /sync", nil, nil, &r)
}

// Webhooks lists the webhooks.
func (c *Client) Webhooks(ctx context.Context) (r []types.WebhookRow, err error) {
	return r, c.do(ctx, "GET /webhooks", nil, nil, &r)
}

// AddWebhook stores a webhook.
func (c *Client) AddWebhook(ctx context.Context, n types.NewWebhook) (r types.WebhookRow, err error) {
	return r, c.do(ctx, "POST /webhooks", nil, n, &r)
}

// RemoveWebhook removes a stored webhook.
func (c *Client) RemoveWebhook(ctx context.Context, name string) error {
	return c.do(ctx, "DELETE /webhooks/"+url.PathEscape(name), nil, nil, nil)
}

// TestWebhook posts a sample message; sample "" means "timed".
func (c *Client) TestWebhook(ctx context.Context, name, sample string) (r types.TestResult, err error) {
	v := url.Values{}
	if sample != "" {
		v.Set("sample", sample)
	}
	return r, c.do(ctx, "POST /webhooks/"+url.PathEscape(name)+"/test", v, nil, &r)
}

// Events lists instances of events.
func (c *Client) Events(ctx context.Context, q types.EventQuery) (r []types.EventRow, err error) {
	v := url.Values{"calendar": {q.Calendar}, "search": {q.Search}}
	setTime(v, "from", q.From)
	setTime(v, "to", q.To)
	setLimit(v, q.Limit)
	setBool(v, "unrouted", q.Unrouted)
	return r, c.do(ctx, "GET /events", v, nil, &r)
}

// BadEvents lists the objects that could not be read.
func (c *Client) BadEvents(ctx context.Context) (r []types.BadRow, err error) {
	return r, c.do(ctx, "GET /events/bad", nil, nil, &r)
}

// Event returns one event, by ID or unique UID.
func (c *Client) Event(ctx context.Context, id string) (r types.EventDetail, err error) {
	return r, c.do(ctx, "GET /events/"+url.PathEscape(id), nil, nil, &r)
}

// Upcoming lists the reminders that fall due next, including each occurrence of a series.
func (c *Client) Upcoming(ctx context.Context, limit int) (r []types.UpcomingRow, err error) {
	v := url.Values{}
	setLimit(v, limit)
	return r, c.do(ctx, "GET /reminders", v, nil, &r)
}

// History lists deliveries that were sent or failed.
func (c *Client) History(ctx context.Context, q types.DeliveryQuery) (r []types.DeliveryRow, err error) {
	v := url.Values{"webhook": {q.Webhook}}
	for _, s := range q.Statuses {
		v.Add("status", string(s))
	}
	setTime(v, "since", q.Since)
	setLimit(v, q.Limit)
	return r, c.do(ctx, "GET /deliveries", v, nil, &r)
}

// Delivery returns one delivery with its tries.
func (c *Client) Delivery(ctx context.Context, id string) (r calbell.Delivery, err error) {
	return r, c.do(ctx, "GET /deliveries/"+url.PathEscape(id), nil, nil, &r)
}

func setTime(v url.Values, name string, t time.Time) {
	if !t.IsZero() {
		v.Set(name, t.Format(time.RFC3339))
	}
}

func setLimit(v url.Values, n int) {
	if n > 0 {
		v.Set("limit", strconv.Itoa(n))
	}
}

// do sends a request and decodes the answer into out, which may be nil. what is a method
// and a path below /api/v1: "GET /status".
func (c *connection) do(ctx context.Context, what string, query url.Values, in, out any) error {
	resp, err := c.ask(ctx, what, query, in)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out); err != nil {
		return fmt.Errorf("read the daemon's answer: %w", err)
	}
	return nil
}

// ask sends a request and returns a successful answer, whose body the caller closes. Other
// answers become errors.
func (c *connection) ask(ctx context.Context, what string, query url.Values, in any) (*http.Response, error) {
	method, path, _ := strings.Cut(what, " ")
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	for name := range query {
		if query.Get(name) == "" {
			query.Del(name)
		}
	}
	u := url.URL{Scheme: "http", Host: "calbell", Path: "/api/v1", RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, method, u.JoinPath(path).String(), body)
	if err != nil {
		return nil, err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if _, ok := in.(Patch); ok {
		req.Header.Set("Content-Type", "application/merge-patch+json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	if resp.StatusCode >= 300 {
		defer resp.Body.Close()
		return nil, refused(resp.StatusCode, json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)))
	}
	return resp, nil
}

// unreachable returns the error for a daemon that does not answer, with the reason.
func (c *connection) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := &calbell.Error{Kind: calbell.KindNoDaemon, What: calbell.English("no daemon at %s", c.socket), Hint: calbell.English("start it with: calbell serve -c FILE; or name its socket with --socket, or its configuration with -c")}
	switch {
	case errors.Is(err, fs.ErrPermission):
		e.What, e.Hint = calbell.English("you may not use %s", c.socket), calbell.English("join the group that owns it (calbell), or use sudo")
	case errors.Is(err, syscall.ECONNREFUSED):
		e.What = calbell.English("the daemon at %s has ended", c.socket)
	case !errors.Is(err, fs.ErrNotExist):
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		e.Err = err
	}
	return e
}

// refused returns the error that an answer contains.
func refused(status int, dec *json.Decoder) error {
	var p types.Problem
	if err := dec.Decode(&p); err != nil || p.Detail == "" {
		return fmt.Errorf("the daemon answered %d", status)
	}
	return &calbell.Error{Kind: p.Kind, What: calbell.Plain(p.Detail), Hint: calbell.Plain(p.Hint)}
}
