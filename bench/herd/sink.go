package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// job is a post that is to arrive: its text, and not before when.
type job struct {
	Text string    `json:"text"`
	Due  time.Time `json:"due"`
}

// report is what a sink saw of the jobs that it was told to expect.
type report struct {
	Want, Got, Doubles, Unknown, Early int

	First, Last   time.Time
	P50, P99, Max time.Duration // after due
}

// wrong says what voids a run.
func (r report) wrong() error {
	if r.Got != r.Want || r.Doubles+r.Unknown+r.Early > 0 {
		return fmt.Errorf("void: %d of %d arrived, %d doubled, %d unknown, %d early", r.Got, r.Want, r.Doubles, r.Unknown, r.Early)
	}
	return nil
}

// catcher counts posts.
type catcher struct {
	delay time.Duration

	mu   sync.Mutex
	want map[string]time.Time
	got  map[string]time.Time
	r    report
}

// sink is a process that takes posts: "sink [DELAY]". It prints its address.
func sink(args []string) error {
	c := &catcher{}
	if len(args) > 0 {
		d, err := time.ParseDuration(args[0])
		if err != nil {
			return err
		}
		c.delay = d
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /expect", c.expect)
	mux.HandleFunc("GET /report", c.report)
	mux.HandleFunc("POST /", c.post)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "http://"+l.Addr().String())
	return http.Serve(l, mux)
}

func (c *catcher) expect(w http.ResponseWriter, r *http.Request) {
	var jobs []job
	if err := json.NewDecoder(r.Body).Decode(&jobs); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.want, c.got, c.r = make(map[string]time.Time, len(jobs)), make(map[string]time.Time, len(jobs)), report{Want: len(jobs)}
	for _, j := range jobs {
		c.want[j.Text] = j.Due
	}
}

func (c *catcher) post(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	var m struct {
		Text string `json:"text"`
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	time.Sleep(c.delay)
	c.note(m.Text, now, err)
	_, _ = io.WriteString(w, "ok")
}

func (c *catcher) note(text string, now time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	due, known := c.want[text]
	_, before := c.got[text]
	switch {
	case err != nil || !known:
		c.r.Unknown++
	case before:
		c.r.Doubles++
	default:
		c.got[text] = now
		if now.Before(due) {
			c.r.Early++
		}
	}
}

func (c *catcher) report(w http.ResponseWriter, _ *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.r
	r.Got = len(c.got)
	var late []time.Duration
	for text, at := range c.got {
		late = append(late, at.Sub(c.want[text]))
		if r.First.IsZero() || at.Before(r.First) {
			r.First = at
		}
		if at.After(r.Last) {
			r.Last = at
		}
	}
	slices.Sort(late)
	r.P50, r.P99, r.Max = quantile(late, 0.5), quantile(late, 0.99), quantile(late, 1)
	_ = json.NewEncoder(w).Encode(r)
}

// quantile of a sorted list; 0 of an empty one.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
