package main

import (
	"fmt"
	"os"

	"golang.org/x/term"
)

// passwordVariable is where a password may stand that nobody types.
const passwordVariable = "CALBELL_PASSWORD"

// passwordFlag explains where a password comes from.
const passwordFlag = "`FILE` that holds the password; - = standard input (default: $" + passwordVariable + ", else it is asked for)"

// password is a password from a file, the environment, or a person at the terminal, who types
// a new one twice. It is never a flag's value: others on the machine see those.
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

// typed reads a line without showing it.
func (a *app) typed(in *os.File, prompt string) (string, error) {
	fmt.Fprint(a.err, prompt)
	text, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(a.err)
	if err == nil && len(text) == 0 {
		err = usage("nothing was typed")
	}
	return string(text), err
}
