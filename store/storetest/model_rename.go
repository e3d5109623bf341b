package storetest

import "strings"

// rename gives what is stored of one account to another.
func (m *model) rename(from, to string) {
	for id, c := range m.cals {
		if c.Account == from {
			c.Account = to
			m.cals[id] = c
		}
	}
	for id, b := range m.bindings {
		if b.Account == from {
			b.Account = to
			m.bindings[id] = b
			m.bound[from]++
			m.bound[to]++
		}
	}
	for id, set := range m.settings {
		if rest, its := strings.CutPrefix(set.Name, from+"/"); its {
			set.Name = to + "/" + rest
			m.settings[id] = set
		}
	}
	listed := m.listed[from]
	listed.Account = to
	if delete(m.listed, from); len(listed.Names) > 0 {
		m.putListed(listed)
	}
}
