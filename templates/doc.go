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
// the template's own text) lose their power on the way: mentions, links, images,
// emphasis, code fences and block markers of the target are escaped, and only where
// they would render. What is safe depends on where a value lands, so the place of
// each (plain text, code span, code block, link) is worked out over the pieces of the
// message about to be sent.
package templates
