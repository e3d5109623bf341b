// Command herd measures what docs/performance.md promises about firing, with the built
// binary, against the simplest thing that could post the same bodies and against what
// others would use. Each figure is a ratio taken in one interleaved run: the contenders
// take turns in random order, on the same machine, against the same kind of sink, and the
// processor time of all processes counts. A wrong, lost, doubled or early post voids the
// run.
//
//	herd -bin ../../bin/calbell herd         P1, P7: all due in one second
//	herd -bin ../../bin/calbell lone         P2: one at a time
//	herd -bin ../../bin/calbell million      P3: 1,000,000 waiting
//	herd -bin ../../bin/calbell slow         P8: a slow host among quick ones
//
// It has a go.mod of its own, so that those others are no dependency of Calbell.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// options are what a run is told.
type options struct {
	bin    string // the calbell under test
	n      int    // reminders
	rounds int
	conns  int // connections of the bare loop
	dir    string
}

func main() {
	if len(os.Args) > 1 {
		if child, ok := children()[os.Args[1]]; ok { // a process of its own, so that its time can be told apart
			exit(child(os.Args[2:]))
		}
	}
	var o options
	flag.StringVar(&o.bin, "bin", "../../bin/calbell", "the calbell to measure")
	flag.IntVar(&o.n, "n", 0, "how many reminders; 0: as the goal says")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds of an interleaved run")
	flag.IntVar(&o.conns, "conns", 64, "connections of the bare loop")
	flag.Parse()
	exit(run(o, flag.Args()))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "herd:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// children are the programs that a run starts.
func children() map[string]func([]string) error {
	return map[string]func([]string) error{"sink": sink, "bare": bare, "cron": cronLoop, "river": river}
}

func run(o options, names []string) error {
	var err error
	if o.bin, err = filepath.Abs(o.bin); err != nil {
		return err
	}
	if o.dir, err = os.MkdirTemp("", "herd"); err != nil {
		return err
	}
	defer os.RemoveAll(o.dir)
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() { // ends with the process
		<-interrupted
		os.RemoveAll(o.dir)
		os.Exit(130)
	}()
	all := map[string]func(options) error{"herd": herd, "lone": lone, "million": million, "slow": slow}
	if len(names) == 0 {
		names = []string{"herd", "lone", "slow", "million"}
	}
	fmt.Printf("%s, %d cores, %s\n", time.Now().Format("2006-01-02 15:04"), runtime.NumCPU(), runtime.Version())
	for _, name := range names {
		measure, ok := all[name]
		if !ok {
			return fmt.Errorf("unknown measurement %q: herd, lone, million or slow", name)
		}
		if err := measure(o); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
