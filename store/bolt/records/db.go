package records

import (
	"context"

	"calbell"

	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/file"
)

// DB runs transactions over the file.
type DB interface {
	// View runs fn in a read transaction. What fn returns to its caller must be copied.
	View(ctx context.Context, fn func(*file.Tx) error) error
	// Update runs fn in a write transaction and commits it when fn succeeds and wrote something.
	Update(ctx context.Context, p failpoint.Point, fn func(*file.Tx) error) error
}

// The parts of a store that keep plain records, each over the same file.
type (
	// PeopleStore implements store.People and store.Sessions.
	PeopleStore struct{ db DB }
	// SettingsStore implements store.Settings.
	SettingsStore struct {
		db       DB
		accounts opened[calbell.Account]
		rules    opened[calbell.StoredRule]
		set      opened[store.CalendarSettings]
	}
	// PauseStore implements store.Pauses.
	PauseStore struct{ db DB }
	// WebhookStore implements store.Webhooks.
	WebhookStore struct {
		db     DB
		opened opened[calbell.Webhook]
	}
)

// NewPeople returns the part that keeps people and their sessions.
func NewPeople(db DB) PeopleStore { return PeopleStore{db} }

// NewSettings returns the part that keeps what people set.
func NewSettings(db DB) *SettingsStore { return &SettingsStore{db: db} }

// NewPauses returns the part that keeps pauses.
func NewPauses(db DB) PauseStore { return PauseStore{db} }

// NewWebhooks returns the part that keeps webhooks.
func NewWebhooks(db DB) *WebhookStore { return &WebhookStore{db: db} }
