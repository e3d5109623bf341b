package main

import (
	"fmt"

	"calbell/config"

	"github.com/spf13/cobra"
)

func (a *app) configCmd() *cobra.Command {
	return group("config", "The configuration: what is in force, and what may stand in it", `  calbell config show -c config.yaml
  calbell config schema > calbell.schema.json`,
		a.configShowCmd(), a.configSchemaCmd())
}

func (a *app) configShowCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "show -c FILE",
		Short: "Show what is in force, and where each value comes from",
		Long: `Show each value in force, and whether it comes from the file, the environment or the
defaults. Secrets are left out.`,
		Example: `  calbell config show -c config.yaml
  calbell config show -c config.yaml -o json`,
		Args: takes(0, 0),
		RunE: func(*cobra.Command, []string) error {
			cfg, err := a.loadConfig()
			if err != nil {
				return err
			}
			return show(a, cfg.Show(), table[config.Shown]{
				head:  []string{"KEY", "VALUE", "ORIGIN"},
				cells: func(s config.Shown) []string { return []string{s.Key, s.Value, s.Origin} },
			})
		},
	}
}

func (a *app) configSchemaCmd() *cobra.Command {
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
			_, err = fmt.Fprintf(a.out, "%s\n", text)
			return err
		},
	}
}
