package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// run1 is what one turn of a contender gave.
type run1 struct {
	drain, p99, perPost time.Duration
	perCommit           time.Duration // time between two commits; 0: it keeps no record, or was not asked
}

// contender posts jobs to a sink.
type contender struct {
	name string
	run  func(jobs int) (run1, error)
	runs []run1
}

// herd is P1: all due in one second. Each turn has a sink, data and texts of its own.
func herd(o options) error {
	n := or(o.n, 10000)
	list := []*contender{
		{name: "calbell", run: func(n int) (run1, error) { return o.herdCalbell(n) }},
		{name: "bare loop", run: func(n int) (run1, error) { return o.herdPeer("bare", n, nil) }},
		{name: "robfig/cron", run: func(n int) (run1, error) { return o.herdPeer("cron", n, nil) }},
	}
	if postgresBin() == "" {
		fmt.Println("no PostgreSQL here: River is left out")
	} else {
		pg, err := startPostgres(o.dir)
		if err != nil {
			return err
		}
		defer pg.stop()
		list = append(list, &contender{name: "River, tuned", run: func(n int) (run1, error) { return o.herdPeer("river", n, pg) }})
	}
	for range o.rounds {
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, c := range list {
			r, err := c.run(n)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			c.runs = append(c.runs, r)
		}
	}
	slices.SortFunc(list, func(a, b *contender) int { return median(a.drains()) - median(b.drains()) })
	fmt.Printf("\n%d due in one second, %d rounds: min / median / max\n", n, o.rounds)
	for _, c := range list {
		fmt.Printf("  %-14s drained %s   p99 %s   CPU per post %s\n", c.name, spread(c.drains()), spread(c.p99s()), spread(c.cpus()))
	}
	for _, c := range list {
		if between := c.pick(func(r run1) time.Duration { return r.perCommit }); between[0] > 0 {
			fmt.Printf("  %s made a commit every %s\n", c.name, spread(between))
		}
	}
	return nil
}

func (o options) herdCalbell(n int) (run1, error) {
	s, err := catch(0)
	if err != nil {
		return run1{}, err
	}
	defer s.stop()
	due := time.Now().Add(time.Duration(10+n/500) * time.Second).Truncate(time.Second)
	list := jobs(n, due, 0)
	d, err := newDaemon(o, []route{{"herd", s.first, list}})
	if err != nil {
		return run1{}, err
	}
	if err := s.expect(list); err != nil {
		return run1{}, err
	}
	if err := d.start(); err != nil {
		return run1{}, err
	}
	if err := d.planned(n, time.Until(due)-time.Second); err != nil {
		d.stop()
		return run1{}, err
	}
	before := spent(d.Process.Pid) + spent(s.Process.Pid)
	commits, err := d.commits()
	if err != nil {
		d.stop()
		return run1{}, err
	}
	r, err := s.settled(time.Until(due) + 2*time.Minute)
	used := spent(d.Process.Pid) + spent(s.Process.Pid) - before
	after, err2 := d.commits()
	d.stop()
	drain := r.Last.Sub(due)
	return run1{drain, r.P99, used / time.Duration(n), drain / time.Duration(max(1, after-commits))}, errors.Join(err, err2)
}

func (o options) herdPeer(name string, n int, pg *postgres) (run1, error) {
	s, err := catch(0)
	if err != nil {
		return run1{}, err
	}
	defer s.stop()
	ahead := 3 * time.Second
	args := []string{name}
	if pg != nil {
		ahead = time.Duration(5+n/2000) * time.Second
	}
	due := time.Now().Add(ahead).Truncate(time.Second)
	list := jobs(n, due, 0)
	file, err := writeJSON(o.dir, "jobs.json", list)
	if err != nil {
		return run1{}, err
	}
	if args = append(args, file, s.first+"/", fmt.Sprint(o.conns)); pg != nil {
		args = append(args, pg.url())
	}
	if err := s.expect(list); err != nil {
		return run1{}, err
	}
	p, err := self(false, args...)
	if err != nil {
		return run1{}, err
	}
	time.Sleep(time.Until(due) - 200*time.Millisecond)
	before := spent(p.Process.Pid) + spent(s.Process.Pid) + pg.used()
	r, err := s.settled(2 * time.Minute)
	sink, server := spent(s.Process.Pid), pg.used()
	_ = p.Wait() // it ends when all is posted
	used := p.ProcessState.UserTime() + p.ProcessState.SystemTime() + sink + server - before
	return run1{drain: r.Last.Sub(due), p99: r.P99, perPost: used / time.Duration(n)}, err
}

// used is what the server spent so far; of none, nothing.
func (p *postgres) used() time.Duration {
	if p == nil {
		return 0
	}
	return p.spent()
}

// lone is P2: reminders a second apart.
func lone(o options) error {
	n := or(o.n, 200)
	s, err := catch(0)
	if err != nil {
		return err
	}
	defer s.stop()
	list := jobs(n, time.Now().Add(8*time.Second).Truncate(time.Second), time.Second)
	d, err := newDaemon(o, []route{{"lone", s.first, list}})
	if err != nil {
		return err
	}
	if err := s.expect(list); err != nil {
		return err
	}
	if err := d.start(); err != nil {
		return err
	}
	defer d.stop()
	r, err := s.settled(time.Duration(n)*time.Second + time.Minute)
	fmt.Printf("\n%d reminders a second apart: p50 %s, p99 %s, max %s late, %d early\n", n, ms(r.P50), ms(r.P99), ms(r.Max), r.Early)
	return err
}

// slow is P8: one in twenty goes to a host that takes two seconds.
func slow(o options) error {
	n := or(o.n, 4000)
	fmt.Printf("\n%d over 20 s, 5 %% of them to a host that takes 2 s: p99 of the others\n", n)
	for range o.rounds {
		with, err := o.slowRound(n, 2*time.Second)
		if err != nil {
			return err
		}
		without, err := o.slowRound(n, 0)
		if err != nil {
			return err
		}
		fmt.Printf("  with %s, without %s: %.2f×\n", ms(with), ms(without), float64(with)/float64(without))
	}
	return nil
}

func (o options) slowRound(n int, delay time.Duration) (time.Duration, error) {
	quick, err := catch(0)
	if err != nil {
		return 0, err
	}
	defer quick.stop()
	other, err := catch(delay)
	if err != nil {
		return 0, err
	}
	defer other.stop()
	due := time.Now().Add(time.Duration(10+n/500) * time.Second).Truncate(time.Second)
	var a, b []job
	for i, j := range jobs(n, due, 0) {
		j.Due = due.Add(time.Duration(i%20) * time.Second)
		if i/20%20 == 0 {
			b = append(b, j)
		} else {
			a = append(a, j)
		}
	}
	d, err := newDaemon(o, []route{{"quick", quick.first, a}, {"slow", other.first, b}})
	if err != nil {
		return 0, err
	}
	if err := quick.expect(a); err != nil {
		return 0, err
	}
	if err := other.expect(b); err != nil {
		return 0, err
	}
	if err := d.start(); err != nil {
		return 0, err
	}
	defer d.stop()
	r, err := quick.settled(time.Until(due) + 2*time.Minute)
	if err != nil {
		return 0, err
	}
	_, err = other.settled(5 * time.Minute)
	return r.P99, err
}

// million is P3: what waiting costs, and how soon after a start the first is sent.
func million(o options) error {
	n := or(o.n, 1000000)
	const files = 10
	s, err := catch(0)
	if err != nil {
		return err
	}
	defer s.stop()
	soon := time.Now().Add(time.Duration(60+n/2000) * time.Second).Truncate(time.Second)
	routes := make([]route, files+1)
	for i := range files {
		routes[i] = route{fmt.Sprintf("far%d", i), s.first, jobs(n/files, soon.AddDate(0, 0, 30), time.Second)}
	}
	first := jobs(1, soon, 0)
	routes[files] = route{"soon", s.first, first}
	d, err := newDaemon(o, routes)
	if err != nil {
		return err
	}
	if err := s.expect(first); err != nil {
		return err
	}
	if err := d.start(); err != nil {
		return err
	}
	began := time.Now()
	if err := d.planned(n+1, time.Until(soon)); err != nil {
		d.stop()
		return err
	}
	fmt.Printf("\n%d planned in %s; ", n, time.Since(began).Round(time.Second))
	d.stop()
	size, err := os.Stat(filepath.Join(d.dir, "calbell.db"))
	if err != nil {
		return err
	}
	fmt.Printf("database %d MB\n", size.Size()>>20)
	time.Sleep(time.Until(soon)) // the daemon is down when it falls due
	begin := time.Now()
	if err := d.start(); err != nil {
		return err
	}
	defer d.stop()
	r, err := s.settled(time.Minute)
	fmt.Printf("  first post %s after the start of the process\n", ms(r.Last.Sub(begin)))
	if err != nil {
		return err
	}
	// The first sync of each file and the store's check are behind it by then, and what they
	// took is given back: Go does so after a collection or two, of which an idle process has one
	// in two minutes.
	const settle, idle = 5 * time.Minute, 60 * time.Second
	time.Sleep(settle)
	before := ran(d.Process.Pid)
	time.Sleep(idle)
	fmt.Printf("  anonymous memory %.1f MB, idle CPU %.3f %%\n", float64(anonymous(d.Process.Pid))/1e6,
		100*float64(ran(d.Process.Pid)-before)/float64(idle))
	return nil
}

func or(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}

func (c *contender) pick(f func(run1) time.Duration) []time.Duration {
	var out []time.Duration
	for _, r := range c.runs {
		out = append(out, f(r))
	}
	slices.Sort(out)
	return out
}

func (c *contender) drains() []time.Duration {
	return c.pick(func(r run1) time.Duration { return r.drain })
}

func (c *contender) p99s() []time.Duration {
	return c.pick(func(r run1) time.Duration { return r.p99 })
}

func (c *contender) cpus() []time.Duration {
	return c.pick(func(r run1) time.Duration { return r.perPost })
}

func median(sorted []time.Duration) int { return int(sorted[len(sorted)/2]) }

func spread(sorted []time.Duration) string {
	return fmt.Sprintf("%s / %s / %s", ms(sorted[0]), ms(time.Duration(median(sorted))), ms(sorted[len(sorted)-1]))
}

// ms writes milliseconds with three figures.
func ms(d time.Duration) string { return fmt.Sprintf("%.3g ms", float64(d)/1e6) }
