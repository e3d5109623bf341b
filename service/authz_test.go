package service

import (
	"testing"
	"time"

	"calbell"
)

var t0 = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestSees(t *testing.T) {
	nobody, anna, bob, local := calbell.Caller{}, calbell.Caller{Name: "Anna", Admin: true}, calbell.Caller{Name: "Bob"}, calbell.LocalAdmin()
	for _, tt := range []struct {
		who   calbell.Caller
		owner string
		want  bool
	}{
		{nobody, "", false},
		{nobody, "Bob", false},
		{bob, "", false},
		{bob, "Bob", true},
		{bob, "bob", true},
		{bob, "Carol", false},
		{anna, "", true},
		{anna, "Anna", true},
		{anna, "Bob", false},
		{local, "", true},
		{local, "Bob", true},
	} {
		if got := canAccess(tt.who, tt.owner); got != tt.want {
			t.Errorf("%+v sees what is %q's: %v", tt.who, tt.owner, got)
		}
	}
	shared := calbell.Webhook{Owner: "Bob", WebhookSpec: calbell.WebhookSpec{Share: true}}
	if canUse(nobody, shared) || !canUse(anna, shared) || canUse(anna, calbell.Webhook{Owner: "Bob"}) {
		t.Error("who may use a webhook")
	}
	if canEdit(anna, "", calbell.OriginFile) || !canEdit(anna, "", calbell.OriginStored) || canEdit(bob, "", calbell.OriginStored) {
		t.Error("who may edit")
	}
}
