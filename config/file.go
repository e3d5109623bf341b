package config

import (
	"errors"
	"fmt"

	"calbell/config/yamltree"

	"calbell"
)

// file is the configuration file with what was found in it.
type file struct {
	*yamltree.Document
	// mentions are the places in lists that name a webhook.
	mentions []mention
	// settings are the scalar keys as they are in force.
	settings []Shown
	// files are the files that the configuration names. holdsSecret reports whether the file itself
	// contains a secret. credentials is systemd's folder for the unit's credentials.
	files       []UsedFile
	holdsSecret bool
	credentials string
}

// ErrorAt returns an error that points into the file, for callers who check what this
// package cannot. It points at the value of yamlPath ("webhooks[0].template"), or, when
// line is not 0, at a position inside the value. line and col count from 1, col in
// characters; in block scalars and quoted texts too they count in the value, not in the
// file. For a path that the file does not have it points at the nearest existing one. The
// result is a *calbell.Error of KindConfig; [Join] combines several.
func (c *Config) ErrorAt(yamlPath string, line, col int, msg, hint calbell.Text) error {
	e := &yamltree.Error{Key: yamlPath, Msg: msg, Hint: hint}
	if c.doc != nil {
		e = c.doc.ErrorAt(yamlPath, line, col, msg, hint)
		if e.Shown = line > 0; !e.Shown { // only texts for people have positions inside
			e.Msg = c.doc.Unquote(yamlPath, e.Msg)
		}
		c.doc.Seal(e)
	}
	return yamltree.Errors{e}.Err()
}

// Where returns the position of a value as the prefix of messages, "config.yaml:4:7: "; ""
// when the configuration was not read from a file. line and col are as in [Config.ErrorAt].
func (c *Config) Where(yamlPath string, line, col int) string {
	if c.doc == nil {
		return ""
	}
	e := c.doc.ErrorAt(yamlPath, line, col, calbell.Text{}, calbell.Text{})
	if e.Line == 0 {
		return e.File + ": "
	}
	return fmt.Sprintf("%s:%d:%d: ", e.File, e.Line, e.Col)
}

// reject is [Config.ErrorAt] for a whole value.
func (c *Config) reject(yamlPath string, bad *yamltree.Error) error {
	e := &yamltree.Error{Key: yamlPath, Msg: bad.Msg, Hint: bad.Hint}
	if c.doc != nil {
		e = c.doc.ErrorAt(yamlPath, 0, 0, bad.Msg, bad.Hint)
		e.Shown = bad.Shown
		c.doc.Seal(e)
	}
	return yamltree.Errors{e}.Err()
}

// Join combines errors and skips nil ones. Findings are sorted by line; other errors become
// findings without a position. It returns nil when no error is left, otherwise a
// *calbell.Error of KindConfig around [Errors].
func Join(errs ...error) error {
	var all yamltree.Errors
	for _, err := range errs {
		var many yamltree.Errors
		var one *yamltree.Error
		switch {
		case err == nil:
		case errors.As(err, &many):
			all = append(all, many...)
		case errors.As(err, &one):
			all = append(all, one)
		default:
			all = append(all, &yamltree.Error{Msg: calbell.TextOfError(err), Hint: calbell.HintOf(err)})
		}
	}
	return all.Err()
}
