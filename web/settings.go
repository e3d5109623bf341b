package web

import (
	"net/http"
	"slices"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service"
	"calbell/web/form"
	"calbell/web/i18n"
)

// settingsRoutes registers the page of the viewer's own settings.
func (w *site) settingsRoutes() {
	w.page("GET /settings", on(settingsPages.settingsPage))
	w.page("POST /settings", on(settingsPages.saveSettings))
	w.page("POST /settings/password", on(settingsPages.savePassword))
	w.page("POST /settings/tokens", on(settingsPages.addToken))
	w.page("POST /settings/tokens/{id}/remove", on(settingsPages.removeToken))
	w.page("POST /settings/sign-out", on(settingsPages.signOutEverywhere))
}

// settingsForm is the page of the viewer's own settings.
type settingsForm struct {
	settingsPages
	User      types.UserRow
	Tokens    []calbell.Token
	Made      *types.MadeToken // shown only once
	Languages []form.Choice
	Scopes    []form.Choice
	Days      []form.Choice // how long a token is valid
}

func (v settingsPages) settingsPage() error { return v.settings(nil) }

func (v settingsPages) settings(made *types.MadeToken) error {
	p := settingsForm{settingsPages: v, Made: made}
	var err error
	if p.User, err = v.site.s.People.Get(v.ctx(), v.Who, ""); err != nil {
		return err
	}
	if p.Tokens, err = v.site.s.Tokens.List(v.ctx(), v.Who); err != nil {
		return err
	}
	if v.Problem != nil && v.IsSent("locale") { // as it was sent
		p.User.Locale, p.User.TimeZone = v.Trimmed("locale"), v.Trimmed("time_zone")
	}
	p.Languages = form.Choose(append([]form.Choice{{Value: "", Text: v.T("settings.browser")}}, languageChoices()...), p.User.Locale)
	p.Languages = form.Keep(p.Languages, p.User.Locale)
	p.Scopes = []form.Choice{{Value: "read", Text: v.T("scope.read")}, {Value: "write", Text: v.T("scope.write")}}
	if v.Who.Admin {
		p.Scopes = append(p.Scopes, form.Choice{Value: "admin", Text: v.T("scope.admin")})
	}
	p.Days = []form.Choice{{Value: "30", Text: v.T("token.30")}, {Value: "365", Text: v.T("token.365")}, {Value: "", Text: v.T("token.ever")}}
	if v.Problem != nil && v.IsSent("days") {
		form.Choose(p.Days, v.Trimmed("days"))
		form.Choose(p.Scopes, v.Trimmed("scope"))
	}
	return v.show("settings", v.T("nav.settings"), p)
}

// languageChoices returns the languages of the page, each under its own name.
func languageChoices() []form.Choice {
	own := map[string]string{"en": "English", "fr": "Français", "de": "Deutsch", "it": "Italiano"}
	var list []form.Choice
	for _, lang := range i18n.Languages() {
		list = append(list, form.Choice{Value: lang, Text: own[lang]})
		if lang == "de" {
			list = append(list, form.Choice{Value: "de-CH", Text: "Deutsch (Schweiz)"})
		}
	}
	return list
}

func (v settingsPages) saveSettings() error {
	e, tag, err := v.site.s.People.Request(v.ctx(), v.Who, v.Who.Name)
	if err == nil {
		e.Locale, e.TimeZone = v.Trimmed("locale"), v.Trimmed("time_zone")
		_, err = v.site.s.People.Set(v.ctx(), v.Who, v.Who.Name, tag, e)
	}
	if err != nil {
		return v.again(err, v.settingsPage)
	}
	return v.done("/settings", "settings-saved")
}

// savePassword changes the viewer's password. It ends all sessions, so the viewer has to
// sign in again.
func (v settingsPages) savePassword() error {
	n := types.NewPassword{Old: v.Value("old"), New: v.Value("new")}
	if err := v.site.s.People.SetPassword(v.ctx(), v.Who, v.Who.Name, n, time.Now()); err != nil {
		return v.again(err, v.settingsPage)
	}
	return v.done("/sign-in", "password-changed")
}

// addToken creates a token and shows its text in the response itself, because it is not
// stored.
func (v settingsPages) addToken() error {
	n := types.NewToken{Name: v.Trimmed("name"), Scopes: []calbell.Scope{calbell.Scope(v.Trimmed("scope"))}}
	if days := map[string]int{"30": 30, "365": 365}[v.Trimmed("days")]; days > 0 {
		n.ExpiresAt = v.Now.AddDate(0, 0, days)
	}
	made, err := v.site.s.Tokens.Add(v.ctx(), v.Who, n, time.Now())
	if err != nil {
		return v.again(err, v.settingsPage)
	}
	return v.settings(&made)
}

func (v settingsPages) removeToken() error {
	if err := v.site.s.Tokens.Remove(v.ctx(), v.Who, calbell.TokenID(v.r.PathValue("id"))); err != nil {
		return v.again(err, v.settingsPage)
	}
	return v.done("/settings", "token-removed")
}

func (v settingsPages) signOutEverywhere() error {
	if err := v.site.s.People.SignOutEverywhere(v.ctx(), v.Who, v.Who.Name, time.Now()); err != nil {
		return v.again(err, v.settingsPage)
	}
	http.Redirect(v.w, v.r, "/sign-in", http.StatusSeeOther)
	return nil
}

// ScopeText describes what the widest of a token's scopes allows.
func (v settingsPages) ScopeText(t calbell.Token) string {
	for _, s := range []calbell.Scope{calbell.ScopeAdmin, calbell.ScopeWrite} {
		if slices.Contains(t.Scopes, s) {
			return v.T("scope." + string(s))
		}
	}
	return v.T("scope.read")
}

// Used describes when a token was last used, and when it expires.
func (v settingsPages) Used(t calbell.Token) string {
	text := v.T("token.never-used")
	if !t.LastUsedAt.IsZero() {
		text = v.T("token.used", v.From(t.LastUsedAt, v.Now))
	}
	if !t.ExpiresAt.IsZero() {
		text += " · " + v.T("token.until", v.ShortDay(t.ExpiresAt.In(v.Zone), v.Now))
	}
	return text
}

// Zones returns the names of time zones for a field.
func (v *view) Zones() []string { return service.TimeZones() }
