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

// ReadJSON parses a field with JSON. For an empty field it sets *tree to nil.
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

// syntaxText names the unexpected character, where encoding/json names only its first byte.
// Phones often type “ instead of ".
func syntaxText(text string, err error) calbell.Text {
	var e *json.SyntaxError
	if !errors.As(err, &e) || e.Offset < 1 || int(e.Offset) > len(text) || text[e.Offset-1] < utf8.RuneSelf {
		return jsonText(err)
	}
	r, _ := utf8.DecodeRuneInString(text[e.Offset-1:])
	return jsonText(errors.New(strings.Replace(err.Error(), strconv.QuoteRune(rune(text[e.Offset-1])), strconv.QuoteRune(r), 1)))
}

// jsonText returns our text for an error of encoding/json.
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

// JSONText returns the sent value of a field, else a tree as JSON.
func (f Form) JSONText(name string, tree any) string {
	if f.IsSent(name) || tree == nil {
		return f.Value(name)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(tree); err != nil { // impossible: it was decoded from JSON or YAML
		return ""
	}
	return strings.TrimSpace(out.String())
}
