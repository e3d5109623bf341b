// Arguments and flags: every mistake on the command line is a calbell.Error of KindUsage
// (exit code 2) whose hint names the correct usage or the nearest known word.
//
// Secrets are never values of flags, because other users of the machine can read the
// command line of a process. A flag that looks like one is answered with the flag that
// reads it from a file.

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

// group returns a command that only has subcommands. Called alone it shows its help; an
// unknown subcommand is an error that suggests the nearest.
func group(use, short, example string, verbs ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: use, Short: short, Example: example, Args: refuseUnknown, RunE: showHelp}
	g.AddCommand(verbs...)
	return g
}

// showHelp is the RunE of commands that only have subcommands.
func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// refuseUnknown rejects an unknown subcommand and suggests the nearest one. A command
// elsewhere in the tree that lists the words in SuggestFor takes precedence: "account add"
// suggests "calendar add".
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
		for _, c := range g.Commands() {
			if slices.Contains(c.SuggestFor, cmd.Name()+" "+args[0]) {
				e.Hint = calbell.English("did you mean: %s", c.CommandPath())
			}
		}
	}
	return e
}

// usage returns an error about how a command was called. The text is a developer's English,
// without a translation: commands speak English only.
func usage(format string, args ...any) error {
	return &calbell.Error{Kind: calbell.KindUsage, What: calbell.Plain(fmt.Sprintf(format, args...))}
}

// missing returns an error about a required flag that was not given. hint is the next step.
func missing(flag, hint string) error {
	return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("%s is missing", flag), Hint: calbell.Plain(hint)}
}

// takes accepts between least and most arguments; most < 0 means any number. Empty
// arguments are rejected everywhere: a script with an unset variable must not address
// something by the empty name.
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

// eachRun makes every command below cmd check the shared flags before it runs, and
// describes --help alike everywhere.
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

// noJSON is the annotation of a command whose output is not data. Commands with subcommands
// have no JSON either, see hasJSON.
const noJSON = "no JSON"

// hasJSON reports whether a command supports -o json and -o jsonl.
func hasJSON(cmd *cobra.Command) bool {
	_, marked := cmd.Annotations[noJSON]
	return !marked && !cmd.HasSubCommands()
}

// withoutJSON returns the annotations of a command without JSON.
func withoutJSON() map[string]string { return map[string]string{noJSON: ""} }

// flagError rewrites an error of the flag parser: it names the flag and the expected value,
// and suggests the nearest flag.
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

// flagHint returns the next step for an unknown flag: the file flag of a secret, flags that
// begin with the name, else the nearest one. It returns "" when there is none.
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

// secretFlags returns the secrets that an unknown flag may stand for, as the names of their
// flags without "-file".
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

// kindOfFlag describes the values that a flag accepts.
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

// helpCmd builds the help command. Unlike cobra's own, it rejects unknown commands with
// exit code 2.
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
