package service

import "calbell"

// lists returns where people see all things of a kind: the command, for which the page names itself.
func lists(n calbell.Noun) calbell.Text {
	switch n {
	case calbell.NounAccount:
		return calbell.T("list:accounts", "calbell account list")
	case calbell.NounCalendar:
		return calbell.T("list:calendars", "calbell calendar list")
	case calbell.NounDelivery:
		return calbell.T("list:deliveries", "calbell delivery list")
	case calbell.NounEvent:
		return calbell.T("list:events", "calbell event list")
	case calbell.NounReminder:
		return calbell.T("list:reminders", "calbell event show EVENT, which lists what is attached")
	case calbell.NounRule:
		return calbell.T("list:rules", "calbell rule list")
	case calbell.NounToken:
		return calbell.T("list:tokens", "calbell token list")
	case calbell.NounUser:
		return calbell.T("list:users", "calbell user list")
	}
	return calbell.T("list:webhooks", "calbell webhook list")
}

// changing returns what failed when a change was refused because the thing has changed.
func changing(n calbell.Noun, name string) calbell.Text {
	switch n {
	case calbell.NounAccount:
		return calbell.T("change:account", "change account %q", name)
	case calbell.NounCalendar:
		return calbell.T("change:calendar", "change calendar %q", name)
	case calbell.NounRule:
		return calbell.T("change:rule", "change rule %q", name)
	case calbell.NounUser:
		return calbell.T("change:user", "change user %q", name)
	}
	return calbell.T("change:webhook", "change webhook %q", name)
}

// inFile returns that the configuration file defines a thing.
func inFile(n calbell.Noun, name string) calbell.Text {
	switch n {
	case calbell.NounAccount:
		return calbell.T("in-file:account", "account %q is defined in the configuration file", name)
	case calbell.NounCalendar:
		return calbell.T("in-file:calendar", "calendar %q is defined in the configuration file", name)
	case calbell.NounRule:
		return calbell.T("in-file:rule", "rule %q is defined in the configuration file", name)
	}
	return calbell.T("in-file:webhook", "webhook %q is defined in the configuration file", name)
}
