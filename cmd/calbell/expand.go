// The expand command: the alarm times of calendar files, by the same code as the daemon's,
// without daemon and database. It is the reference for RFC 5545 behaviour: the vectors in
// ical/testdata use the same output.
//
// A file that cannot be opened ends the command. Components that cannot be read are
// reported, the rest is printed, and the exit code is 3.

package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"calbell"
	"calbell/cmd/calbell/times"
	"calbell/config"
	"calbell/ical"
	"calbell/ical/zone"

	"github.com/spf13/cobra"
)

// expandCmd builds the expand command.
func (a offlineCommands) expandCmd() *cobra.Command {
	var from, to, tz string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "expand FILE.ics…",
		Short: "Print every alarm instant of calendar files",
		Long: `Print every alarm instant of calendar files in [from, to), without daemon or store:
sorted, one line each; several files are several calendars. What could not be read is
reported on stderr with file, line and reason; then the exit code is 3.`,
		Example: `  calbell expand team.ics
  calbell expand --from 2026-11-01 --to 2026-12-01 --tz Europe/Zurich -o jsonl a.ics b.ics`,
		Args: takes(1, -1),
		RunE: func(_ *cobra.Command, files []string) error {
			if asJSON {
				a.format = "jsonl"
			}
			return a.expand(files, from, to, tz, time.Now())
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "from this `TIME` on (RFC 3339 or a date; default: now)")
	f.StringVar(&to, "to", "", "up to this `TIME`, exclusive (default: a year after --from)")
	f.StringVar(&tz, "tz", "", "`ZONE` of floating and all-day times (default: the file's, else the machine's)")
	f.BoolVar(&asJSON, "json", false, "same as -o jsonl")
	return cmd
}

// expand prints the alarms of all files in [from, to), sorted by time. Floating times are
// read in the zone of --tz; a warning names the machine's zone when it had to be used.
func (a offlineCommands) expand(paths []string, from, to, tz string, now time.Time) error {
	o, err := expandOptions(tz)
	if err != nil {
		return err
	}
	begin, end, err := expandSpan(from, to, o, now)
	if err != nil {
		return err
	}
	files := make([]*ical.File, 0, len(paths))
	bad := 0
	for _, path := range paths {
		f, err := readICS(path, o)
		if err != nil {
			return err
		}
		bad += a.reportProblems(path, f)
		if tz == "" && f.Floating && f.ZoneFrom == ical.ZoneFallback {
			fmt.Fprintf(a.err, "%s: warning: floating and all-day times are read in %s, this machine's zone; --tz names another\n", path, f.Zone)
		}
		files = append(files, f)
	}
	records, cut := ical.Expand(files, begin, end)
	for _, p := range cut {
		fmt.Fprintf(a.err, "%s: %s\n", printable(string(p.UID), false), printable(p.Reason.English, false))
	}
	if err := a.showRecords(records, o.Zone); err != nil {
		return err
	}
	switch {
	case bad > 0:
		return &calbell.Error{Kind: calbell.KindPartly, What: calbell.English("%s could not be read", count(bad, "object"))}
	case len(cut) > 0:
		return &calbell.Error{Kind: calbell.KindPartly, What: calbell.English("not all alarms are listed: the list of %s is cut", count(len(cut), "event")), Hint: calbell.English("ask for less time with --from and --to")}
	}
	return nil
}

// fileOptions returns how files are read: a time without a zone is in the zone that the
// file names (X-WR-TIMEZONE), else in this machine's.
func fileOptions() ical.Options {
	loc, _ := config.MachineZone()
	return ical.Options{Subscribed: true, Fallback: loc}
}

// expandOptions returns fileOptions with the zone of --tz, which takes precedence over
// every other source (docs/rfc-coverage.md, D21). tz "" leaves them unchanged.
func expandOptions(tz string) (ical.Options, error) {
	o := fileOptions()
	if tz == "" {
		return o, nil
	}
	loc, err := zone.Load(tz)
	if err != nil {
		return o, &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("--tz %s is no time zone", quoted(tz)), Hint: calbell.English("write an IANA name, such as Europe/Zurich")}
	}
	o.Zone = loc
	return o, nil
}

// expandSpan returns the period from the flags. It begins now and lasts a year by default;
// a date is midnight in the zone of --tz, else in this machine's.
func expandSpan(from, to string, o ical.Options, now time.Time) (begin, end time.Time, err error) {
	loc := o.Zone
	if loc == nil {
		loc = o.Fallback
	}
	if begin, err = times.Parse("--from", from, loc); err != nil {
		return begin, end, err
	}
	if begin.IsZero() {
		begin = now
	}
	if end, err = times.Parse("--to", to, loc); err != nil {
		return begin, end, err
	}
	if end.IsZero() {
		end = begin.AddDate(1, 0, 0)
	}
	if !end.After(begin) {
		return begin, end, usage("--to is not after --from: nothing can be in between")
	}
	return begin, end, nil
}

// readICS reads and parses a file. A file that cannot be opened is an error; one that is
// not iCalendar is returned as a file with one problem, so that other files are still read.
// It reads one byte more than allowed, which the parser then reports as too large.
func readICS(path string, o ical.Options) (*ical.File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, calbell.MaxFileBytes+1))
	if err != nil {
		return nil, err
	}
	f, err := ical.Parse(raw, o)
	if err != nil {
		return &ical.File{Problems: []ical.Problem{{Reason: calbell.TextOfError(err), Bad: true}}}, nil
	}
	return f, nil
}

// reportProblems prints the problems of a file with their lines, and returns how many
// components could not be read. What was read differently from what it says is printed as a
// warning and not counted.
func (a offlineCommands) reportProblems(path string, f *ical.File) (bad int) {
	for _, p := range f.Problems {
		place := path
		if p.Line > 0 {
			place = fmt.Sprintf("%s:%d", path, p.Line)
		}
		word := "warning: "
		if p.Bad {
			bad++
			word = ""
		}
		uid := ""
		if p.UID != "" {
			uid = fmt.Sprintf(" (UID %s)", printable(string(p.UID), false))
		}
		fmt.Fprintf(a.err, "%s: %s%s%s\n", place, word, printable(p.Reason.English, false), uid)
	}
	return bad
}

// showRecords prints the alarms: as JSON lines when the output is not a terminal and no
// format was chosen, else as a table. zone is that of the table's times; nil means this
// machine's.
func (a offlineCommands) showRecords(records []ical.Record, zone *time.Location) error {
	if a.format == "" && !isTerminal(a.out) {
		a.format = "jsonl"
	}
	if zone == nil {
		zone = time.Local
	}
	return show(a.app, records, table[ical.Record]{
		head: []string{"TRIGGER", "ACTION", "START", "SUMMARY", "UID"}, empty: "no alarm rings in that time",
		cells: func(r ical.Record) []string {
			start := ""
			if r.Start != nil {
				start = recordTime(*r.Start, zone, times.Minute)
			}
			return []string{recordTime(r.Trigger, zone, times.Second), r.Action, start, r.Summary, r.UID}
		},
	})
}

// recordTime formats a record's instant in a zone, or its day. Any other text is returned
// unchanged.
func recordTime(text string, zone *time.Location, format string) string {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.In(zone).Format(format)
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t.Format(times.Day)
	}
	return text
}
