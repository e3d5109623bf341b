package service_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/scheduler/plan"
	"calbell/service"
	"calbell/service/authz"
	"calbell/service/servicetest"
	"calbell/store/bolt"
	"calbell/store/record"
)

// crowd is a program with an account of each user.
type crowd struct {
	still
	service.Program
	accounts *authz.AccountIndex
}

func (d crowd) Accounts() *authz.AccountIndex { return d.accounts }
func (d crowd) Info() service.Info            { return service.Info{} }

// BenchmarkManyUsers asks in the name of one of many users, each with an account, two calendars and
// a webhook: it costs the same however many there are.
func BenchmarkManyUsers(b *testing.B) {
	for _, users := range []int{200, 2_000, 10_000} {
		b.Run(fmt.Sprint(users), func(b *testing.B) { manyUsers(b, users) })
	}
}

func manyUsers(b *testing.B, users int) {
	st, err := bolt.Open(filepath.Join(b.TempDir(), "db"), record.Key{1}, bolt.Options{NoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	accounts, hooks := make([]calbell.Account, users), make([]calbell.Webhook, users)
	for i := range users {
		name := fmt.Sprintf("user%05d", i)
		accounts[i] = calbell.Account{Name: name, Owner: name, Origin: calbell.OriginStored}
		hooks[i] = calbell.Webhook{ID: calbell.WebhookID(name + ".team"), Owner: name, Name: "Team", URL: "https://chat.example.org/hooks/x", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}
		for n := range 2 {
			c := calbell.Calendar{ID: calbell.NewCalendarID(name, fmt.Sprint(n)), Account: name, URL: "https://cal.example.org/c/", Name: fmt.Sprint("Calendar ", n)}
			if err := st.SaveCalendar(b.Context(), c); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := st.Webhooks().Put(b.Context(), hooks...); err != nil {
		b.Fatal(err)
	}
	d := crowd{accounts: authz.NewAccountIndex(accounts)}
	d.policy = plan.NewPolicy(plan.Settings{Accounts: accounts, Webhooks: hooks, Zone: time.UTC, Locale: "en"})
	s := service.New(service.Options{Store: servicetest.StoreOf(st), Config: d, Syncs: d, Program: d})
	who := calbell.Caller{Name: "user00100"}
	day := time.Now().UTC().Truncate(24 * time.Hour)
	for name, ask := range map[string]func() error{
		"status": func() error { _, err := s.Upkeep.Status(b.Context(), who); return err },
		"agenda": func() error {
			_, _, err := s.Events.Agenda(b.Context(), who, types.EventQuery{From: day, To: day.AddDate(0, 0, 14)})
			return err
		},
		"webhooks":   func() error { _, err := s.Webhooks.List(b.Context(), who); return err },
		"deliveries": func() error { _, err := s.Deliveries.History(b.Context(), who, types.DeliveryQuery{}); return err },
		"upcoming":   func() error { _, _, err := s.Deliveries.Coming(b.Context(), who, 50, day); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
