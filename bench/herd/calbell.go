package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// daemon is a calbell that reads its calendars from files.
type daemon struct {
	*process
	bin, dir, config string
	listen           string // where its metrics are
}

// route is a calendar file whose alarms go to a webhook.
type route struct {
	name string
	url  string
	jobs []job
}

// newDaemon writes a configuration with one webhook for each route.
func newDaemon(o options, routes []route) (*daemon, error) {
	dir, err := os.MkdirTemp(o.dir, "calbell")
	if err != nil {
		return nil, err
	}
	d := &daemon{bin: o.bin, dir: dir, config: filepath.Join(dir, "calbell.yaml")}
	if d.listen, err = freePort(); err != nil {
		return nil, err
	}
	var c strings.Builder
	fmt.Fprintf(&c, "time_zone: UTC\ndata:\n  path: %s/calbell.db\n  backup: \"off\"\nserver:\n  listen: %s\n  socket: %s/s\nlog:\n  level: warn\n", dir, d.listen, dir)
	c.WriteString("sync:\n  interval: 1d\n  before_reminders: false\n")
	c.WriteString("delivery:\n  in_flight: 1024\n  per_host: 64\n  private_networks: [127.0.0.0/8]\nwebhooks:\n")
	for _, r := range routes {
		fmt.Fprintf(&c, "  - name: %s\n    kind: json\n    url: %s/\n    payload: {text: \"%%subject%%\"}\n", r.name, r.url)
	}
	c.WriteString("accounts:\n")
	for _, r := range routes {
		file := filepath.Join(dir, r.name+".ics")
		if err := os.WriteFile(file, calendar(r), 0o600); err != nil {
			return nil, err
		}
		fmt.Fprintf(&c, "  - name: %s\n    url: file://%s\n    calendars: [{name: %s, webhook: %s}]\n", r.name, file, r.name, r.name)
	}
	return d, os.WriteFile(d.config, []byte(c.String()), 0o600)
}

// calendar is a route's .ics file: an event ten minutes after each job, with an alarm.
func calendar(r route) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Calbell//herd//EN\r\nX-WR-CALNAME:%s\r\n", r.name)
	for i, j := range r.jobs {
		start := j.Due.Add(10 * time.Minute).UTC()
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%s-%d@example.org\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:%s\r\nDURATION:PT10M\r\nSUMMARY:%s\r\n"+
			"BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT10M\r\nEND:VALARM\r\nEND:VEVENT\r\n", r.name, i, start.Format("20060102T150405Z"), j.Text)
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.Bytes()
}

func (d *daemon) start() (err error) {
	d.process, err = start(false, d.bin, "serve", "-c", d.config)
	return err
}

// freePort finds an address that nobody listens at; somebody might a moment later.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// commits is how many transactions the daemon has written to its disk.
func (d *daemon) commits() (n float64, err error) {
	r, err := http.Get("http://" + d.listen + "/metrics")
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	const name = "calbell_store_commits_total "
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), name); ok {
			return strconv.ParseFloat(text, 64)
		}
	}
	return 0, errors.New("no " + name + "in the metrics")
}

// planned waits until n reminders are planned.
func (d *daemon) planned(n int, within time.Duration) error {
	for end := time.Now().Add(within); ; time.Sleep(100 * time.Millisecond) {
		out, err := exec.Command(d.bin, "status", "-c", d.config, "-o", "json").Output()
		var s struct {
			Deliveries map[string]int `json:"deliveries"`
		}
		if err == nil {
			err = json.Unmarshal(out, &s)
		}
		if err == nil && s.Deliveries["planned"] >= n {
			return nil
		}
		if time.Now().After(end) {
			return errors.Join(err, fmt.Errorf("%d of %d planned after %s", s.Deliveries["planned"], n, within))
		}
	}
}
