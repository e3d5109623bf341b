package service

import (
	"context"
	"errors"
	"slices"

	"calbell"
	"calbell/api/types"
	"calbell/ical/zone"
	"calbell/store"
)

// Settings returns the stored settings of a calendar that the caller may see, and their
// ETag.
func (s *Calendars) Settings(ctx context.Context, who calbell.Caller, name string) (types.CalendarEdit, string, error) {
	c, err := s.findCalendar(ctx, who, name)
	if err != nil {
		return types.CalendarEdit{}, "", err
	}
	set, err := s.settingsOf(ctx, c.ID)
	e := editOf(c, set)
	return e, s.etag(e), err
}

// settingsOf returns what people set for a calendar; zero when nothing is.
func (s *Calendars) settingsOf(ctx context.Context, id calbell.CalendarID) (calbell.CalendarSettings, error) {
	set, err := s.store.CalendarSettings().Some(ctx, id)
	if err != nil || len(set) == 0 {
		return calbell.CalendarSettings{}, err
	}
	return set[0].CalendarSettings, nil
}

func editOf(c calbell.Calendar, set calbell.CalendarSettings) types.CalendarEdit {
	return types.CalendarEdit{
		SwitchedOn: c.Ownership == calbell.OwnershipOther && set.On(),
		Webhook:    set.Webhook, Remind: set.Remind, RemindAllDay: set.RemindAllDay, Mode: set.Mode, Private: set.Private, TimeZone: set.TimeZone,
	}
}

// Set changes the stored settings of a calendar of the caller. Settings in the file take
// precedence, key by key.
func (s *Calendars) Set(ctx context.Context, who calbell.Caller, name, etag string, e types.CalendarEdit) (types.CalendarRow, error) {
	s.editing.Lock()
	defer s.editing.Unlock()
	c, err := s.findCalendar(ctx, who, name)
	if err != nil {
		return types.CalendarRow{}, err
	}
	was, err := s.settingsOf(ctx, c.ID)
	if err != nil {
		return types.CalendarRow{}, err
	}
	if err := unchanged(calbell.NounCalendar.Changing(c.Name), etag, s.etag(editOf(c, was))); err != nil {
		return types.CalendarRow{}, err
	}
	if c.Listed != "" && s.originOf(c.Account) != calbell.OriginStored {
		return types.CalendarRow{}, definedInFile(calbell.NounCalendar, c.Name)
	}
	owner, _ := s.ownerOf(c.Account)
	if err := s.checkSettings(ctx, who, owner, &e); err != nil {
		return types.CalendarRow{}, err
	}
	set := &calbell.CalendarSettings{
		Name: c.Account + "/" + c.Name, Webhook: e.Webhook, Remind: e.Remind, RemindAllDay: e.RemindAllDay, Mode: e.Mode, Private: e.Private, TimeZone: e.TimeZone,
	}
	if c.Ownership != calbell.OwnershipUnknown || e.SwitchedOn {
		e.SwitchedOn = c.Ownership != calbell.OwnershipOwn && switchesOn(e, was) // another person's may be there one day
		set.SwitchedOn = &e.SwitchedOn
	}
	if s.etag(e) == s.etag(types.CalendarEdit{}) {
		set = nil
	}
	old := was
	room := change{owner: owner, skip: except{calendar: c.ID}, now: storage{accounts: jsonSize(set)}, was: storage{accounts: jsonSize(old)}}
	if err := s.checkQuota(ctx, room); err != nil {
		return types.CalendarRow{}, err
	}
	if err := store.SetCalendar(ctx, s.store, c.ID, set); err != nil {
		return types.CalendarRow{}, err
	}
	err = s.effects.AccountsChanged(ctx, owner) // before the row, which says where reminders go from now on
	row, failed := s.calendarRow(ctx, c)
	return row, errors.Join(err, failed)
}

// switchesOn reports whether an edit switches on a calendar of another person: explicitly,
// or by choosing another webhook for its reminders.
func switchesOn(e types.CalendarEdit, old calbell.CalendarSettings) bool {
	return e.SwitchedOn || e.Webhook != "" && e.Webhook != old.Webhook ||
		len(e.Remind) > 0 && !slices.Equal(e.Remind, old.Remind) || len(e.RemindAllDay) > 0 && !slices.Equal(e.RemindAllDay, old.RemindAllDay)
}

// originOf returns whether an account is from the file or stored.
func (s *Calendars) originOf(account string) calbell.Origin {
	if a := s.accountByKey(account); a != nil {
		return a.Origin
	}
	return ""
}

// checkSettings rejects invalid settings.
func (s *Calendars) checkSettings(ctx context.Context, who calbell.Caller, owner string, e *types.CalendarEdit) (err error) {
	if e.Webhook, err = s.webhookID(ctx, who, owner, "webhook", e.Webhook); err != nil {
		return err
	}
	_, err = zone.Load(e.TimeZone)
	switch {
	case e.TimeZone != "" && err != nil:
		return field("time_zone", calbell.T("service:unknown-zone", "unknown zone %q", e.TimeZone), calbell.T("service:iana-name-such-europe", "an IANA name, such as Europe/Zurich"))
	case e.Private != "" && e.Private != "skip" && e.Private != "busy" && e.Private != "full":
		return field("private", calbell.T("service:not-known-here", "%q is not known here", e.Private), calbell.T("service:one-of", "one of: %s", "skip, busy, full"))
	}
	return checkMode("mode", e.Mode)
}
