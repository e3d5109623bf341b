// Advice for a configuration file that would leave attached reminders without their
// account.

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"calbell"
	"calbell/api/types"
	"calbell/config"
)

// orphans returns a line for each account that has attached reminders and that the file no
// longer contains. It returns nil without a daemon. An account that was only renamed keeps
// its reminders: exactly one new account of the file signs in as it did.
func (a *app) orphans(ctx context.Context, cfg *config.Config) (lines []string) {
	c, err := a.client()
	if err != nil {
		return nil
	}
	rows, err := c.Accounts(ctx)
	if err != nil {
		return nil
	}
	named := func(name string) bool {
		return slices.ContainsFunc(cfg.Accounts, func(acc calbell.Account) bool { return acc.Name == name })
	}
	known := func(acc calbell.Account) bool {
		return slices.ContainsFunc(rows, func(r types.AccountRow) bool { return r.Name == acc.Name })
	}
	for _, r := range rows {
		if r.Origin != calbell.OriginFile || r.Reminders == 0 || named(r.Name) {
			continue
		}
		var heirs []calbell.Account
		for _, acc := range cfg.Accounts {
			if !known(acc) && isSame(r.Account, acc) {
				heirs = append(heirs, acc)
			}
		}
		if len(heirs) != 1 {
			lines = append(lines, fmt.Sprintf("reminders attached in account %q, which this file does not have: %d", r.Name, r.Reminders))
		}
	}
	return lines
}

// isSame reports whether an account of the file signs in at the same server, as the same
// user, as one that the daemon shows. The daemon masks the path of a secret address, and
// the path of a file, so these are compared without it.
func isSame(shown, filed calbell.Account) bool {
	if shown.URL == "" {
		return strings.HasPrefix(filed.URL, "file:")
	}
	if host, hidden := strings.CutSuffix(shown.URL, "/…"); hidden {
		return filed.Username == "" && strings.HasPrefix(filed.URL, host+"/")
	}
	return shown.Login() == filed.Login()
}
