// The restore command: a backup replaces the database while the daemon is stopped.
//
// Deliveries that ended after the backup are known from the journal beside the database, so
// they are not sent again; where the journal is incomplete, messages are marked as possible
// repeats (docs/operations.md). The daemon's lock on the database protects against a
// running daemon.

package main

import (
	"context"
	"fmt"

	"calbell/cmd/calbell/times"
	"calbell/daemon"

	"github.com/spf13/cobra"
)

// restoreCmd builds the restore command.
func (a upkeepCommands) restoreCmd() *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:   "restore FILE -c CONFIG",
		Short: "Replace the database with a backup",
		Long: `Replace the database with a backup or a snapshot. The daemon must be stopped.

What has been sent since the backup was made is known from a list beside the database, and
is not sent again. The backup is verified before anything is touched; the database of
before is kept beside the new one.`,
		Example: `  calbell restore backup/calbell-20261124T140000Z.db -c config.yaml
  calbell restore -y /srv/backup/calbell-monday.db -c /etc/calbell/config.yaml`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.restore(cmd.Context(), args[0], yes) },
	}
	yesFlag(cmd, &yes)
	return cmd
}

// restore shows the backup and the database, asks for confirmation, and replaces the
// database. The old file is kept beside it. It runs in this process, since there is no
// daemon to ask.
func (a upkeepCommands) restore(ctx context.Context, path string, yes bool) error {
	cfg, err := a.loadConfig()
	if err != nil {
		return err
	}
	b, err := daemon.LookAtBackup(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.err, "backup:   %s, %s, written %s\n", printable(b.Path, false), bytesOf(b.Bytes), times.When(b.Made))
	fmt.Fprintf(a.err, "database: %s\n", printable(cfg.Data.Path, false))
	if ok, err := a.sure(yes, "Put the backup in the place of the database?"); err != nil || !ok {
		return err
	}
	r, err := daemon.Restore(ctx, path, cfg)
	if err != nil {
		return err
	}
	if a.wantsJSON() {
		return showOne(a.app, struct {
			Database string `json:"database"`
			Before   string `json:"before,omitempty"` // the path of the previous database
			Ended    int    `json:"ended"`            // reminders that ended since the backup
			Complete bool   `json:"complete"`         // everything sent since the backup is known
		}{cfg.Data.Path, r.Before, r.Ended + r.Known, !r.Unknown}, nil)
	}
	fmt.Fprintf(a.out, "restored %s\n", printable(cfg.Data.Path, false))
	if r.Before != "" {
		fmt.Fprintf(a.out, "  the database of before is %s\n", printable(r.Before, false))
	}
	fmt.Fprintf(a.out, "  %s ended since the backup was made, and will not be sent again\n", count(r.Ended+r.Known, "reminder"))
	if r.Unknown {
		fmt.Fprintln(a.out, "  the list beside the database does not tell all that was sent since: what fell due meanwhile is sent as a possible repeat")
	}
	fmt.Fprintln(a.err, "start the daemon: it asks the calendars for what has changed since")
	return nil
}
