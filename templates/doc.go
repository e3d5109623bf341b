// Package templates turns a message template and an instance into the text that a
// chat shows: %subject%, %date% and their kin, in the reader's language and zone,
// escaped for the chat it goes to. It is pure: no I/O, no clock.
//
// # The language
//
//	%name%                 a variable; only when the name is letters and underscores,
//	                       so "50% off" and "%20" are safe
//	%name|mod|mod:arg%     modifiers change the value from left to right; an argument
//	                       ends at "|", "%" or the end of the line
//	%%                     a percent sign
//	[[ … ]]                printed only when a variable in it is not empty; literal
//	                       when there is no variable in it
//
// There are no loops and no code, so there is nothing to sandbox. A template is read
// once; what a variable stands for is never read again. [Variables] and [Modifiers]
// list the words.
//
// # Safety
//
// Whoever can send an invitation writes text that reaches a team's chat. Values (never
// the template's own text) lose their power on the way: templates/markup writes them, by the
// markup that the chat reads.
//
// It is pure, and may import the root package, templates/dates, templates/markup, webhook/dialect
// and golang.org/x/net.
//
// # Files
//
//	template.go    the default texts, and what a message is about
//	parse.go       template → nodes
//	variables.go   the variables
//	modifiers.go   the modifiers
//	suggest.go     the nearest known name
//	doubt.go       what is valid and probably not meant so
//
//	hook.go        a webhook's templates, compiled and rendered
//	check.go       … what is wrong with them, and with its other fields
//	rules.go       … by which rules each string of a tree is read
//	blocks.go      … Slack's blocks, within its limits
//	card.go        … the ready-made card
//	attached.go    … attachments, as long as the chat takes them
//	previews.go    … whether addresses are strangers'
//	notice.go      Calbell's own messages
//	noticetree.go  … for programs
//	agenda.go      agendas and corrections
//	render.go      a text: within the limit, never empty, marked when late or repeated
//	sample.go      made-up reminders to try a template with
//
//	scope.go       where the values of a message come from
//	locale.go      languages: how dates are written in them, which is up to templates/dates, and
//	words.go       the words that Unicode does not have
//	html.go        HTML, made readable
//	link.go        the way into a video meeting
package templates
