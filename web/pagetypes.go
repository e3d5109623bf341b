package web

// Each page has a type with its handlers and the methods that its template calls. All embed the view.
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

// on returns the handler for a method of a page's type.
func on[P ~struct{ *view }](method func(P) error) func(*view) error {
	return func(v *view) error { return method(P{v}) }
}

// as converts a view to the type of another page, to call one of its methods.
func as[P ~struct{ *view }](v *view) P { return P{v} }
