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

// orphans says which reminders are attached in accounts that a file does not have any more, if a
// daemon runs that knows: a line each. An account that is only called otherwise keeps its own.
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

// isSame reports whether an account of a file signs in where one of the daemon does, and as whom.
// The path of an address that lets in whoever has it is not shown by the daemon, nor that of a file.
func isSame(shown, filed calbell.Account) bool {
	if shown.URL == "" {
		return strings.HasPrefix(filed.URL, "file:")
	}
	if host, hidden := strings.CutSuffix(shown.URL, "/…"); hidden {
		return filed.Username == "" && strings.HasPrefix(filed.URL, host+"/")
	}
	return shown.Login() == filed.Login()
}
