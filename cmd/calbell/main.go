// The program's entry point. main passes the process's streams and arguments to run, which
// can therefore be tested without a process.
//
// Errors are printed once, here: first the error, then its hint, indented. The exit code is
// the kind of the outermost calbell.Error (calbell.KindOf); an error of any other type
// exits with 1. All codes are listed on the first help page (exitHelp).

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // for machines without zoneinfo; the system's comes first

	"calbell"
)

// version is set by the build: -ldflags "-X main.version=v1.2.3".
var version = "dev"

// main runs the program with the process's own streams, and exits with its code.
func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run runs one command and returns its exit code. stdin, stdout and stderr may be any
// streams: what is asked or drawn only at a terminal checks for one (isTerminal).
//
// The first SIGINT or SIGTERM cancels the command's context. After that the signals have
// their default effect again, so a second one ends the process at once.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process without waiting for cleanup
	a := &app{in: stdin, out: stdout, err: stderr, getenv: os.Getenv}
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	a.complain(err)
	return int(calbell.KindOf(err))
}

// complain prints an error and its hint to standard error. A hint that the error's own text
// already contains is not repeated. Control characters are removed: both texts may quote
// servers and events.
func (a *app) complain(err error) {
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(a.err, "interrupted")
		return
	}
	fmt.Fprintln(a.err, printable(err.Error(), true))
	if hint := calbell.HintOf(err); !hint.IsZero() && !strings.Contains(err.Error(), hint.English) {
		fmt.Fprintln(a.err, "  "+printable(hint.English, true))
	}
}
