package service

import (
	"reflect"
	"testing"

	"calbell"
	"calbell/api/types"
	"calbell/internal/filltest"
)

// What a request says of a webhook is stored, all of it, and asked for again by what would make
// the webhook as it is.
func TestNoFieldOfAWebhookIsLost(t *testing.T) {
	var asked types.NewWebhook
	filltest.Fill(&asked)
	asked.Kind = "slack"
	asked.Owner, asked.URL = nil, "" // whose it is and where it leads are asked for apart
	stored, err := newWebhook(calbell.Webhook{URL: "https://chat.example.org/hooks/x"}, asked)
	if err != nil {
		t.Fatal(err)
	}
	if again := WebhookRequestOf(stored); !reflect.DeepEqual(again, asked) {
		t.Errorf("asked  %+v\nagain  %+v", asked, again)
	}
}
