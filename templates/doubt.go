package templates

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"calbell"
)

// errNoVariable is the doubt about a webhook whose messages all say the same.
var errNoVariable = errors.New("no variable: every reminder is posted with the same words")

// otherStyle finds variables as other programs write them: {{subject}}, {{ .Subject }}, ${subject}, {subject}.
var otherStyle = regexp.MustCompile(`^(?:\{\{ *\.?([A-Za-z_]+) *\}\}|\$?\{([A-Za-z_]+)\})`)

// openVariable finds a variable whose closing sign is missing.
var openVariable = regexp.MustCompile(`^%([a-z_]+)`)

// Doubts returns what in a webhook's templates is valid and probably not meant so: what looks like
// a variable and is posted as it stands, optional parts that never end, and messages that have no
// variable at all. Each is a [*FieldError].
func Doubts(w calbell.Webhook) (all []error) {
	d := doubter{}
	d.text("template", w.Template)
	for _, f := range []struct{ field, text string }{
		{"channel", w.Channel}, {"username", w.Username}, {"icon_url", w.IconURL}, {"icon_emoji", w.IconEmoji}, {"type", w.Type},
	} {
		d.text(f.field, f.text)
	}
	for _, f := range []struct {
		field string
		tree  any
	}{{"attachments", w.Attachments}, {"blocks", w.Blocks}, {"payload", w.Payload}} {
		d.tree(f.field, f.tree, 0)
	}
	if strings.TrimSpace(w.Template) != "" && w.Style != styleCard && !d.varies {
		d.found = append(d.found, &FieldError{Field: "template", Err: errNoVariable})
	}
	return d.found
}

// doubter looks through the templates of a webhook.
type doubter struct {
	found  []error
	varies bool // something of a message follows from the event
}

func (d *doubter) tree(field string, v any, depth int) {
	if depth > maxTreeDepth {
		return // an error already
	}
	switch v := v.(type) {
	case string:
		d.text(field, v)
	case []any:
		for i, e := range v {
			d.tree(fmt.Sprintf("%s[%d]", field, i), e, depth+1)
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			d.tree(field+"."+k, v[k], depth+1)
		}
	}
}

// text looks through one template, as the parser reads it.
func (d *doubter) text(field, src string) {
	if len(src) > calbell.MaxTemplateBytes {
		return // an error already
	}
	var open []int // where optional parts begin
	for pos := 0; pos < len(src); {
		rest := src[pos:]
		step := 1
		switch rest[0] {
		case '%':
			step = d.percent(field, src, pos)
		case '[':
			step = run(rest, '[')
			for range min(step/2, maxSections-min(len(open), maxSections)) {
				open = append(open, pos)
			}
		case ']':
			step = run(rest, ']')
			open = open[:len(open)-min(step/2, len(open))]
		case '{', '$':
			if m := otherStyle.FindStringSubmatch(rest); m != nil {
				d.posted(field, src, pos, m[0], m[1]+m[2])
				step = len(m[0])
			}
		}
		pos += step
	}
	for _, pos := range open {
		d.doubt(field, src, pos, &SyntaxError{Reason: calbell.English(`"[[" is never closed by "]]": the brackets are posted as they stand`)})
	}
}

// percent looks at what begins with a percent sign, and returns how long it is.
func (d *doubter) percent(field, src string, pos int) int {
	rest := src[pos:]
	if strings.HasPrefix(rest, "%%") {
		return 2
	}
	if _, _, n := scanReference(rest); n > 0 {
		d.varies = d.varies || field != "channel" && field != "type"
		return n
	}
	m := openVariable.FindStringSubmatch(rest)
	afterNumber := pos > 0 && src[pos-1] >= '0' && src[pos-1] <= '9'
	if m != nil && !afterNumber {
		d.posted(field, src, pos, m[0], m[1])
		return len(m[0])
	}
	return 1
}

// posted notes a text that is posted as it stands, when its word is that of a variable.
func (d *doubter) posted(field, src string, pos int, text, word string) {
	word = strings.ToLower(word)
	meant := variableHints[word]
	if _, known := variables[word]; known {
		meant = word
	}
	if meant != "" {
		d.doubt(field, src, pos, &SyntaxError{Reason: calbell.English("posted as it stands: %q", text), Suggestion: "%" + meant + "%"})
	}
}

// doubt notes a doubt about what stands at a place.
func (d *doubter) doubt(field, src string, pos int, e *SyntaxError) {
	before := src[:pos]
	e.Line = strings.Count(before, "\n") + 1
	e.Column = utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	d.found = append(d.found, &FieldError{Field: field, Err: e})
}
