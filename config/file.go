package config

import (
	"errors"
	"fmt"

	"calbell/config/yamltree"

	"calbell"
)

// file is the configuration file, with what was met in it.
type file struct {
	*yamltree.Document
	// mentions are the places in lists that name a webhook.
	mentions []mention
	// settings are the scalar keys as they are in force.
	settings []Shown
	// files are those that the file names, holdsSecret is whether there is a secret in the file
	// itself, and credentials the folder that systemd keeps the unit's in.
	files       []UsedFile
	holdsSecret bool
	credentials string
}

// ErrorAt returns an error that points into the file, for those who check what this
// package cannot know: at the value of yamlPath ("webhooks[0].template"), or, when line
// is not 0, at that place inside the value. line and col count from 1, col in
// characters; in a block scalar and a quoted text too they are those of the value, not of
// the file. A path that the file does not have points at what is nearest.
// The result is a *calbell.Error of KindConfig; [Join] makes one of several.
func (c *Config) ErrorAt(yamlPath string, line, col int, msg, hint calbell.Text) error {
	e := &yamltree.Error{Key: yamlPath, Msg: msg, Hint: hint}
	if c.doc != nil {
		e = c.doc.ErrorAt(yamlPath, line, col, msg, hint)
		if e.Shown = line > 0; !e.Shown { // a place inside a value is one in a text for people
			e.Msg = c.doc.Unquote(yamlPath, e.Msg)
		}
		c.doc.Seal(e)
	}
	return yamltree.Errors{e}.Err()
}

// Where returns the place of a value as messages begin with it, "config.yaml:4:7: "; "" when the
// configuration was not read from a file. Line and col are as in [Config.ErrorAt].
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

// reject is [Config.ErrorAt] for what is wrong with a whole value.
func (c *Config) reject(yamlPath string, bad *yamltree.Error) error {
	e := &yamltree.Error{Key: yamlPath, Msg: bad.Msg, Hint: bad.Hint}
	if c.doc != nil {
		e = c.doc.ErrorAt(yamlPath, 0, 0, bad.Msg, bad.Hint)
		e.Shown = bad.Shown
		c.doc.Seal(e)
	}
	return yamltree.Errors{e}.Err()
}

// Join makes one error of several, nil ones left out: the findings among them sorted by
// line, each other error as a finding without a place. It returns nil when nothing is
// left, and otherwise a *calbell.Error of KindConfig around [Errors].
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
