package service

import (
	"reflect"
	"testing"

	"calbell"
)

// What a request says of a webhook is stored, all of it, and asked for again by what would make
// the webhook as it is.
func TestNoFieldOfAWebhookIsLost(t *testing.T) {
	var asked calbell.NewWebhook
	fields := reflect.ValueOf(&asked).Elem()
	for i := range fields.NumField() {
		switch f := fields.Field(i); f.Interface().(type) {
		case string:
			f.SetString("x")
		case calbell.WebhookKind:
			f.SetString("slack")
		case bool:
			f.SetBool(true)
		case int:
			f.SetInt(500)
		case any: // a tree, or a pointer
			if f.Kind() == reflect.Pointer {
				f.Set(reflect.New(f.Type().Elem()))
				continue
			}
			f.Set(reflect.ValueOf([]any{"x"}))
		default:
			f.Set(reflect.ValueOf([]any{"x"}))
		}
	}
	asked.Owner, asked.URL = nil, "" // whose it is and where it leads are asked for apart
	stored, err := newWebhook(calbell.Webhook{URL: "https://chat.example.org/hooks/x"}, asked)
	if err != nil {
		t.Fatal(err)
	}
	if again := WebhookRequestOf(stored); !reflect.DeepEqual(again, asked) {
		t.Errorf("asked  %+v\nagain  %+v", asked, again)
	}
}
