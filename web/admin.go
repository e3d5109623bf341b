package web

import (
	"net/url"
	"strconv"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/web/form"
)

// adminRoutes registers the pages of admins, and the help page for everybody.
func (w *site) adminRoutes() {
	w.page("GET /admin", on(adminPages.adminPage))
	w.page("POST /admin/users", on(adminPages.addUser))
	w.page("POST /admin/users/{name}", on(adminPages.changeUser))
	w.page("POST /admin/reload", on(adminPages.reload))
	w.page("GET /help", on(adminPages.helpPage))
}

// adminForm is the data of the admin page: users, status and configuration.
type adminForm struct {
	adminPages
	Users    []userRow
	Settings []types.SettingRow
	Counts   []form.Choice // of deliveries, by state
	Roles    []form.Choice
}

// userRow is a user.
type userRow struct {
	types.UserRow
	Path string
	Self bool
	Open bool // shown unfolded, because the latest change failed
}

func (v adminPages) adminPage() error {
	p := adminForm{adminPages: v}
	users, err := v.site.s.People.List(v.ctx(), v.Who)
	if err != nil {
		return err
	}
	for _, u := range users {
		p.Users = append(p.Users, userRow{
			UserRow: u, Path: "/admin/users/" + url.PathEscape(u.Name), Self: u.Name == v.Who.Name, Open: v.r.PathValue("name") == u.Name,
		})
	}
	if p.Settings, err = v.site.s.Upkeep.Settings(v.Who); err != nil {
		return err
	}
	for _, s := range []calbell.Status{calbell.StatusPlanned, calbell.StatusWaiting, calbell.StatusSent, calbell.StatusDead, calbell.StatusMissed} {
		p.Counts = append(p.Counts, form.Choice{Value: v.T("count." + string(s)), Text: strconv.Itoa(v.Status.Deliveries[s])})
	}
	p.Roles = form.Choose([]form.Choice{{Value: "member", Text: v.T("role.member")}, {Value: "admin", Text: v.T("role.admin")}}, v.Trimmed("role"))
	return v.show("admin", v.T("nav.admin"), p)
}

func (v adminPages) addUser() error {
	n := types.NewUser{
		Name: v.Trimmed("name"), Role: calbell.Role(v.Trimmed("role")), Password: v.Value("password"), CalDAV: v.Checked("caldav"),
	}
	if _, err := v.site.s.People.Add(v.ctx(), v.Who, n, time.Now()); err != nil {
		return v.again(err, v.adminPage)
	}
	return v.done("/admin", "user-added")
}

// changeUser applies the action of the pressed button to a user.
func (v adminPages) changeUser() error {
	name := v.r.PathValue("name")
	var err error
	switch v.Trimmed("do") {
	case "remove":
		err = v.site.s.People.Remove(v.ctx(), v.Who, name, "", time.Now())
	case "admin", "member":
		e, tag, _ := v.site.s.People.Request(v.ctx(), v.Who, name) // Set returns the same error
		e.Role = calbell.Role(v.Trimmed("do"))
		_, err = v.site.s.People.Set(v.ctx(), v.Who, name, tag, e)
	case "password":
		err = v.site.s.People.SetPassword(v.ctx(), v.Who, name, types.NewPassword{New: v.Value("password")}, time.Now())
	case "sign-out":
		err = v.site.s.People.SignOutEverywhere(v.ctx(), v.Who, name, time.Now())
	default:
		return errNoPage
	}
	if err != nil {
		return v.again(err, v.adminPage)
	}
	return v.done("/admin", "user-changed")
}

// reload reloads the configuration file.
func (v adminPages) reload() error {
	if _, err := v.site.s.Upkeep.Reload(v.ctx(), v.Who); err != nil { // the page shows which keys wait for a restart
		return v.again(err, v.adminPage)
	}
	return v.done("/admin", "reloaded")
}

// helpPage shows the help.
func (v adminPages) helpPage() error { return v.show("help", v.T("nav.help"), v) }
