package webhook_test

import (
	"testing"

	"calbell"
	"calbell/webhook"
)

// The calendar client asks a refused address for its next step by this method: one of another type
// would be passed over, and the general hint shown in its place.
func TestRefusedAddressHasANextStep(t *testing.T) {
	var _ interface{ Hint() calbell.Text } = (*webhook.AddressError)(nil)
	if hint := (&webhook.AddressError{Self: true}).Hint(); hint.Key == "" {
		t.Errorf("%q has no key", hint)
	}
}
