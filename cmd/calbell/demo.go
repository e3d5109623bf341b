// The demo command: the real daemon between a CalDAV server and a chat page, all in this
// process.
//
// All files are in a temporary folder, which is removed at the end; the three listeners are
// on the loopback interface, except when --listen names another address for the chat.

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"calbell"
	"calbell/caldav/caldavtest"
	"calbell/cmd/calbell/demodata"
	"calbell/config"
	"calbell/daemon"
	"calbell/web/chat"

	"github.com/spf13/cobra"
)

// demoCmd builds the demo command. It has no JSON: its output is meant for reading.
func (a offlineCommands) demoCmd() *cobra.Command {
	listen := ""
	cmd := &cobra.Command{
		Use:         "demo",
		Annotations: withoutJSON(),
		Short:       "See it work: a calendar server, the daemon and a chat in one",
		Long: `See it work, with no account and no file: a calendar server with three calendars, the real
daemon, and a chat page that shows the reminders as they land. Nothing leaves this
machine, and everything is gone on Ctrl-C.`,
		Example: `  calbell demo
  calbell demo --listen 127.0.0.1:8080`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), listen) },
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "serve the chat page at `ADDRESS`; port 0 is a free one")
	return cmd
}

// demo starts the calendar server and the chat, and runs the daemon until ctx ends. The
// length of the socket's path is checked first: otherwise listening would fail only after
// the welcome text.
func (a offlineCommands) demo(ctx context.Context, listen string) (err error) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP) // closing the terminal removes the files, too
	defer stop()
	dir, err := os.MkdirTemp("", "calbell-demo-")
	if err != nil {
		return &calbell.Error{
			Kind: calbell.KindFailed, What: calbell.English("make a folder for the demo"), Err: err,
			Hint: calbell.English("name a folder that you may write in: TMPDIR=/tmp calbell demo"),
		}
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if socket := demodata.Socket(dir); len(socket) > maxSocketPath {
		return &calbell.Error{
			Kind: calbell.KindFailed, What: calbell.English("the path of the demo's socket is longer than %d bytes: %s", maxSocketPath, socket),
			Hint: calbell.English("name a shorter folder: TMPDIR=/tmp calbell demo"),
		}
	}
	calendars := caldavtest.New(caldavtest.Options{})
	demodata.Fill(calendars, time.Now())
	if err := calendars.Start(""); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, calendars.Close()) }()
	chatURL, closeChat, err := startChat(listen)
	if err != nil {
		return err
	}
	defer closeChat()
	cfg := demodata.Config(dir, calendars.URL(), chatURL)
	if cfg.Server.Listen, err = freeAddress(); err != nil {
		return err
	}
	return a.runDemo(ctx, cfg, chatURL, calendars.URL())
}

// runDemo runs the daemon and prints where to look. Addresses go to standard output, one a
// line; instructions go to standard error.
func (a offlineCommands) runDemo(ctx context.Context, cfg *config.Config, chatURL, caldavURL string) (err error) {
	log := slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	d, err := daemon.New(cfg, daemon.Options{Version: version, Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	page, password, err := d.Welcome(ctx, demodata.User)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "page: http://%s%s\n", cfg.Server.Listen, page)
	fmt.Fprintf(a.out, "chat: %s/demo/chat\n", chatURL)
	fmt.Fprintf(a.out, "caldav: %s\n", caldavURL)
	fmt.Fprintf(a.err, "\nOpen the page in a browser: its link signs you in, once; after that you are %q there, with the\npassword %q. Open the chat beside it: the first reminder lands within half a minute.\n"+
		"Your own calendar program can add events too: sign in at the caldav address as %q, password %q.\n"+
		"Ask the daemon, in another terminal:\n  %s --socket %s reminder list\nCtrl-C stops it and leaves nothing behind.\n\n",
		demodata.User, password, demodata.User, demodata.Password, ownName(), cfg.Server.Socket)
	return d.Run(ctx)
}

// maxSocketPath limits the path of a unix socket: sockaddr_un of Linux has 108 bytes, the last of which
// is zero.
const maxSocketPath = 107

// ownName returns the word that starts this program in another terminal: "calbell" if the
// shell finds this very file by that name, else its quoted path.
func ownName() string {
	own, err := os.Executable()
	if err != nil {
		return "calbell"
	}
	if found, err := exec.LookPath("calbell"); err == nil && sameFile(found, own) {
		return "calbell"
	}
	return shellWord(own)
}

// sameFile reports whether two paths lead to the same file, through links too. Files that
// cannot be read are not the same.
func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// freeAddress returns a free loopback address. Another process could take it before the
// daemon listens, which is then reported.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", &calbell.Error{Kind: calbell.KindFailed, What: calbell.English("find a free port for the page"), Err: plain(err)}
	}
	return l.Addr().String(), l.Close()
}

// startChat serves the chat page and its webhooks at listen. stop closes the server and
// returns after it has stopped.
func startChat(listen string) (url string, stop func(), err error) {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return "", nil, &calbell.Error{Kind: calbell.KindFailed, What: calbell.English("listen on %s", listen), Err: plain(err), Hint: calbell.English("choose another address with --listen")}
	}
	s := &http.Server{Handler: chat.New(time.Now), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l) // ends with Close
	}()
	return "http://" + l.Addr().String(), func() { s.Close(); <-done }, nil
}

// plain removes operation and address from a network error: the message around it already
// names them.
func plain(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}
