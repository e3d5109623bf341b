// The edit commands: from the flags that were given to a JSON merge patch (RFC 7396).

package main

import (
	"encoding/json"
	"strings"

	"calbell/api/client"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// changes returns the merge patch of the flags that were given. n is the request with the
// values of all flags; it is marshalled to find their JSON values. A flag's key is its name
// with "_" for "-", unless keys names another one; the key "" leaves the flag out. An empty
// value becomes null in the patch when the request omits it, which clears the field. It is
// an error when no flag was given.
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
