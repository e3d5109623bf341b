// Where passwords come from: a file, standard input, $CALBELL_PASSWORD, or a person at the
// terminal. They are never values of flags.

package main

import (
	"fmt"
	"os"

	"golang.org/x/term"
)

// passwordVariable is the environment variable that commands take a password from when no
// file is given.
const passwordVariable = "CALBELL_PASSWORD"

// passwordFlag is the help of --password-file.
const passwordFlag = "`FILE` that holds the password; - = standard input (default: $" + passwordVariable + ", else it is asked for)"

// password returns a password: from file if it is not "", else from the environment, else
// typed without echo. A new password is typed twice. Without a terminal it is an error when
// neither is given.
func (a *app) password(file, prompt string, isNew bool) (string, error) {
	if file != "" {
		return a.readSecret(file, prompt)
	}
	if text := a.getenv(passwordVariable); text != "" {
		return text, nil
	}
	in, ok := a.in.(*os.File)
	if !ok || !isTerminal(in) {
		return "", missing("--password-file", "nobody is there to type it; name a file, or - for standard input")
	}
	text, err := a.typed(in, prompt)
	if err != nil || !isNew {
		return text, err
	}
	again, err := a.typed(in, "once more: ")
	if err == nil && again != text {
		err = usage("that were two passwords: nothing was changed")
	}
	return text, err
}

// typed reads a line from the terminal without echo. An empty line is an error.
func (a *app) typed(in *os.File, prompt string) (string, error) {
	fmt.Fprint(a.err, prompt)
	text, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(a.err)
	if err == nil && len(text) == 0 {
		err = usage("nothing was typed")
	}
	return string(text), err
}
