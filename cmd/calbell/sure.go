package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"calbell"
	"calbell/api/types"

	"github.com/spf13/cobra"
)

// yesFlag gives a command that destroys something the flag of scripts.
func yesFlag(cmd *cobra.Command, yes *bool) {
	cmd.Flags().BoolVarP(yes, "yes", "y", false, "do not ask")
}

// sure asks before something that cannot be undone: it shows what goes, and reports whether the
// person at the terminal agrees. Without a terminal it is an error not to have said yes before.
func (a *app) sure(yes bool, question string, goes ...string) (bool, error) {
	if yes {
		return true, nil
	}
	for _, line := range goes {
		fmt.Fprintln(a.err, "  "+printable(line, false))
	}
	question = printable(question, false)
	in, ok := a.in.(*os.File)
	if !ok || !isTerminal(in) {
		return false, &calbell.Error{
			Kind: calbell.KindUsage, What: calbell.English("%s There is no terminal to ask at", question),
			Hint: calbell.English("with --yes it is done without asking"),
		}
	}
	fmt.Fprint(a.err, question+" [y/N] ")
	line, err := bufio.NewReader(io.LimitReader(a.in, maxSecret)).ReadString('\n')
	if err != nil && err != io.EOF {
		return false, err
	}
	answer := strings.ToLower(strings.TrimSpace(line))
	if answer != "y" && answer != "yes" {
		return false, a.say("nothing was done")
	}
	return true, nil
}

// maxNamed is how many names one line of what goes shows.
const maxNamed = 8

// goesWith says what goes with a user or an account.
func goesWith(r types.Removal) (lines []string) {
	add := func(r types.Removed, what string) {
		if r.Count > 0 {
			lines = append(lines, "with "+count(r.Count, what)+named(r))
		}
	}
	add(r.Accounts, "account")
	add(r.Calendars, "calendar")
	add(types.Removed{Count: r.Reminders}, "attached reminder")
	add(r.Webhooks, "webhook")
	if r.UsedBy.Count > 0 {
		lines = append(lines, "others send through these webhooks, and will not any more"+named(r.UsedBy))
	}
	add(r.Rules, "rule")
	add(types.Removed{Count: r.Tokens}, "token")
	return lines
}

// named lists the first names of what goes, after a colon.
func named(r types.Removed) string {
	if len(r.Names) == 0 {
		return ""
	}
	text := ": " + strings.Join(r.Names[:min(len(r.Names), maxNamed)], ", ")
	if more := r.Count - maxNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
