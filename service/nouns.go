package service

import "calbell"

// lists returns where people find all things of a kind: the command, which the page
// replaces by the name of its own page.
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
