package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"calbell/config"
	"calbell/daemon"

	"github.com/spf13/cobra"
)

func (a *app) serveCmd() *cobra.Command {
	return &cobra.Command{
		Use:         "serve -c FILE",
		Annotations: withoutJSON(),
		Short:       "Run the daemon",
		Long: `Run the daemon in the foreground: sync the calendars, post the reminders, answer the
other commands. SIGTERM and Ctrl-C end it after the posts under way, a second Ctrl-C at
once; SIGHUP reloads.`,
		Example: `  calbell serve -c config.yaml
  CALBELL_LOG_LEVEL=debug calbell serve -c /etc/calbell/config.yaml`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context()) },
	}
}

// heapGrowth lets the heap grow to four times what is alive before it is swept. What is
// alive is a few megabytes; a herd of reminders costs a fifth less time so.
const heapGrowth = 300

// defaultConfig is where a packaged daemon's configuration is.
const defaultConfig = "/etc/calbell/config.yaml"

// loadConfig reads the file of -c, or the packaged one.
func (a *app) loadConfig() (*config.Config, error) {
	path := a.configPath
	if path == "" {
		path = defaultConfig
	}
	return config.Load(path, a.getenv)
}

func (a *app) serve(ctx context.Context) (err error) {
	if a.getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	// From the first moment on: an early SIGHUP would end the program.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	// A supervisor that asks twice waits, unlike a person who presses Ctrl-C twice.
	terms := make(chan os.Signal, 1)
	signal.Notify(terms, syscall.SIGTERM)
	defer signal.Stop(terms)
	cfg, err := a.loadConfig()
	if err != nil {
		return err
	}
	level := new(slog.LevelVar)
	level.Set(cfg.Log.Level)
	log := logger(cfg.Log.Format, level, a.err)
	d, err := daemon.New(cfg, daemon.Options{Version: version, Log: log, Level: level, Memory: daemon.UseMemory(log), Load: a.loadConfig})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	go reloadOnHangup(ctx, d, hangups) // ends with ctx, which ends with the program
	return d.Run(ctx)
}

// reloadOnHangup reloads at each SIGHUP. Reload logs its own errors.
func reloadOnHangup(ctx context.Context, d *daemon.Daemon, hangups <-chan os.Signal) {
	for {
		select {
		case <-hangups:
			_, _ = d.Reload(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// logger writes as the configuration says. Under systemd, the journal adds the time.
func logger(format string, level slog.Leveler, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if os.Getenv("JOURNAL_STREAM") != "" {
		o.ReplaceAttr = func(groups []string, at slog.Attr) slog.Attr {
			if len(groups) == 0 && at.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return at
		}
	}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
