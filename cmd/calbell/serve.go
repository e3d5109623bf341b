// The serve command: the daemon in the foreground, as systemd starts it.
//
// Settings come from flags, the environment and the file, in this order; a reload reads all
// three again. The first SIGTERM or SIGINT stops the daemon after the posts in flight;
// deliveries that could not be recorded are repeated, marked, after
// the next start (docs/reliability.md).

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

// serveCmd builds the serve command. It has no JSON: its output is the log on standard
// error.
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

// addSettings adds a flag for each setting that can be given on the command line
// (config.Flags). The flags have no defaults, so only those that were given override the
// file.
func addSettings(cmd *cobra.Command) {
	for _, f := range config.Flags() {
		cmd.Flags().String(f.Name, "", fmt.Sprintf("%s of the configuration, over file and environment", f.Key))
	}
}

// given returns the settings that were given as flags, by flag name. cmd must have the
// flags of addSettings.
func given(cmd *cobra.Command) map[string]string {
	flags := map[string]string{}
	for _, f := range config.Flags() {
		if flag := cmd.Flags().Lookup(f.Name); flag.Changed {
			flags[f.Name] = flag.Value.String()
		}
	}
	return flags
}

// heapGrowth is the GOGC of the daemon: the heap may grow to four times the live data
// before it is collected. The live data is a few megabytes, so this costs little memory;
// sending many reminders at once takes a fifth less time. $GOGC overrides it.
const heapGrowth = 300

// defaultConfig is the configuration file of a packaged daemon.
const defaultConfig = "/etc/calbell/config.yaml"

// loadConfig reads and checks the file of -c, else the packaged one. All faults of a file
// come back in one error of calbell.KindConfig.
func (a *app) loadConfig() (*config.Config, error) { return a.loadConfigWith(nil) }

// loadConfigWith is loadConfig with flags, which override the file and the environment.
// flags may be nil.
func (a *app) loadConfigWith(flags map[string]string) (*config.Config, error) {
	path := a.configPath
	if path == "" {
		path = defaultConfig
	}
	return config.LoadWith(path, a.getenv, flags)
}

// serve runs the daemon until ctx ends. The error joins that of Run and that of Close, so a
// failure to close the database is reported too.
func (a *app) serve(ctx context.Context, flags map[string]string) (err error) {
	if a.getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	// Before the configuration is read: by default SIGHUP ends a process.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	// A second SIGTERM has no effect: supervisors repeat it while they wait. A second Ctrl-C ends
	// the process, because run restored the default effect of SIGINT.
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
	go reloadOnHangup(ctx, d, hangups) // ends with ctx
	return d.Run(ctx)
}

// reloadOnHangup reloads the configuration at each SIGHUP until ctx ends. Errors are not
// returned: Reload logs them, and the old configuration stays in force.
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

// logger returns the daemon's logger: JSON when format is "json", else logfmt-like text.
// Under systemd ($JOURNAL_STREAM) records have no time, since the journal adds one.
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
