package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// errand is what a peer is to do: "PEER FILE URL CONNECTIONS".
type errand struct {
	jobs   []job
	url    string
	conns  int
	client *http.Client
}

func readErrand(args []string) (e errand, err error) {
	if len(args) < 3 {
		return e, errors.New("want: FILE URL CONNECTIONS")
	}
	raw, err := os.ReadFile(args[0])
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(raw, &e.jobs); err != nil {
		return e, err
	}
	e.url = args[1]
	e.conns, err = strconv.Atoi(args[2])
	e.client = &http.Client{
		Timeout:   15 * time.Second,
		Transport: &http.Transport{MaxConnsPerHost: e.conns, MaxIdleConnsPerHost: e.conns, MaxIdleConns: e.conns},
	}
	return e, err
}

// post sends one body, the same that the others send.
func (e errand) post(j job) {
	body, _ := json.Marshal(map[string]string{"text": j.Text})
	resp, err := e.client.Post(e.url, "application/json", bytes.NewReader(body))
	if err != nil {
		fmt.Fprintln(os.Stderr, "post:", err)
		return
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}

// bare is the least that could post: it knows all bodies, keeps no record and waits for
// one instant.
func bare(args []string) error {
	e, err := readErrand(args)
	if err != nil {
		return err
	}
	next := make(chan job)
	var workers sync.WaitGroup
	for range e.conns {
		workers.Go(func() {
			for j := range next {
				e.post(j)
			}
		})
	}
	for _, j := range e.jobs {
		time.Sleep(time.Until(j.Due))
		next <- j
	}
	close(next)
	workers.Wait()
	return nil
}

// once is a schedule with one instant.
type once time.Time

// Next implements cron.Schedule.
func (o once) Next(t time.Time) time.Time {
	if at := time.Time(o); at.After(t) {
		return at
	}
	return time.Time{}
}

// cronLoop has an entry for each reminder, and stores nothing.
func cronLoop(args []string) error {
	e, err := readErrand(args)
	if err != nil {
		return err
	}
	var posts sync.WaitGroup
	c := cron.New()
	for _, j := range e.jobs {
		posts.Add(1)
		c.Schedule(once(j.Due), cron.FuncJob(func() {
			defer posts.Done()
			e.post(j)
		}))
	}
	c.Start()
	posts.Wait()
	<-c.Stop().Done()
	return nil
}
