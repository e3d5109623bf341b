package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"calbell"
)

// ReadJSON reads a field that holds JSON; an empty one is none.
func (f Form) ReadJSON(name string, tree *any) error {
	*tree = nil
	text := f.Trimmed(name)
	if text == "" {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	err := d.Decode(tree)
	if err == nil && d.Decode(new(any)) != io.EOF {
		err = calbell.Errorf("form:something-follows-end", "something follows its end")
	}
	if err != nil {
		*tree = nil
		return FieldError(name, calbell.Text{}, &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("form:no-json", "this is no JSON: %s", syntaxText(text, err))})
	}
	return nil
}

// syntaxText names the character that JSON does not have there, where package json names its
// first byte: a phone makes “ of ".
func syntaxText(text string, err error) calbell.Text {
	var e *json.SyntaxError
	if !errors.As(err, &e) || e.Offset < 1 || int(e.Offset) > len(text) || text[e.Offset-1] < utf8.RuneSelf {
		return jsonText(err)
	}
	r, _ := utf8.DecodeRuneInString(text[e.Offset-1:])
	return jsonText(errors.New(strings.Replace(err.Error(), strconv.QuoteRune(rune(text[e.Offset-1])), strconv.QuoteRune(r), 1)))
}

// jsonText returns the text of what encoding/json says of JSON that it cannot read.
func jsonText(err error) calbell.Text {
	said := err.Error()
	rest, ok := strings.CutPrefix(said, "invalid character ")
	switch what, after, found := strings.Cut(rest, " after "); {
	case said == "unexpected end of JSON input":
		return calbell.T("json:end", "unexpected end of JSON input")
	case !ok:
	case strings.HasSuffix(rest, " looking for beginning of value"):
		return calbell.T("json:value", "invalid character %s looking for beginning of value", strings.TrimSuffix(rest, " looking for beginning of value"))
	case strings.HasSuffix(rest, " looking for beginning of object key string"):
		return calbell.T("json:name", "invalid character %s looking for beginning of object key string", strings.TrimSuffix(rest, " looking for beginning of object key string"))
	case found:
		return calbell.T("json:after", "invalid character %s after %s", what, after)
	}
	return calbell.TextOfError(err)
}

// JSONText is what was sent for a field, else a tree as JSON.
func (f Form) JSONText(name string, tree any) string {
	if f.IsSent(name) || tree == nil {
		return f.Value(name)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(tree); err != nil { // it was decoded from JSON or YAML
		return ""
	}
	return strings.TrimSpace(out.String())
}
