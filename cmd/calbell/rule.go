// The rule command: stored rules that choose webhooks for events. How rules match and in
// which order they apply is described in docs/configuration.md; rules of the file come
// first and can only be listed here.

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"calbell"
	"calbell/api/client"
	"calbell/api/types"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// ruleCmd builds the rule command.
func (a ruleCommands) ruleCmd() *cobra.Command {
	return group("rule", "Rules that choose webhooks for events", `  calbell rule list
  calbell rule add "on call" --subject /on.?call/ --webhooks ops --remind 15m
  calbell rule test standup@example.org`,
		a.ruleListCmd(), a.ruleAddCmd(), a.ruleEditCmd(), a.ruleRemoveCmd(), eventCommands(a).ruleTestCmd())
}

// ruleListCmd builds `rule list`. The first rule that matches an event decides, so the
// order of the rows matters.
func (a ruleCommands) ruleListCmd() *cobra.Command {
	return lists(a.app, "rule", "List the rules in the order in which they are asked", (*client.Client).Rules, table[types.RuleEntry]{
		head: []string{"ID", "NAME", "OWNER", "ORIGIN", "EVENTS", "WEBHOOKS", "REMIND"}, empty: "there are no rules",
		cells: func(r types.RuleEntry) []string {
			return []string{string(r.ID), r.Name, r.Owner, string(r.Origin), matchText(r.Rule), strings.Join(r.Webhooks, ", "), remindText(r.Rule)}
		},
	})
}

// matchText describes the events that a rule matches; "all" when it has no conditions.
func matchText(r calbell.Rule) string {
	var all []string
	for _, m := range []struct{ what, text string }{
		{"calendar", r.Calendar}, {"subject", r.Subject}, {"location", r.Location}, {"category", r.Category}, {"organizer", r.Organizer},
	} {
		if m.text != "" {
			all = append(all, m.what+" "+m.text)
		}
	}
	for _, is := range []struct {
		value   *bool
		yes, no string
	}{{r.Busy, "busy", "free"}, {r.AllDay, "all-day", "with a time"}} {
		if is.value != nil {
			all = append(all, map[bool]string{true: is.yes, false: is.no}[*is.value])
		}
	}
	if len(all) == 0 {
		return "all"
	}
	return strings.Join(all, ", ")
}

// remindText describes the reminders of a rule: how long before, for all-day events too,
// and the mode.
func remindText(r calbell.Rule) string {
	var all []string
	for _, l := range r.Remind {
		all = append(all, l.String())
	}
	for _, l := range r.RemindAllDay {
		all = append(all, l.String()+" (all-day)")
	}
	if r.Mode != "" {
		all = append(all, string(r.Mode))
	}
	return strings.Join(all, ", ")
}

// ruleFlags adds the flags that `rule add` and `rule edit` share.
func ruleFlags(f *pflag.FlagSet, n *types.NewRule) {
	f.IntVar(&n.Position, "position", 0, "`N`: among the stored rules, lowest first (default: after the others)")
	f.StringVar(&n.Calendar, "calendar", "", "only of this calendar (`NAME` or account/name)")
	f.StringVar(&n.Subject, "subject", "", "only with this `TEXT` in the title, or /regular expression/")
	f.StringVar(&n.Location, "location", "", "only with this `TEXT` in the location, or /regular expression/")
	f.StringVar(&n.Category, "category", "", "only with this `TEXT` in a category, or /regular expression/")
	f.StringVar(&n.Organizer, "organizer", "", "only with this `TEXT` in the organizer, or /regular expression/")
	f.Func("busy", "`YES` or no: only events that do, or do not, make one busy", either(&n.Busy))
	f.Func("all-day", "`YES` or no: only events that are, or are not, all-day", either(&n.AllDay))
	f.StringVar(&n.MinDuration, "min-duration", "", "only events at least so long (`30m`)")
	f.StringVar(&n.MaxDuration, "max-duration", "", "only events at most so long (`8h`)")
	f.StringSliceVar(&n.Webhooks, "webhooks", nil, "`NAMES` of the webhooks that reminders go to")
	remindFlags(f, nil, &n.Remind, &n.RemindAllDay, &n.Mode)
}

// either returns the parser of a flag that is yes, no, or "" for both. It sets *to to nil
// for "".
func either(to **bool) func(string) error {
	return func(text string) error {
		yes := text == "yes" || text == "true"
		switch {
		case text == "":
			*to = nil
		case !yes && text != "no" && text != "false":
			return usage("write yes or no")
		default:
			*to = &yes
		}
		return nil
	}
}

// ruleAddCmd builds `rule add`. --owner counts as given even when it is empty: "" makes the
// rule belong to the admins.
func (a ruleCommands) ruleAddCmd() *cobra.Command {
	var n types.NewRule
	var owner string
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Store a rule",
		Long: `Store a rule: the first that matches an event decides where its reminders go. The rules of
the file are asked first. A rule holds for the calendars of its owner.`,
		Example: `  calbell rule add "on call" --subject /on.?call/ --webhooks ops --remind 15m
  calbell rule add lunch --subject lunch --mode off`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Name = args[0]
			if cmd.Flags().Changed("owner") {
				n.Owner = &owner
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			r, err := c.AddRule(cmd.Context(), n)
			if err != nil {
				return err
			}
			a.hintCalendar(cmd.Context(), c, n.Calendar)
			return showOne(a.app, r, func(w io.Writer) { fmt.Fprintf(w, "rule %q stored as %s\n", cell(r.Name), r.ID) })
		},
	}
	ruleFlags(cmd.Flags(), &n)
	cmd.Flags().StringVar(&owner, "owner", "", "`USER` who owns it; without one it holds for the calendars that belong to the admins")
	return cmd
}

// hintCalendar says, after a rule was stored, that no calendar has the name in it. The rule
// is stored all the same, since a calendar may appear later, but the name is probably
// misspelt.
func (a ruleCommands) hintCalendar(ctx context.Context, c *client.Client, name string) {
	rows, err := c.Calendars(ctx)
	if name == "" || err != nil {
		return
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Name, r.Account+"/"+r.Name)
	}
	if slices.ContainsFunc(names, func(n string) bool { return calbell.SameName(n, name) }) {
		return
	}
	text := fmt.Sprintf("no calendar is called %q now", name)
	if near := calbell.Nearest(name, names); near != "" {
		text += fmt.Sprintf(", did you mean %q?", near)
	}
	_ = a.say("%s", text)
}

// ruleEditCmd builds `rule edit`; only given flags are changed (RFC 7396).
func (a ruleCommands) ruleEditCmd() *cobra.Command {
	var n types.NewRule
	cmd := &cobra.Command{
		Use:   "edit RULE",
		Short: "Change a stored rule",
		Long:  "Change a stored rule: only the given flags change, and an empty value clears a field.",
		Example: `  calbell rule edit "on call" --remind 15m,1h
  calbell rule edit 3f9a1c22b7d0 --position 1 --subject ""`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := changes(cmd, n, nil)
			if err != nil {
				return err
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			r, err := c.EditRule(cmd.Context(), args[0], p)
			if err != nil {
				return err
			}
			a.hintCalendar(cmd.Context(), c, n.Calendar)
			return showOne(a.app, r, func(w io.Writer) { fmt.Fprintf(w, "rule %q changed\n", cell(r.Name)) })
		},
	}
	cmd.Flags().StringVar(&n.Name, "name", "", "another `NAME`")
	ruleFlags(cmd.Flags(), &n)
	return cmd
}

// ruleRemoveCmd builds `rule remove`.
func (a ruleCommands) ruleRemoveCmd() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "remove RULE",
		Short: "Remove a stored rule",
		Long:  "Remove a stored rule. It shows the rule, and asks. The reminders that it made are not sent any more.",
		Example: `  calbell rule remove "on call"
  calbell rule remove -y 3f9a1c22b7d0`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.removeRule(cmd.Context(), args[0], yes) },
	}
	yesFlag(cmd, &yes)
	return cmd
}

// removeRule shows a stored rule, asks for confirmation unless yes, and removes it. When no
// stored rule has that name or ID, the request is sent unchanged, because the daemon's
// error names the existing ones.
func (a ruleCommands) removeRule(ctx context.Context, name string, yes bool) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	rules, err := c.Rules(ctx)
	if err != nil {
		return err
	}
	id := name
	is := func(r types.RuleEntry) bool {
		return r.Origin == calbell.OriginStored && (string(r.ID) == name || calbell.SameName(r.Name, name))
	}
	if i := slices.IndexFunc(rules, is); i >= 0 {
		r := rules[i]
		ok, err := a.sure(yes, fmt.Sprintf("Remove rule %q?", r.Name), "events: "+matchText(r.Rule),
			"webhooks: "+cmp.Or(strings.Join(r.Webhooks, ", "), "none"), "reminds: "+cmp.Or(remindText(r.Rule), "when the events' alarms ring"))
		if err != nil || !ok {
			return err
		}
		id, name = string(r.ID), r.Name
	}
	if err := c.RemoveRule(ctx, id); err != nil {
		return err
	}
	return a.done(removedNames{[]string{name}}, "rule %q removed", name)
}
