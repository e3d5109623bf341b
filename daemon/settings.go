package daemon

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"

	"calbell"
	"calbell/config"
	"calbell/scheduler/plan"
	"calbell/service/authz"
	"calbell/store"
	"calbell/store/bolt"
	"calbell/web/i18n"
)

// settings are the configuration in force, and what is derived from it and from stored
// definitions.
type settings struct {
	store *bolt.Store
	words i18n.Catalogue
	log   *slog.Logger

	config atomic.Pointer[config.Config]
	// accounts are those in force: of the file, and stored ones.
	accounts atomic.Pointer[authz.AccountIndex]
	policy   atomic.Pointer[plan.Policy]
}

// read combines the configuration in force with the definitions that people stored.
func (s *settings) read(ctx context.Context) error {
	cfg := s.config.Load()
	webhooks, err := s.store.Webhooks().All(ctx)
	if err != nil {
		return err
	}
	accounts, err := s.effective(ctx, cfg)
	if err != nil {
		return err
	}
	rules, err := s.store.Rules().All(ctx)
	if err != nil {
		return err
	}
	calendars, err := store.SettingsByCalendar(ctx, s.store)
	if err != nil {
		return err
	}
	admins, err := s.admins(ctx)
	if err != nil {
		return err
	}
	s.accounts.Store(authz.NewAccountIndex(accounts))
	s.policy.Store(plan.NewPolicy(plan.Settings{
		Accounts: accounts, Webhooks: webhooks, Admins: admins, Rules: cfg.Rules, Stored: rules, Calendars: calendars, Skip: cfg.Scheduler.Skip,
		AllDayTime: cfg.Scheduler.AllDayTime, Zone: cfg.TimeZone, Locale: cfg.Locale, Say: s.say,
	}))
	return nil
}

// Policy implements service.Config.
func (s *settings) Policy() *plan.Policy { return s.policy.Load() }

// Accounts implements service.Config.
func (s *settings) Accounts() *authz.AccountIndex { return s.accounts.Load() }

// Rules implements service.Config.
func (s *settings) Rules() []calbell.Rule { return s.config.Load().Rules }

// BaseURL implements service.Config.
func (s *settings) BaseURL() string { return pageURL(s.config.Load().Server) }

// pageURL returns the page's address for people: server.base_url, else an address that
// works on this machine. It returns "" for a unix socket and for port 0.
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

// effective returns the accounts in force under a configuration: those of its file and
// stored ones. An account of the file hides a stored one with the same owner and name, or
// with the same key.
func (s *settings) effective(ctx context.Context, cfg *config.Config) ([]calbell.Account, error) {
	stored, err := s.store.Accounts().All(ctx)
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
			s.log.Warn("a stored account is hidden by the file's of the same name", "account", a.Key(), "owner", a.Owner)
			continue
		}
		all = append(all, a)
	}
	return all, nil
}

// admins returns the names of the admins.
func (s *settings) admins(ctx context.Context) (names []string, err error) {
	admins, err := s.store.Users().Of(ctx, store.WithRole(calbell.RoleAdmin))
	for _, u := range admins {
		names = append(names, u.Name)
	}
	return names, err
}

// inForce reports whether exactly this account, with these settings, is in force.
func (s *settings) inForce(a calbell.Account) bool {
	o, ok := s.Accounts().Get(a.Key())
	return ok && reflect.DeepEqual(o, a)
}

// errorWebhook returns the webhook that trouble is reported to; "" = none.
func (s *settings) errorWebhook() calbell.WebhookID {
	name := s.config.Load().Delivery.ErrorWebhook
	if name == "" {
		return ""
	}
	return s.Policy().Webhook(name)
}

// say returns a text in the language of a locale.
func (s *settings) say(locale string, text calbell.Text) string {
	return s.words.In(locale).Say(text, nil)
}
