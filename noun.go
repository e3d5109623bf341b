package calbell

// Noun names a kind of thing that people look up by a name or an ID. Sentences about it are
// whole texts, because other languages have genders.
type Noun string

// The nouns.
const (
	NounAccount       Noun = "account"
	NounStoredAccount Noun = "stored account"
	NounCalendar      Noun = "calendar"
	NounDelivery      Noun = "delivery"
	NounEvent         Noun = "event"
	NounOccurrence    Noun = "occurrence"
	NounReminder      Noun = "reminder"
	NounRule          Noun = "rule"
	NounToken         Noun = "token"
	NounUser          Noun = "user"
	NounWebhook       Noun = "webhook"
	NounStoredWebhook Noun = "stored webhook"
)

// Missing returns the text that nothing of this kind has this name.
func (n Noun) Missing(name string) Text {
	switch n {
	case NounAccount:
		return T("no:account", "no account %q", name)
	case NounStoredAccount:
		return T("no:stored-account", "no stored account %q", name)
	case NounCalendar:
		return T("no:calendar", "no calendar %q", name)
	case NounDelivery:
		return T("no:delivery", "no delivery %q", name)
	case NounEvent:
		return T("no:event", "no event %q", name)
	case NounOccurrence:
		return T("no:occurrence", "no occurrence %q", name)
	case NounReminder:
		return T("no:reminder", "no reminder %q", name)
	case NounRule:
		return T("no:rule", "no rule %q", name)
	case NounToken:
		return T("no:token", "no token %q", name)
	case NounUser:
		return T("no:user", "no user %q", name)
	case NounWebhook:
		return T("no:webhook", "no webhook %q", name)
	case NounStoredWebhook:
		return T("no:stored-webhook", "no stored webhook %q", name)
	}
	return English("no %s %q", string(n), name)
}

// Changing returns the text that a change of this thing failed.
func (n Noun) Changing(name string) Text {
	switch n {
	case NounAccount:
		return T("change:account", "change account %q", name)
	case NounCalendar:
		return T("change:calendar", "change calendar %q", name)
	case NounRule:
		return T("change:rule", "change rule %q", name)
	case NounUser:
		return T("change:user", "change user %q", name)
	}
	return T("change:webhook", "change webhook %q", name)
}

// InFile returns the text that the configuration file defines the thing.
func (n Noun) InFile(name string) Text {
	switch n {
	case NounAccount:
		return T("in-file:account", "account %q is defined in the configuration file", name)
	case NounCalendar:
		return T("in-file:calendar", "calendar %q is defined in the configuration file", name)
	case NounRule:
		return T("in-file:rule", "rule %q is defined in the configuration file", name)
	}
	return T("in-file:webhook", "webhook %q is defined in the configuration file", name)
}

// NotFound returns the error for a name that nothing of this kind has.
func NotFound(n Noun, name string) *Error { return &Error{Kind: KindNotFound, What: n.Missing(name)} }
