package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"calbell/api/client"
	"calbell/webhook/webhooktest"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

// The scripts are a manual that cannot lie: what a command is given, prints and returns.
// Beside testscript's own verbs they have:
//
//	exits CODE calbell ARG…   run a command and want this exit code
//	chat [STATUS BODY]        start a chat: its webhook's URL is $HOOK, and in hook.url;
//	                          with arguments, what it answers to the next message
//	posted N REGEXP           N messages came, and the last one matches
//	soon FILE SECONDS TITLE   write a calendar with an alarm that falls due so soon
//	ready SOCKET              wait until a daemon answers at a socket
//	fill FILE                 put the script's folder in the place of $WORK in a file
//	dav                       start a calendar server that takes tokens and client certificates
//	                          and has an authority of its own; see davCommand
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("TZ", "Etc/UTC")
			e.Values[chatKey{}] = new(*webhooktest.Receiver)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "chat": chatCommand, "posted": posted, "soon": soonCommand, "ready": ready, "fill": fill, "dav": davCommand, "until": untilCommand,
		},
	})
}

// exits runs a program and wants its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// fill expands $WORK in a file, for what cannot be relative.
func fill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fill FILE")
	}
	text := strings.ReplaceAll(ts.ReadFile(args[0]), "$WORK", ts.Getenv("WORK"))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

type chatKey struct{}

// chatOf is the script's chat; nil before it was started.
func chatOf(ts *testscript.TestScript) **webhooktest.Receiver {
	return ts.Value(chatKey{}).(**webhooktest.Receiver)
}

func chatCommand(ts *testscript.TestScript, _ bool, args []string) {
	chat := chatOf(ts)
	if *chat == nil {
		*chat = webhooktest.New()
		ts.Defer((*chat).Close)
		url := (*chat).URL("/hooks/secret-token")
		ts.Setenv("HOOK", url)
		ts.Setenv("CHAT", (*chat).Addr())
		ts.Check(os.WriteFile(ts.MkAbs("hook.url"), []byte(url+"\n"), 0o600))
	}
	if len(args) == 2 {
		status, err := strconv.Atoi(args[0])
		ts.Check(err)
		(*chat).Script(webhooktest.Status(status, args[1]))
	}
}

// posted wants that so many messages came. Commands that post end after the answer, so
// there is nothing to wait for.
func posted(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: posted N [REGEXP]")
	}
	texts := (*chatOf(ts)).Texts()
	if fmt.Sprint(len(texts)) != args[0] {
		ts.Fatalf("%d messages came, want %s: %q", len(texts), args[0], texts)
	}
	if len(args) > 1 && !regexp.MustCompile(args[1]).MatchString(texts[len(texts)-1]) {
		ts.Fatalf("the last message is %q", texts[len(texts)-1])
	}
}

func soonCommand(ts *testscript.TestScript, _ bool, args []string) {
	seconds, err := strconv.Atoi(args[1])
	ts.Check(err)
	e := ahead("soon@example.org", args[2], time.Duration(seconds)*time.Second)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), e.ics(), 0o600))
}

// untilCommand runs a program until its output has a line that a pattern matches: some of what a command
// begins ends after it.
func untilCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN PROGRAM ARG…")
	}
	pattern := regexp.MustCompile("(?m)" + args[0])
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("nothing matches %q", args[0])
		}
	}
}

// ready waits until a daemon answers.
func ready(ts *testscript.TestScript, _ bool, args []string) {
	c := client.New(ts.MkAbs(args[0]))
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		_, err := c.Status(context.Background())
		if err == nil {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("no daemon answers at %s: %v", args[0], err)
		}
	}
}

// Every command has help with two examples, and the examples are commands that exist.
func TestHelp(t *testing.T) {
	a := &app{getenv: os.Getenv}
	for _, c := range commands(a.root()) {
		t.Run(c.CommandPath(), func(t *testing.T) {
			examples := regexp.MustCompile(`(?m)^ +.*?\bcalbell\b *(.*?)(?: {2,}.*)?$`).FindAllStringSubmatch(c.Example, -1)
			if len(examples) < 2 || c.Short == "" {
				t.Errorf("short help %q, %d examples, want 2", c.Short, len(examples))
			}
		})
	}
	if matches, err := filepath.Glob("testdata/script/*.txtar"); err != nil || len(matches) < 8 {
		t.Errorf("scripts: %q, %v", matches, err)
	}
}

// commands returns a command and all below it.
func commands(c *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		list = append(list, commands(sub)...)
	}
	return list
}
