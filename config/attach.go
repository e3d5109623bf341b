package config

import (
	"strings"

	"calbell/config/yamltree"

	"calbell"
)

// reminders adds the keys that decide which reminders are created: for the defaults of an
// account or a calendar, and for a rule.
func (fs fields) reminders(remind, allDay *[]calbell.Lead, mode *calbell.Mode) fields {
	fs["remind"] = leads(remind)
	fs["remind_all_day"] = leads(allDay)
	fs["mode"] = choice(mode, "fallback", "add", "replace", "off")
	return fs
}

// leads reads times before an event: a list, or one text with commas.
func leads(to *[]calbell.Lead) reading {
	one := single(textShape(), func(r *reader, path string, n *yamltree.Node) { r.leads(path, n.Text, to) })
	return reading{shape: anyOf(one.shape, listOf(one.shape)), take: func(r *reader, path string, n *yamltree.Node) {
		switch n.Kind {
		case yamltree.Scalar:
			one.take(r, path, n)
		case yamltree.Sequence:
			list(one).take(r, path, n)
		default:
			r.fail(path, calbell.T("config:must-be-list", "%q must be a list, not %s", lastKey(path), n.Kind.Text()), calbell.T("config:such-as-times", "such as [15m, 1d@18:00]"))
		}
	}}
}

// leads appends the times in one text.
func (r *reader) leads(path, text string, to *[]calbell.Lead) {
	read, err := calbell.ParseLeads(text)
	switch {
	case err != nil:
		r.reject(path, invalid(calbell.T("config:invalid-lead", "invalid time before an event"), text, calbell.HintOf(err)))
	case len(*to)+len(read) > calbell.MaxAlarms:
		r.fail(path, calbell.T("config:too-many-reminders", "more than %d reminders of one event", calbell.MaxAlarms), calbell.Text{})
	default:
		*to = append(*to, read...)
	}
}

// webhookName reads the name of a webhook. A URL given instead is a secret, and is not
// shown.
func webhookName(to *string) reading {
	return single(textShape(), func(r *reader, path string, n *yamltree.Node) {
		if isURL(n.Text) {
			r.doc.Hide(n)
			bad := urlForName()
			r.reject(path, bad)
			return
		}
		name(to).take(r, path, n)
		r.doc.mentions = append(r.doc.mentions, mention{path, *to})
	})
}

// urlForName returns the error for a URL given as a name.
func urlForName() *yamltree.Error {
	return fault(calbell.T("config:url-not-webhook", "this is a URL, not the name of a webhook"), calbell.T("config:define-webhook", "define it under webhooks, and write its name here"))
}

func isURL(text string) bool { return strings.Contains(text, "://") }

// aliases reads the mail addresses that refer to webhooks.
func aliases(to *map[string]string) reading {
	return standIns(to, "address", func(text string) (string, *yamltree.Error) {
		address := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), "mailto:")
		if !calbell.IsMailAddress(address) {
			return "", fault(calbell.T("config:invalid-mail-address", "invalid mail address"), calbell.T("config:such-as-mail-address", "such as ops@example.org"))
		}
		return address, nil
	})
}

// categories reads the categories that refer to webhooks.
func categories(to *map[string]string) reading {
	return standIns(to, "name", func(text string) (string, *yamltree.Error) {
		slug := calbell.Slug(text)
		if slug == "" {
			return "", fault(calbell.T("config:category-letter", "a category needs a letter or digit"), calbell.Text{})
		}
		return slug, nil
	})
}

// standIns reads a list of texts that refer to webhooks. Each item has the text under key
// and the webhook. plain converts the text to the form that is compared.
func standIns(to *map[string]string, key string, plain func(string) (string, *yamltree.Error)) reading {
	first := map[string]int{} // line of each
	return list(object(func(r *reader, path string, n *yamltree.Node) {
		if !r.is(path, n, yamltree.Mapping) {
			return
		}
		var what, hook string
		r.mapping(path, n, fields{key: text(&what).required(), "webhook": webhookName(&hook).required()})
		if what == "" {
			return
		}
		form, bad := plain(what)
		at := yamltree.Join(path, key)
		switch before, twice := first[form]; {
		case bad != nil:
			r.reject(at, bad)
		case twice:
			r.reject(at, fault(calbell.T("config:stands-twice", "this %s stands for a webhook on line %d already", key, before), calbell.Text{}).AsShown())
		default:
			if *to == nil {
				*to = map[string]string{}
			}
			first[form], (*to)[form] = r.doc.Index[at].Place.Line, hook
		}
	}))
}
