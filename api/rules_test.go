package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"calbell/api/types"
)

// A rule is refused where it could mean nothing, at the field that makes it so, as a new one and as a
// change of one alike.
func TestRules(t *testing.T) {
	i := inhabit(t)
	i.furnish(t)
	for n, tt := range []struct{ rule, fields, want string }{
		{"no letter", `"name":"#","webhooks":["mine"]`, "body.name | needs a letter"},
		{"no webhook", `"name":"x"`, "body.webhooks | needs webhooks"},
		{"a webhook that is not there", `"name":"x","webhooks":["mine","none"]`, "body.webhooks[1] | no webhook"},
		{"no expression", `"name":"x","webhooks":["mine"],"subject":"/(/"`, "body.subject | "},
		{"no length", `"name":"x","webhooks":["mine"],"min_duration":"long"`, "body.min_duration | no length"},
		{"max before min", `"name":"x","webhooks":["mine"],"min_duration":"2h","max_duration":"1h"`, "body.max_duration | shorter"},
		{"nothing would ring", `"name":"x","webhooks":["mine"],"mode":"replace"`, "body.mode | replace without times"},
		{"no mode", `"name":"x","webhooks":["mine"],"mode":"loud"`, "body.mode | one of"},
		{"far away", `"name":"x","webhooks":["mine"],"position":1000000`, "body.position | "},
	} {
		i.steps(t, []step{
			{tt.rule, i.bob, "POST /rules", "{" + tt.fields + "}", http.StatusUnprocessableEntity, tt.want},
			{tt.rule + ", changed", i.bob, "POST /rules", fmt.Sprintf(`{"name":"r%d","mode":"off"}`, n), http.StatusCreated, `"editable":true`},
		})
	}
	i.steps(t, []step{
		{"lengths come back as written", i.bob, "POST /rules", `{"name":"long","mode":"off","min_duration":"30m","max_duration":"1d"}`, 201, `"min_duration":"30m","max_duration":"1d"`},
		{"a webhook by its name", i.bob, "GET /rules/bobs%20rule", "", 200, `"webhooks":["bob.mine"]`},
		{"a change is checked as a whole", i.bob, "PATCH /rules/long", `{"max_duration":"10m"}`, 422, "body.max_duration | shorter"},
		{"one that is renamed", i.bob, "PATCH /rules/long", `{"name":"longer"}`, 200, `"name":"longer"`},
		{"by its old name", i.bob, "GET /rules/long", "", 404, "no rule"},
		{"another's", i.carol, "GET /rules/" + string(i.rule), "", 404, "no rule"},
		{"for the admins", i.carol, "POST /rules", `{"name":"x","mode":"off","owner":""}`, 403, "by others"},
		{"which rules match", i.bob, "GET /events/" + i.event + "/rules", "", 200, `"decides":true`},
		{"of another's event", i.carol, "GET /events/" + i.event + "/rules", "", 404, "no event"},
		{"removed", i.bob, "DELETE /rules/longer", "", 204, ""},
		{"removed twice", i.bob, "DELETE /rules/longer", "", 404, "no rule"},
	})
}

// Rules are asked in the order of their positions, and a new one without a position comes last.
func TestOrderOfRules(t *testing.T) {
	i := inhabit(t)
	for name, position := range map[string]int{"second": 5, "first": -3} {
		i.steps(t, []step{{"made", i.bob, "POST /rules", fmt.Sprintf(`{"name":%q,"mode":"off","position":%d}`, name, position), 201, name}})
	}
	i.steps(t, []step{{"made", i.bob, "POST /rules", `{"name":"third","mode":"off"}`, 201, `"position":6`}})
	names := ""
	for _, r := range read[[]types.RuleEntry](t, i.ask(t, i.bob, "GET", "/rules", "")) {
		names += r.Name + " "
	}
	if names != "first second third " {
		t.Errorf("asked in the order %s", names)
	}
}
