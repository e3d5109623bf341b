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

// fileOptions say how to read a file: what names no zone is in its own, else this machine's.
func fileOptions() ical.Options {
	loc, _ := config.MachineZone()
	return ical.Options{Subscribed: true, Fallback: loc}
}

// expandOptions: --tz stands for every other source of the zone (D21).
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

// expandSpan is the time that is asked for; a date means midnight in the zone given.
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

// readICS reads and parses a file. One that cannot be opened is an error; one that is no
// calendar is a file with a problem.
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

// reportProblems prints what could not be read as it was meant and returns how many
// components were lost.
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

// showRecords prints lines for machines, unless people look: then times are in the zone
// asked for, or nil: the reader's.
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

// recordTime shows a record's instant, or its day, to people.
func recordTime(text string, zone *time.Location, format string) string {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.In(zone).Format(format)
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t.Format(times.Day)
	}
	return text
}
