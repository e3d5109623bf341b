package storetest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"calbell/internal/filltest"

	"calbell"
	"calbell/store"
)

// hooked returns a webhook for tests.
func hooked(id, name string) calbell.Webhook {
	return calbell.Webhook{
		ID:          calbell.WebhookID(id),
		Name:        name,
		Origin:      calbell.OriginStored,
		URL:         calbell.Secret("https://chat.example.org/hooks/" + id),
		WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat},
	}
}

func ofFile(w calbell.Webhook) calbell.Webhook {
	w.Origin = calbell.OriginFile
	return w
}

func (k *kit) hooks() []calbell.Webhook {
	k.Helper()
	ws, err := k.Webhooks().All(k.Context())
	k.ok(err)
	return ws
}

func webhookTests() []test {
	return slices.Concat(definitionTests(), findingTests(), removingTests(), stateTests())
}

func definitionTests() []test {
	return []test{
		{"put and found again with every field, secret included", func(k *kit) {
			w := hooked("team", "Team")
			w.Owner = "alice"
			filltest.Fill(&w.WebhookSpec)
			w.Kind, w.Previews = calbell.KindSlack, new(false)
			w.Quiet = &calbell.Quiet{From: 22 * time.Hour, To: 7 * time.Hour}
			k.ok(k.Webhooks().Put(k.Context(), w))
			k.reopen()
			got, err := k.Webhooks().Get(k.Context(), "team")
			k.ok(err)
			equal(k, "webhook", got, w)
			equal(k, "URL", got.URL.Reveal(), w.URL.Reveal())
		}},
		{"trees keep their numbers", func(k *kit) {
			w := hooked("team", "Team")
			w.Payload = map[string]any{
				"big": int64(9007199254740993), "small": -3, "half": 0.5, "ok": true, "none": nil,
				"list": []any{"%subject%", 1, map[string]any{"é": "<&>"}},
			}
			w.Attachments = []any{map[string]any{"color": "#00ff00"}}
			w.Blocks = []any{map[string]any{"type": "divider", "n": int64(9007199254740993)}}
			k.ok(k.Webhooks().Put(k.Context(), w))
			k.reopen()
			got, err := k.Webhooks().Get(k.Context(), "team")
			k.ok(err)
			equal(k, "payload", asJSON(got.Payload), asJSON(w.Payload))
			equal(k, "attachments", asJSON(got.Attachments), asJSON(w.Attachments))
			equal(k, "blocks", asJSON(got.Blocks), asJSON(w.Blocks))
			if strings.Contains(asJSON(got.Payload), "e+") {
				k.Errorf("a number lost its form: %s", asJSON(got.Payload))
			}
		}},
		{"listed by name, replaced by ID", func(k *kit) {
			for _, w := range []calbell.Webhook{hooked("b", "zebra"), hooked("a", "yak"), hooked("b", "aardvark")} {
				k.ok(k.Webhooks().Put(k.Context(), w))
			}
			equal(k, "webhooks", k.hooks(), []calbell.Webhook{hooked("b", "aardvark"), hooked("a", "yak")})
		}},
		{"without ID", func(k *kit) {
			k.kind(k.Webhooks().Put(k.Context(), hooked("", "x")), calbell.KindUsage)
			equal(k, "webhooks", k.hooks(), nil)
		}},
	}
}

func findingTests() []test {
	return []test{
		{"by its ID and by nothing else", func(k *kit) {
			k.ok(k.Webhooks().Put(k.Context(), hooked("anna.old", "kChat #Équipe")))
			k.ok(k.Webhooks().Put(k.Context(), hooked("other", "anna.old")))
			k.ok(k.Webhooks().Put(k.Context(), hooked("third", "gone")))
			got, err := k.Webhooks().Get(k.Context(), "anna.old")
			if err != nil || got.ID != "anna.old" {
				k.Errorf("%q, %v", got.ID, err)
			}
			for _, id := range []calbell.WebhookID{"", "gone", "OTHER", "anna-old", "kchat-équipe", "kChat #Équipe"} {
				_, err := k.Webhooks().Get(k.Context(), id)
				k.kind(err, calbell.KindNotFound)
			}
		}},
		{"one of the file hides a stored one", func(k *kit) {
			k.ok(k.Webhooks().Put(k.Context(), hooked("team", "Stored")))
			k.ok(k.Webhooks().Put(k.Context(), hooked("other", "Filed")))
			file := ofFile(hooked("team", "Filed"))
			k.ok(k.SetFileWebhooks(k.Context(), []calbell.Webhook{file}))
			k.reopen()
			equal(k, "webhooks", k.hooks(), []calbell.Webhook{hooked("other", "Filed"), file})
			got, err := k.Webhooks().Get(k.Context(), "team")
			k.ok(err)
			equal(k, "team", got, file)
			k.ok(k.SetFileWebhooks(k.Context(), nil))
			got, err = k.Webhooks().Get(k.Context(), "team")
			k.ok(err)
			equal(k, "seen again", got, hooked("team", "Stored"))
		}},
		{"origins are what the method says", func(k *kit) {
			k.ok(k.Webhooks().Put(k.Context(), ofFile(hooked("a", "a"))))
			k.ok(k.SetFileWebhooks(k.Context(), []calbell.Webhook{hooked("b", "b")}))
			equal(k, "webhooks", k.hooks(), []calbell.Webhook{hooked("a", "a"), ofFile(hooked("b", "b"))})
		}},
	}
}

func removingTests() []test {
	return []test{
		{"removed", func(k *kit) {
			k.ok(k.Webhooks().Put(k.Context(), hooked("a", "a")))
			k.ok(k.SetFileWebhooks(k.Context(), []calbell.Webhook{hooked("b", "b")}))
			k.ok(k.Webhooks().Remove(k.Context(), "a"))
			k.kind(k.Webhooks().Remove(k.Context(), "a"), calbell.KindNotFound)
			k.kind(k.Webhooks().Remove(k.Context(), "b"), calbell.KindNotFound)
			equal(k, "webhooks", k.hooks(), []calbell.Webhook{ofFile(hooked("b", "b"))})
		}},
		{"a wrong file changes nothing", func(k *kit) {
			good := ofFile(hooked("a", "a"))
			k.ok(k.SetFileWebhooks(k.Context(), []calbell.Webhook{good}))
			bad := []calbell.Webhook{hooked("b", "b"), hooked("", "c")}
			k.kind(k.SetFileWebhooks(k.Context(), bad), calbell.KindUsage)
			equal(k, "webhooks", k.hooks(), []calbell.Webhook{good})
		}},
		{"what is returned is the caller's own", func(k *kit) {
			w := hooked("a", "a")
			w.Payload = map[string]any{"text": "%subject%"}
			k.ok(k.Webhooks().Put(k.Context(), w))
			k.hooks()[0].Payload.(map[string]any)["text"] = "changed"
			equal(k, "payload", asJSON(k.hooks()[0].Payload), `{"text":"%subject%"}`)
			var any json.RawMessage
			k.ok(json.Unmarshal([]byte(asJSON(k.hooks()[0])), &any))
			if strings.Contains(string(any), "hooks/a") {
				k.Errorf("the URL shows: %s", any)
			}
		}},
	}
}

func stateTests() []test {
	return []test{
		{"states", func(k *kit) {
			full := calbell.WebhookState{
				PausedUntil: at(time.Minute), RefusedAt: at(1), SuspendedAt: at(2), ProbeAt: at(time.Hour), Reason: calbell.Plain("gone"),
			}
			k.ok(k.WebhookStates().Put(k.Context(), store.WebhookState{ID: "a", WebhookState: full}))
			k.ok(k.WebhookStates().Put(k.Context(), store.WebhookState{ID: "b", WebhookState: calbell.WebhookState{Reason: calbell.Plain("x")}}))
			k.ok(k.WebhookStates().Put(k.Context(), store.WebhookState{ID: "b", WebhookState: calbell.WebhookState{}}))
			k.ok(k.WebhookStates().Put(k.Context(), store.WebhookState{ID: "c", WebhookState: calbell.WebhookState{}}))
			k.reopen()
			got, err := store.StatesByWebhook(k.Context(), k.WebhookStates())
			k.ok(err)
			equal(k, "states", got, map[calbell.WebhookID]calbell.WebhookState{"a": full})
		}},
		{"a state goes with its webhook", func(k *kit) {
			bad := calbell.WebhookState{SuspendedAt: at(0), Reason: calbell.Plain("gone")}
			for _, id := range []string{"a", "b"} {
				k.ok(k.Webhooks().Put(k.Context(), hooked(id, id)))
				k.ok(k.WebhookStates().Put(k.Context(), store.WebhookState{ID: calbell.WebhookID(id), WebhookState: bad}))
			}
			k.ok(k.SetFileWebhooks(k.Context(), []calbell.Webhook{hooked("b", "b")}))
			k.ok(k.Webhooks().Remove(k.Context(), "a"))
			k.ok(k.Webhooks().Remove(k.Context(), "b"))
			got, err := store.StatesByWebhook(k.Context(), k.WebhookStates())
			k.ok(err)
			equal(k, "states", got, map[calbell.WebhookID]calbell.WebhookState{"b": bad})
		}},
	}
}
