package plan

import (
	"calbell"
)

// Renamed maps accounts that were removed from the file to the accounts that replace them:
// those with the same URL and user name, when one was removed and one is new. calendars are all
// stored ones.
func (r *roster) Renamed(calendars []calbell.Calendar) map[string]string {
	has := map[string]bool{}
	left := map[string]calbell.Login{}
	for _, c := range calendars {
		has[c.Account] = true
		if _, known := r.accounts[c.Account]; !known && !c.Unlisted && c.FoundBy.URL != "" {
			left[c.Account] = c.FoundBy
		}
	}
	fresh := map[calbell.Login][]string{}
	for name, a := range r.accounts {
		if a.Origin != calbell.OriginStored && !has[name] { // accounts of people keep their keys
			fresh[a.Login()] = append(fresh[a.Login()], name)
		}
	}
	gone := map[calbell.Login]int{}
	for _, login := range left {
		gone[login]++
	}
	heirs := map[string]string{}
	for name, login := range left {
		if gone[login] == 1 && len(fresh[login]) == 1 {
			heirs[name] = fresh[login][0]
		}
	}
	return heirs
}
