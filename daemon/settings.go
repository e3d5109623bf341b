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

// settings are the configuration in force, and what follows from it and from what is stored.
type settings struct {
	store *bolt.Store
	words i18n.Catalogue
	log   *slog.Logger

	config atomic.Pointer[config.Config]
	// accounts are those in force: of the file, and stored ones.
	accounts atomic.Pointer[authz.AccountIndex]
	policy   atomic.Pointer[plan.Policy]
}

// read has the configuration in force go together with what people stored beside its file.
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

// effective are the accounts in force under a configuration: those of its file, and stored
// ones. One of the file hides a stored one of the same owner and name, or of the same key.
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

// admins are the names of the users who are admins.
func (s *settings) admins(ctx context.Context) (names []string, err error) {
	admins, err := s.store.Users().Of(ctx, store.WithRole(calbell.RoleAdmin))
	for _, u := range admins {
		names = append(names, u.Name)
	}
	return names, err
}

// inForce reports whether an account is one of those in force, as it is.
func (s *settings) inForce(a calbell.Account) bool {
	o, ok := s.Accounts().Get(a.Key())
	return ok && reflect.DeepEqual(o, a)
}

// errorWebhook is who hears of trouble; "" = nobody.
func (s *settings) errorWebhook() calbell.WebhookID {
	name := s.config.Load().Delivery.ErrorWebhook
	if name == "" {
		return ""
	}
	return s.Policy().Webhook(name)
}

// say says in the language of a locale what the program says in English.
func (s *settings) say(locale string, text calbell.Text) string {
	return s.words.In(locale).Say(text, nil)
}
