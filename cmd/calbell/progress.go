package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"calbell"
	"calbell/api/client"

	"golang.org/x/sys/unix"
)

const (
	// barEvery is how often bars are drawn anew, lineEvery how often a log is told.
	barEvery  = 250 * time.Millisecond
	lineEvery = 10 * time.Second
	// barWidth is the widest bar, nameWidth the widest name before it, in columns.
	barWidth  = 30
	nameWidth = 24
	// maxBars bounds the bars shown at a time: the rest would scroll away.
	maxBars = 20
)

// watchSync shows how far the syncs are until ctx ends: a bar for each calendar on a
// terminal, a line each ten seconds elsewhere. It never fails: it is only for looking at.
func (a *app) watchSync(ctx context.Context, c *client.Client) {
	bars := a.drawsBars()
	every := lineEvery
	if bars {
		every = barEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	drawn := 0
	for {
		select {
		case <-ctx.Done():
			wipe(a.err, drawn)
			return
		case <-tick.C:
		}
		list, err := c.Syncing(ctx)
		if err != nil {
			continue // the sync itself tells
		}
		if !bars {
			for _, p := range list {
				_ = a.say("%s", progressLine(p, time.Now()))
			}
			continue
		}
		wipe(a.err, drawn)
		drawn = min(len(list), maxBars)
		for _, p := range list[:drawn] {
			fmt.Fprintln(a.err, bar(p, columns(a.err)))
		}
	}
}

// drawsBars reports whether a person at a terminal that can move its cursor looks at it.
func (a *app) drawsBars() bool {
	return isTerminal(a.err) && a.getenv("TERM") != "dumb"
}

// wipe takes back the lines that were drawn last.
func wipe(w io.Writer, lines int) {
	for range lines {
		fmt.Fprint(w, "\x1b[1A\x1b[2K")
	}
}

// columns is how wide a terminal is; 80 when it does not say.
func columns(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ); err == nil && size.Col > 0 {
			return int(size.Col)
		}
	}
	return 80
}

// progressName names what is synced.
func progressName(p calbell.SyncProgress) string {
	if p.Calendar == "" {
		return p.Account
	}
	return p.Account + "/" + p.Calendar
}

// worthTelling is how long a step of a sync takes before it is told for how long it has: the server
// may not answer.
const worthTelling = 5 * time.Second

// progressLine describes how far a sync is.
func progressLine(p calbell.SyncProgress, now time.Time) string {
	since := ""
	if took := now.Sub(p.Since); took >= worthTelling && !p.Since.IsZero() {
		since = " for " + took.Round(time.Second).String()
	}
	switch {
	case p.Waits:
		return progressName(p) + ": waiting for other syncs" + since
	case p.Calendar == "":
		return progressName(p) + ": looking for calendars" + since
	case p.Total == 0:
		return progressName(p) + ": asking what changed" + since
	}
	return fmt.Sprintf("%s: %d of %d events", progressName(p), p.Done, p.Total)
}

// bar draws how far a sync is, no wider than the terminal.
func bar(p calbell.SyncProgress, width int) string {
	if p.Total == 0 || width < nameWidth+20 {
		return shorten(printable(progressLine(p, time.Now()), false), width-1)
	}
	counts := fmt.Sprintf(" %d/%d", p.Done, p.Total)
	room := min(barWidth, width-nameWidth-len(counts)-4)
	full := room * min(p.Done, p.Total) / p.Total
	name := shorten(printable(progressName(p), false), nameWidth)
	return fmt.Sprintf("%s [%s%s]%s", screenWidth().FillRight(name, nameWidth), strings.Repeat("#", full), strings.Repeat(".", room-full), counts)
}

// shorten cuts a text to so many columns of a terminal.
func shorten(s string, most int) string {
	return screenWidth().Truncate(s, max(1, most), "…")
}
