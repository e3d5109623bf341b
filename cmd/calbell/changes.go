package main

import (
	"encoding/json"
	"strings"

	"calbell/api/client"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// changes is what the flags that were given change of a request: n is the request with their
// values. A flag is called as the request's key is, unless keys says otherwise; "" is none.
// An empty value takes a key away.
func changes(cmd *cobra.Command, n any, keys map[string]string) (client.Patch, error) {
	text, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	p := client.Patch{}
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		key, named := keys[f.Name]
		if !named {
			key = strings.ReplaceAll(f.Name, "-", "_")
		}
		if f.Changed && key != "" {
			p[key] = all[key]
		}
	})
	if len(p) == 0 {
		return nil, missing("what is to change", "see: "+cmd.CommandPath()+" --help")
	}
	return p, nil
}
