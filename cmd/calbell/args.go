package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"calbell"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// group is a command that only holds others: alone it shows help, an unknown verb is an
// error that suggests.
func group(use, short, example string, verbs ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: use, Short: short, Example: example, Args: refuseUnknown, RunE: showHelp}
	g.AddCommand(verbs...)
	return g
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// refuseUnknown refuses a verb that does not exist and suggests the nearest.
func refuseUnknown(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	e := &calbell.Error{
		Kind: calbell.KindUsage, What: calbell.English("unknown command %q for %q", args[0], cmd.CommandPath()),
		Hint: calbell.English("see: %s --help", cmd.CommandPath()),
	}
	if near := calbell.Nearest(args[0], names); near != "" {
		e.Hint = calbell.English("did you mean: %s %s", cmd.CommandPath(), near)
	}
	for _, g := range append(cmd.Root().Commands(), cmd.Root()) {
		for _, c := range g.Commands() { // one that people look for here may stand elsewhere
			if slices.Contains(c.SuggestFor, cmd.Name()+" "+args[0]) {
				e.Hint = calbell.English("did you mean: %s", c.CommandPath())
			}
		}
	}
	return e
}

// usage is an error about how a command was called.
func usage(format string, args ...any) error {
	return &calbell.Error{Kind: calbell.KindUsage, What: calbell.Plain(fmt.Sprintf(format, args...))}
}

// missing is an error about a flag that a command cannot do without.
func missing(flag, hint string) error {
	return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("%s is missing", flag), Hint: calbell.Plain(hint)}
}

// takes accepts that many arguments; most < 0 means any number.
func takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		e := &calbell.Error{Kind: calbell.KindUsage, Hint: calbell.Plain("usage: " + strings.TrimSuffix(cmd.UseLine(), " [flags]"))}
		switch {
		case len(args) < least:
			e.What = calbell.English("%s: an argument is missing", cmd.CommandPath())
		case slices.Contains(args, ""):
			e.What = calbell.English("%s: an argument is empty", cmd.CommandPath())
		case most >= 0 && len(args) > most:
			e.What = calbell.English("%s: unexpected argument %q", cmd.CommandPath(), args[most])
		default:
			return nil
		}
		return e
	}
}

// eachRun has every command check the flags that all share before it runs.
func (a *app) eachRun(cmd *cobra.Command) {
	cmd.Flags().BoolP("help", "h", false, "show this help")
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if err := a.checkFormat(cmd); err != nil {
				return err
			}
			return run(cmd, args)
		}
	}
	for _, c := range cmd.Commands() {
		a.eachRun(c)
	}
}

// noJSON marks a command that has no JSON: nothing that it prints is data. So are the commands that
// only hold others.
const noJSON = "no JSON"

// hasJSON reports whether a command prints JSON when it is asked to.
func hasJSON(cmd *cobra.Command) bool {
	_, marked := cmd.Annotations[noJSON]
	return !marked && !cmd.HasSubCommands()
}

// withoutJSON are the annotations of a command that has no JSON.
func withoutJSON() map[string]string { return map[string]string{noJSON: ""} }

// flagError puts what the flag parser says into our words, with a suggestion.
func flagError(cmd *cobra.Command, err error) error {
	e := &calbell.Error{Kind: calbell.KindUsage, What: calbell.TextOfError(err), Hint: calbell.English("see: %s --help", cmd.CommandPath())}
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var own *calbell.Error
	switch {
	case errors.As(err, &unknown):
		if hint := flagHint(cmd, unknown.GetSpecifiedName()); hint != "" {
			e.Hint = calbell.Plain(hint)
		}
	case errors.As(err, &invalid) && errors.As(err, &own):
		e.What, e.Hint = calbell.English("--%s: %s", invalid.GetFlag().Name, own.What), own.Hint
	case errors.As(err, &invalid):
		e.What = calbell.English("--%s %q is no %s", invalid.GetFlag().Name, invalid.GetValue(), kindOfFlag(invalid.GetFlag()))
	}
	return e
}

// flagHint returns the next step for a flag that a command does not have; "" when none is known.
func flagHint(cmd *cobra.Command, name string) string {
	if len(name) < 2 {
		return ""
	}
	for _, secret := range secretFlags(name) {
		if f := cmd.Flags().Lookup(secret + "-file"); f != nil {
			return fmt.Sprintf("others can read the flags of a command, so a secret is read from a file: --%s FILE, or --%s - to type it", f.Name, f.Name)
		}
	}
	var names, begun []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		names = append(names, f.Name)
		if strings.HasPrefix(f.Name, name) {
			begun = append(begun, "--"+f.Name)
		}
	})
	if len(begun) > 0 {
		return "did you mean: " + strings.Join(begun, " or ")
	}
	if near := calbell.Nearest(name, names); near != "" {
		return "did you mean: --" + near
	}
	return ""
}

// secretFlags returns the flags, without their -file, that a flag with a secret as its value may mean.
func secretFlags(name string) []string {
	switch name {
	case "password", "pass", "passwd", "pwd", "passphrase", "secret":
		return []string{"password"}
	case "token", "bearer", "api-key", "apikey":
		return []string{"token"}
	case "url", "webhook", "webhook-url", "hook", "hook-url", "link":
		return []string{"url", "webhook"}
	}
	return nil
}

// kindOfFlag says what a flag's value is to be.
func kindOfFlag(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int":
		return "number"
	case "duration":
		return "length of time, such as 90m or 8h"
	case "bool":
		return "choice: true or false"
	}
	return f.Value.Type()
}

// helpCmd shows the help of a command that is named.
func helpCmd() *cobra.Command {
	return &cobra.Command{
		Use:         "help [COMMAND]",
		Annotations: withoutJSON(),
		Short:       "Show the help of a command",
		Example: `  calbell help once
  calbell help webhook add`,
		RunE: func(cmd *cobra.Command, args []string) error {
			target, rest, err := cmd.Root().Find(args)
			if err != nil {
				return usage("%v", err)
			}
			if err := refuseUnknown(target, rest); err != nil {
				return err
			}
			return target.Help()
		},
	}
}
