// Confirmation before something that cannot be undone. Scripts confirm with --yes; without
// a terminal and without --yes nothing is done, and the exit code is 2.

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

// yesFlag adds --yes to a command that asks.
func yesFlag(cmd *cobra.Command, yes *bool) {
	cmd.Flags().BoolVarP(yes, "yes", "y", false, "do not ask")
}

// sure lists what will be removed, asks, and reports whether the answer was yes. It does
// not ask when yes is true. Without a terminal it returns an error of KindUsage.
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

// maxNamed limits the names in one line of the list.
const maxNamed = 8

// goesWith returns a line for each kind of thing that is removed with a user or an account.
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

// named lists the first names after a colon; "" when there are none.
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
