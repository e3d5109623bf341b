package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/caldav"
	"calbell/config"
)

// effective are the accounts in force under a configuration: those of its file, and stored
// ones. One of the file hides a stored one of the same owner and name, or of the same key.
func (d *Daemon) effective(ctx context.Context, cfg *config.Config) ([]calbell.Account, error) {
	stored, err := d.store.Accounts().All(ctx)
	if err != nil {
		return nil, err
	}
	all := append([]calbell.Account{}, cfg.Accounts...)
	for _, a := range stored {
		hides := func(o calbell.Account) bool {
			mine := calbell.Slug(o.Owner) == calbell.Slug(a.Owner) && calbell.Slug(o.Name) == calbell.Slug(a.Name)
			return mine || strings.EqualFold(o.Key(), a.Key())
		}
		if slices.ContainsFunc(cfg.Accounts, hides) {
			d.log.Warn("a stored account is hidden by the file's of the same name", "account", a.Key(), "owner", a.Owner)
			continue
		}
		all = append(all, a)
	}
	return all, nil
}

// Accounts implements service.Config.
func (d *Daemon) Accounts() []calbell.Account {
	if all := d.accounts.Load(); all != nil {
		return *all
	}
	return nil // starting
}

// AccountsChanged implements service.Effects. Nobody waits for a server, nor for what others have.
func (d *Daemon) AccountsChanged(ctx context.Context) error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	before := d.Accounts()
	if err := d.renew(ctx); err != nil {
		return err
	}
	changed := otherThan(before, d.Accounts())
	if len(changed) == 0 {
		return nil // what is planned follows by itself; see keepFitting
	}
	d.syncer.Forget(changed...)
	d.dispatcher.Kick()
	signal(d.recount)
	return nil
}

// otherThan are the keys of the accounts that are not the same in both lists.
func otherThan(a, b []calbell.Account) (keys []string) {
	by := map[string][]calbell.Account{}
	for _, one := range slices.Concat(a, b) {
		by[one.Key()] = append(by[one.Key()], one)
	}
	for key, both := range by {
		if len(both) != 2 || !reflect.DeepEqual(both[0], both[1]) {
			keys = append(keys, key)
		}
	}
	return keys
}

// CheckAccount implements service.Servers.
func (d *Daemon) CheckAccount(a calbell.Account) error {
	_, err := d.remote().dial(a)
	return err
}

// remote is how accounts are reached by the configuration in force.
func (d *Daemon) remote() RemoteOptions {
	o := remoteOptions(d.config.Load(), d.o.Version)
	o.Budget, o.Self = d.answers, d.isSelf
	return o
}

// discoverTimeout bounds one question of discovery and of a sign-in, and discoverRun all of
// them: someone waits for it, and others for the place.
const discoverTimeout, discoverRun = 30 * time.Second, 2 * time.Minute

// Discover implements service.Servers.
func (d *Daemon) Discover(ctx context.Context, a calbell.Account) (types.Discovered, error) {
	o := d.remote()
	o.Timeout, o.RunTimeout = min(o.Timeout, discoverTimeout), discoverRun
	return Discover(ctx, a, o)
}

// SignInServer implements service.SignIn.
func (d *Daemon) SignInServer() (url string, create bool) {
	auth := d.config.Load().Auth
	return auth.CalDAV, auth.Create
}

// CheckSignIn implements service.SignIn. A server that shows something to who has no name and
// password may let anybody in as anyone: it is not asked.
func (d *Daemon) CheckSignIn(ctx context.Context, name string, password calbell.Secret) (ok bool, err error) {
	a := calbell.Account{Name: name, Origin: calbell.OriginFile, URL: d.config.Load().Auth.CalDAV}
	if _, err := d.Discover(ctx, a); !refused(err) {
		d.log.Error("sign-in at the calendar server is not possible: it asks nobody for a password", "url", a.URL, "err", err)
		return false, &calbell.Error{
			Kind: calbell.KindRefused, What: "the calendar server could not be asked who you are", Hint: "the admin finds the reason in the log", Err: quiet(err),
		}
	}
	a.Username, a.Password = name, password
	_, err = d.Discover(ctx, a)
	switch {
	case err == nil:
		return true, nil
	case refused(err):
		return false, nil
	}
	return false, &calbell.Error{Kind: calbell.KindUnreachable, What: "the calendar server could not be asked who you are", Hint: calbell.HintOf(err), Err: err}
}

// quiet leaves out the errors of a request that was answered.
func quiet(err error) error {
	if calbell.KindOf(err) == calbell.KindUnreachable {
		return err
	}
	return nil
}

// refused reports whether a server did not let somebody in.
func refused(err error) bool {
	var status *caldav.StatusError
	return errors.As(err, &status) && status.Status == http.StatusUnauthorized && !status.Elsewhere
}

// PasswordsAllowed implements service.SignIn.
func (d *Daemon) PasswordsAllowed() bool { return d.config.Load().Auth.Password }

// BaseURL implements service.Config.
func (d *Daemon) BaseURL() string { return pageURL(d.config.Load().Server) }

// pageURL is the page's address as people type it: as the file says, else as this machine
// reaches it; "" when it is by a unix socket, or at a port that nobody knows beforehand.
func pageURL(s config.Server) string {
	host, port, err := net.SplitHostPort(s.Listen)
	switch {
	case s.BaseURL != "":
		return s.BaseURL
	case strings.HasPrefix(s.Listen, "unix:") || err != nil || port == "0":
		return ""
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http"
	if s.Cert != "" {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// Rules implements service.Config.
func (d *Daemon) Rules() []calbell.Rule { return d.config.Load().Rules }

// greet says how the first user is made, when there is none.
func (d *Daemon) greet(ctx context.Context) {
	some, err := d.service.People.HasUsers(ctx)
	cfg := d.config.Load()
	if err != nil || some || cfg.Auth.CalDAV != "" && cfg.Auth.Create {
		return
	}
	d.log.Info(fmt.Sprintf("no users yet; create the first admin with: calbell --socket %s setup-link", cfg.Server.Socket))
}

// Settings implements service.Program.
func (d *Daemon) Settings() []types.SettingRow {
	rows := []types.SettingRow{}
	waiting := d.health.look().waiting
	for _, s := range d.config.Load().Show() {
		rows = append(rows, types.SettingRow{
			Key: s.Key, Value: s.Value, Origin: s.Origin, TakesEffect: string(s.Effect), Waits: config.Waits(s.Key, waiting),
		})
	}
	return rows
}
