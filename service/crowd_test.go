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
	"calbell/service/servicetest"
	"calbell/store"
	"calbell/store/bolt"
	"calbell/store/record"
)

// crowd is a program with an account of each user.
type crowd struct {
	still
	service.Program
	accounts []calbell.Account
}

func (d crowd) Accounts() []calbell.Account { return d.accounts }
func (d crowd) Info() service.Info          { return service.Info{} }

// BenchmarkManyUsers asks in the name of one of 10,000 users, each with an account, two
// calendars and a webhook.
func BenchmarkManyUsers(b *testing.B) {
	const users = 10_000
	st, err := bolt.Open(filepath.Join(b.TempDir(), "db"), record.Key{1}, bolt.Options{NoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	d := crowd{}
	for i := range users {
		name := fmt.Sprintf("user%05d", i)
		d.accounts = append(d.accounts, calbell.Account{Name: name, Owner: name, Origin: calbell.OriginStored})
		if err := st.Webhooks().Put(b.Context(), calbell.Webhook{ID: calbell.WebhookID(name + ".team"), Owner: name, Name: "Team", URL: "https://chat.example.org/hooks/x", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}); err != nil {
			b.Fatal(err)
		}
		for n := range 2 {
			c := calbell.Calendar{ID: calbell.NewCalendarID(name, fmt.Sprint(n)), Account: name, URL: "https://cal.example.org/c/", Name: fmt.Sprint("Calendar ", n)}
			if err := st.Apply(b.Context(), store.Change{Calendar: c}, time.Now()); err != nil {
				b.Fatal(err)
			}
		}
	}
	d.policy = plan.NewPolicy(plan.Settings{Accounts: d.accounts, Zone: time.UTC, Locale: "en"})
	s := service.New(service.Options{Store: servicetest.StoreOf(st), Config: d, Syncs: d, Program: d})
	who := calbell.Caller{Name: "user05000"}
	day := time.Now().UTC().Truncate(24 * time.Hour)
	for name, ask := range map[string]func() error{
		"status": func() error { _, err := s.Upkeep.Status(b.Context(), who); return err },
		"agenda": func() error {
			_, _, err := s.Events.Agenda(b.Context(), who, types.EventQuery{From: day, To: day.AddDate(0, 0, 14)})
			return err
		},
		"webhooks": func() error { _, err := s.Webhooks.List(b.Context(), who); return err },
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
