package web

import (
	"net/http"
	"time"

	"calbell/api/types"
	"calbell/service"
)

// signInRoutes registers sign-in, sign-out and set-up.
func (w *site) signInRoutes() {
	w.open("GET /sign-in", on(signInPages.signInPage))
	w.open("POST /sign-in", on(signInPages.signIn))
	w.open("POST /sign-out", on(signInPages.signOut))
	if w.o.Welcomed != nil {
		w.open("GET /welcome/{secret}", on(signInPages.welcome))
	}
	w.open("GET "+service.SetupPath+"{secret}", on(signInPages.setupPage))
	w.open("POST "+service.SetupPath+"{secret}", on(signInPages.setUp))
}

// signInForm is the sign-in form, and the form that creates the first admin.
type signInForm struct {
	signInPages
	Nobody bool // there are no users yet
	Works  bool // the set-up link is valid
}

func (v signInPages) signInPage() error {
	if v.Who.Name != "" {
		http.Redirect(v.w, v.r, local(v.Trimmed("next")), http.StatusSeeOther)
		return nil
	}
	some, err := v.site.s.People.HasUsers(v.ctx())
	if err != nil {
		return err
	}
	return v.show("signin", v.T("sign-in.title"), signInForm{signInPages: v, Nobody: !some})
}

func (v signInPages) signIn() error {
	in := types.SignIn{Name: v.Trimmed("name"), Password: v.Value("password")}
	u, err := v.site.s.People.SignIn(v.ctx(), in, v.site.o.Door.Peer(v.ctx(), in.Name), time.Now())
	if err != nil {
		return v.again(err, v.signInPage)
	}
	if err := v.site.o.Door.SignIn(v.ctx(), u); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, local(v.Trimmed("next")), http.StatusSeeOther)
	return nil
}

// again shows a form again with the error that prevented its action.
func (v *view) again(err error, form func() error) error {
	if !isForPeople(err) {
		return err
	}
	v.Problem = err
	return form()
}

func (v signInPages) signOut() error {
	if err := v.site.o.Door.SignOut(v.ctx()); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/sign-in", http.StatusSeeOther)
	return nil
}

// welcome signs in with the demo's link. After its first use it only redirects to the page.
func (v signInPages) welcome() error {
	if v.r.Method != http.MethodGet { // HEAD must not use the link up
		return nil
	}
	if u, ok := v.site.o.Welcomed(v.r.PathValue("secret")); ok {
		if err := v.site.o.Door.SignIn(v.ctx(), u); err != nil {
			return err
		}
	}
	http.Redirect(v.w, v.r, "/", http.StatusSeeOther)
	return nil
}

func (v signInPages) setupPage() error {
	works, err := v.site.s.People.SetupLinkWorks(v.ctx(), v.r.PathValue("secret"), v.Now)
	if err != nil {
		return err
	}
	return v.show("setup", v.T("setup.title"), signInForm{signInPages: v, Works: works})
}

func (v signInPages) setUp() error {
	in := types.SetUp{Secret: v.r.PathValue("secret"), Name: v.Trimmed("name"), Password: v.Value("password")}
	u, err := v.site.s.People.SetUp(v.ctx(), in, time.Now())
	if err != nil {
		return v.again(err, v.setupPage)
	}
	if err := v.site.o.Door.SignIn(v.ctx(), u); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/", http.StatusSeeOther)
	return nil
}
