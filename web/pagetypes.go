package web

// The handlers of a page, and what its template asks for, are methods of the page's own type; each
// has what every page knows.
type (
	adminPages    struct{ *view }
	agendaPages   struct{ *view } // the list and the month
	calendarPages struct{ *view }
	connectPages  struct{ *view } // accounts
	deliveryPages struct{ *view } // what was sent, and what comes next
	eventPages    struct{ *view }
	pausePages    struct{ *view }
	rulePages     struct{ *view }
	settingsPages struct{ *view }
	signInPages   struct{ *view }
	webhookPages  struct{ *view }
)

// on returns the handler that a method of a page's type is.
func on[P ~struct{ *view }](method func(P) error) func(*view) error {
	return func(v *view) error { return method(P{v}) }
}

// as returns a view as the type of another page whose method is wanted.
func as[P ~struct{ *view }](v *view) P { return P{v} }
