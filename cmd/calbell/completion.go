// The completion command. The scripts are cobra's; names of calendars, webhooks and users
// come from the running daemon, through the hidden __complete command.

package main

import (
	"calbell"

	"github.com/spf13/cobra"
)

// completionCmd builds the completion command. The scripts are the output, so it has no
// JSON.
func (a *app) completionCmd() *cobra.Command {
	shells := []string{"bash", "fish", "powershell", "zsh"}
	return &cobra.Command{
		Use:         "completion SHELL",
		Annotations: withoutJSON(),
		Short:       "Print the script that completes commands, calendars and webhooks",
		Long: `Print the script that completes commands, flags, and the names of calendars and webhooks
in a shell: bash, fish, powershell or zsh.`,
		Example: `  source <(calbell completion bash)
  calbell completion fish > ~/.config/fish/completions/calbell.fish`,
		Args:      takes(1, 1),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.out)
			case "zsh":
				return root.GenZshCompletion(a.out)
			}
			return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("no completion for %s", quoted(args[0])), Hint: calbell.English("one of: bash, fish, powershell, zsh")}
		},
	}
}
