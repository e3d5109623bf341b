// The commands that show configuration. Both read the file only; `config show` also asks a
// running daemon which keys wait for a restart.

package main

import (
	"context"
	"encoding/json"
	"fmt"

	"calbell/config"

	"github.com/spf13/cobra"
)

// configCmd builds the config command.
func (a upkeepCommands) configCmd() *cobra.Command {
	return group("config", "Show the configuration in force, and its schema", `  calbell config show -c config.yaml
  calbell config schema > calbell.schema.json`,
		a.configShowCmd(), a.configSchemaCmd())
}

// configShowCmd builds `config show`. It accepts the flags of serve, so it shows what serve
// would use with them. Secrets are masked; of a secret URL the host is
// shown.
func (a upkeepCommands) configShowCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show -c FILE",
		Short: "Show what is in force, and where each value comes from",
		Long: `Show each value in force, and whether it comes from a flag, the environment, the file or the
defaults; the first of these that has one wins. Secrets are left out. A changed value takes effect at a reload or at a restart; those
that a running daemon still waits for a restart with are marked "restart (waits)".`,
		Example: `  calbell config show -c config.yaml
  calbell config show -c config.yaml -o json`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.loadConfigWith(given(cmd))
			if err != nil {
				return err
			}
			rows := cfg.Show()
			waiting := a.waiting(cmd.Context(), cfg)
			for i := range rows {
				rows[i].Waits = config.Waits(rows[i].Key, waiting)
			}
			return show(a.app, rows, table[config.Shown]{
				head: []string{"KEY", "VALUE", "ORIGIN", "TAKES EFFECT"},
				cells: func(s config.Shown) []string {
					effect := string(s.Effect)
					if s.Waits {
						effect += " (waits)"
					}
					return []string{s.Key, s.Value, s.Origin, effect}
				},
			})
		},
	}
	addSettings(cmd)
	return cmd
}

// waiting returns the keys whose values wait for a restart of the running daemon. It
// returns nil without a daemon, and when the daemon uses another file: its answer would be
// about other values.
func (a upkeepCommands) waiting(ctx context.Context, cfg *config.Config) []string {
	if a.socket == "" {
		a.socket = cfg.Server.Socket
	}
	c, err := a.client()
	if err != nil {
		return nil
	}
	r, err := c.Status(ctx)
	if err != nil || r.ConfigFile != cfg.Path {
		return nil
	}
	return r.Waiting
}

// configSchemaCmd builds `config schema`. The schema is generated from the table of
// settings, so it cannot disagree with the reader.
func (a upkeepCommands) configSchemaCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the configuration file, for editors",
		Long: `Print the JSON Schema of the configuration file. Editors complete and check keys by it; with
the YAML language server, name it in the first line of the file:

  # yaml-language-server: $schema=calbell.schema.json`,
		Example: `  calbell config schema > calbell.schema.json
  calbell config schema | less`,
		Args: takes(0, 0),
		RunE: func(*cobra.Command, []string) error {
			text, err := config.Schema()
			if err != nil {
				return err
			}
			if a.format == "jsonl" {
				return showOne(a.app, json.RawMessage(text), nil)
			}
			_, err = fmt.Fprintf(a.out, "%s\n", text)
			return err
		},
	}
}
