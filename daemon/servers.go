package daemon

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/caldav"
	"calbell/scheduler/syncer"
)

// servers talks to the calendar servers, under the settings in force.
type servers struct {
	settings *settings
	self     *self
	budget   *caldav.Budget    // memory for the servers' answers
	files    *caldav.ReadLimit // files and subscriptions that are read at a time
	version  string
	log      *slog.Logger
}

// CheckAccount implements service.Servers.
func (s *servers) CheckAccount(a calbell.Account) error {
	_, err := s.remote().dial(a)
	return err
}

// remote returns the options for reaching accounts under the configuration in force.
func (s *servers) remote() RemoteOptions {
	o := remoteOptions(s.settings.config.Load(), s.version)
	o.Budget, o.Files, o.Self = s.budget, s.files, s.self.is
	return o
}

// discoverTimeout limits one request of discovery or of a sign-in, and discoverRun all of
// them: a person waits, and others wait for the place.
const discoverTimeout, discoverRun = 30 * time.Second, 2 * time.Minute

// Discover implements service.Servers.
func (s *servers) Discover(ctx context.Context, a calbell.Account) (types.Discovered, error) {
	o := s.remote()
	o.Timeout, o.RunTimeout = min(o.Timeout, discoverTimeout), discoverRun
	return Discover(ctx, a, o)
}

// connect returns a connection to an account's server.
func (s *servers) connect(a calbell.Account) (syncer.Remote, error) {
	c, err := s.remote().dial(a)
	return remote{c}, err
}

// PutObject implements service.Servers.
func (s *servers) PutObject(ctx context.Context, a calbell.Account, c calbell.Calendar, href calbell.Href, raw []byte) error {
	client, err := s.remote().dial(a)
	if err != nil {
		return err
	}
	return remote{client}.Put(ctx, c, href, raw, "")
}

// SignInServer implements service.SignIn.
func (s *servers) SignInServer() (url string, create bool) {
	auth := s.settings.config.Load().Auth
	return auth.CalDAV, auth.Create
}

// CheckSignIn implements service.SignIn. A server that shows data without credentials might
// accept any credentials, so it is not used to check them.
func (s *servers) CheckSignIn(ctx context.Context, name string, password calbell.Secret) (ok bool, err error) {
	a := calbell.Account{Name: name, Origin: calbell.OriginFile, URL: s.settings.config.Load().Auth.CalDAV}
	if _, err := s.Discover(ctx, a); !refused(err) {
		s.log.Error("sign-in at the calendar server is not possible: it asks nobody for a password", "url", a.URL, "err", err)
		return false, &calbell.Error{
			Kind: calbell.KindRefused, What: calbell.T("daemon:calendar-server-could-not", "the calendar server could not be asked who you are"), Hint: calbell.T("daemon:admin-finds-reason-log", "the admin finds the reason in the log"), Err: quiet(err),
		}
	}
	a.Username, a.Password = name, password
	_, err = s.Discover(ctx, a)
	switch {
	case err == nil:
		return true, nil
	case refused(err):
		return false, nil
	}
	return false, &calbell.Error{Kind: calbell.KindUnreachable, What: calbell.T("daemon:calendar-server-could-not", "the calendar server could not be asked who you are"), Hint: calbell.HintOf(err), Err: err}
}

// PasswordsAllowed implements service.SignIn.
func (s *servers) PasswordsAllowed() bool { return s.settings.config.Load().Auth.Password }

// quiet removes errors of a request that was answered.
func quiet(err error) error {
	if calbell.KindOf(err) == calbell.KindUnreachable {
		return err
	}
	return nil
}

// refused reports whether an error means that a server rejected credentials.
func refused(err error) bool {
	var status *caldav.StatusError
	return errors.As(err, &status) && status.Status == http.StatusUnauthorized && !status.Elsewhere
}
