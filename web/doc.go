// Package web is the page: HTML rendered here, with one style sheet and one small script, all
// embedded. Every form works without the script. Who may do what, service decides; the page can do
// nothing that the API cannot. How forms are read is in web/form, how things are said to the reader
// in web/words.
//
// It may import the root package, api/types, service, templates/markup, web/chat, web/form,
// web/i18n, web/words and webhook/dialect.
//
//	web.go          routes, and what stands before every page
//	view.go         what every page knows, and how it is answered
//	pagetypes.go    a type for each page: its handlers, and what its template asks for
//	header.go       what is wrong, at the top of every page
//	choices.go      webhooks and owners to choose from
//	bidi.go         text whose direction strangers choose
//	files.go        what does not change, with names that follow from its content
//
//	signin.go       sign-in, sign-out, set-up
//	agenda.go       the agenda, as a list
//	month.go        … as a month
//	event.go        an event, its reminders, and why it rings
//	newevent.go     a new event
//	deliveries.go   what was sent, and what comes next
//	webhooks.go     webhooks
//	webhookform.go  … their form
//	preview.go      … and what they would post
//	calendars.go    calendars and their settings
//	connect.go      accounts, from discovery to the first sync
//	rules.go        rules, and which of them match
//	pauses.go       pauses
//	settings.go     a person's own settings and tokens
//	admin.go        users, configuration, help
//
//	templates/      layout.html, parts.html, and a file for each page that defines "main"
//	static/         app.css, app.js, and the icon
//	i18n/           the words in all languages
package web
