package calbell

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Matcher is a compiled pattern of a rule. The zero value matches anything.
type Matcher struct {
	within string // lower-case, NFC; "" when re is set
	re     *regexp.Regexp
	steps  int // of re
}

// PatternError reports what is invalid in a pattern of a rule.
type PatternError struct {
	At     int  // where, in characters from 0
	Reason Text // what is wrong there
}

// Error returns the position and the reason.
func (e *PatternError) Error() string {
	return e.Text().English
}

// Text returns the position and the reason as a text with its keys.
func (e *PatternError) Text() Text {
	return T("pattern:at", "character %d: %s", e.At+1, e.Reason)
}

// NewMatcher compiles a pattern of a rule: a text to be contained in another text, or, between
// slashes, a regular expression of Go's syntax (RE2: its time grows linearly with the text's
// length). It ignores letter case and how accents are composed. Its error is a [*PatternError].
func NewMatcher(text string) (Matcher, error) {
	inner, ok := expression(text)
	switch {
	case strings.TrimSpace(inner) == "":
		return Matcher{}, &PatternError{Reason: T("domain:nothing-look", "empty pattern")}
	case len(text) > MaxPatternBytes:
		return Matcher{}, &PatternError{Reason: T("domain:longer-than-bytes", "longer than %d bytes", MaxPatternBytes)}
	case !ok:
		return Matcher{within: foldText(text)}, nil
	}
	pattern := "(?i)" + norm.NFC.String(inner)
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return Matcher{}, patternError(inner, err)
	}
	steps := stepsOf(tree)
	if steps > MaxPatternSteps {
		return Matcher{}, &PatternError{Reason: T("domain:repetitions-come-more-than", "its repetitions expand to more than %d steps", MaxPatternSteps)}
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return Matcher{}, patternError(inner, err)
	}
	return Matcher{re: re, steps: steps}, nil
}

// Steps estimates the memory and time that an expression takes, see [MaxPatternSteps]. A plain
// text takes 0.
func (m Matcher) Steps() int { return m.steps }

// stepsOf estimates the number of steps of an expression with its repetitions written out, as
// they are for matching. It stops counting after MaxPatternSteps.
func stepsOf(tree *syntax.Regexp) int {
	const classes = 16 // number of class bounds that take as much memory as one step
	steps := 1
	switch tree.Op {
	case syntax.OpLiteral:
		steps = len(tree.Rune)
	case syntax.OpCharClass:
		steps += len(tree.Rune) / classes
	}
	for _, sub := range tree.Sub {
		if steps += stepsOf(sub); steps > MaxPatternSteps {
			return steps
		}
	}
	if tree.Op == syntax.OpRepeat {
		steps *= max(tree.Min, tree.Max, 1) // at most 1000
	}
	return steps
}

// expression returns the text between the slashes; ok is false when there are none and the
// pattern is a plain text.
func expression(text string) (inner string, ok bool) {
	if len(text) < 2 || text[0] != '/' || text[len(text)-1] != '/' {
		return text, false
	}
	return text[1 : len(text)-1], true
}

// patternError converts an error of regexp. It finds the position of the part that regexp
// quotes.
func patternError(inner string, err error) *PatternError {
	var bad *syntax.Error
	if !errors.As(err, &bad) {
		return &PatternError{Reason: TextOfError(err)}
	}
	at := max(0, strings.LastIndex(inner, bad.Expr))
	return &PatternError{At: utf8.RuneCountInString(inner[:at]) + 1, Reason: syntaxText(bad.Code)}
}

// syntaxText returns the text for an error in a regular expression.
func syntaxText(code syntax.ErrorCode) Text {
	switch code {
	case syntax.ErrMissingBracket:
		return T("pattern:missing-bracket", "missing closing ]")
	case syntax.ErrMissingParen:
		return T("pattern:missing-parenthesis", "missing closing )")
	case syntax.ErrUnexpectedParen:
		return T("pattern:unexpected-parenthesis", "unexpected )")
	case syntax.ErrMissingRepeatArgument:
		return T("pattern:nothing-to-repeat", "missing argument to repetition operator")
	case syntax.ErrInvalidEscape:
		return T("pattern:invalid-escape", "invalid escape sequence")
	case syntax.ErrInvalidCharRange:
		return T("pattern:invalid-range", "invalid character class range")
	case syntax.ErrTrailingBackslash:
		return T("pattern:trailing-backslash", "trailing backslash at end of expression")
	case syntax.ErrInvalidRepeatSize:
		return T("pattern:invalid-repeat-count", "invalid repeat count")
	case syntax.ErrInvalidRepeatOp:
		return T("pattern:nested-repetition", "invalid nested repetition operator")
	case syntax.ErrNestingDepth:
		return T("pattern:nested-too-deeply", "expression nests too deeply")
	}
	return Plain(code.String())
}

// Match reports whether the text matches the pattern.
func (m Matcher) Match(text string) bool {
	if m.re != nil {
		return m.re.MatchString(norm.NFC.String(text))
	}
	return strings.Contains(foldText(text), m.within)
}

// foldText returns a text without differences in letter case and in how accents are composed.
func foldText(s string) string { return norm.NFC.String(strings.ToLower(norm.NFC.String(s))) }
