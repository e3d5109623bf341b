package main

import (
	"context"
	"errors"
	"fmt"
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
	cmd := &cobra.Command{
		Use:         "serve -c FILE",
		Annotations: withoutJSON(),
		Short:       "Run the daemon",
		Long: `Run the daemon in the foreground: sync the calendars, post the reminders, answer the
other commands. SIGTERM and Ctrl-C end it after the posts under way, a second Ctrl-C at
once; SIGHUP reloads.`,
		Example: `  calbell serve -c config.yaml
  calbell serve -c config.yaml --listen 127.0.0.1:8480 --log-level debug
  CALBELL_LOG_LEVEL=debug calbell serve -c /etc/calbell/config.yaml`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.serve(cmd.Context(), given(cmd))
		},
	}
	addSettings(cmd)
	return cmd
}

// addSettings adds the flags of settings to a command.
func addSettings(cmd *cobra.Command) {
	for _, f := range config.Flags() {
		cmd.Flags().String(f.Name, "", fmt.Sprintf("%s of the configuration, over file and environment", f.Key))
	}
}

// given returns the flags of settings that the command line gives.
func given(cmd *cobra.Command) map[string]string {
	flags := map[string]string{}
	for _, f := range config.Flags() {
		if flag := cmd.Flags().Lookup(f.Name); flag.Changed {
			flags[f.Name] = flag.Value.String()
		}
	}
	return flags
}

// heapGrowth lets the heap grow to four times what is alive before it is swept. What is
// alive is a few megabytes; a herd of reminders costs a fifth less time so.
const heapGrowth = 300

// defaultConfig is where a packaged daemon's configuration is.
const defaultConfig = "/etc/calbell/config.yaml"

// loadConfig reads the file of -c, or the packaged one.
func (a *app) loadConfig() (*config.Config, error) { return a.loadConfigWith(nil) }

// loadConfigWith is loadConfig with flags over the file and the environment.
func (a *app) loadConfigWith(flags map[string]string) (*config.Config, error) {
	path := a.configPath
	if path == "" {
		path = defaultConfig
	}
	return config.LoadWith(path, a.getenv, flags)
}

func (a *app) serve(ctx context.Context, flags map[string]string) (err error) {
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
	load := func() (*config.Config, error) { return a.loadConfigWith(flags) }
	cfg, err := load()
	if err != nil {
		return err
	}
	level := new(slog.LevelVar)
	level.Set(cfg.Log.Level)
	log := logger(cfg.Log.Format, level, a.err)
	d, err := daemon.New(cfg, daemon.Options{Version: version, Log: log, Level: level, Memory: daemon.UseMemory(log), Load: load})
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
