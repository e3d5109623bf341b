package dialect

import (
	"calbell"
	"calbell/templates/markup"
)

// generic is any receiver of a JSON body. Only its definition describes it, so its kind must be
// named.
var generic = &Dialect{
	Kind: calbell.KindJSON, Title: calbell.Plain("JSON"),
	Markup: markup.None, Burst: 1,
	Takes:   Fields{Attachments: true, Payload: true},
	Success: Success2xx,
	Body:    genericBody,
}

func genericBody(m calbell.Message) any {
	if m.Payload != nil {
		return m.Payload
	}
	return incomingOf(m)
}
