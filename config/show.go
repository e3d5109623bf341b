package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"calbell/config/yamltree"
)

// The origins of a value.
const (
	FromFlag        = "flag"
	FromFile        = "file"
	FromEnvironment = "environment"
	FromDefault     = "default"
)

// Shown is a value in force with its origin.
type Shown struct {
	Key    string `json:"key"`    // "sync.interval", "webhooks[0].name"
	Value  string `json:"value"`  // as in the file; a secret is "[secret]"
	Origin string `json:"origin"` // flag, environment, file or default
	// Effect is when a change of it takes effect.
	Effect Effect `json:"takes_effect"`
	// Waits reports that the running program uses another value until a restart. Show does not set it.
	Waits bool `json:"waits,omitempty"`
}

// Show returns the values in force: each key of the tables, and everything else in the file.
// Secrets, and values of keys that sound like secrets, are masked; of a secret URL the host
// is shown. It returns nil for a configuration that was not read from a file.
func (c *Config) Show() []Shown {
	if c.doc == nil {
		return nil
	}
	shown := c.doc.show(slices.Clone(c.doc.settings), "", "", c.doc.Index[""])
	effects := effects()
	for _, key := range effects.keys { // a list that the file does not hold
		if !slices.ContainsFunc(shown, func(s Shown) bool { return s.Key == key || strings.HasPrefix(s.Key, key+"[") }) {
			shown = append(shown, Shown{Key: key, Value: "[]", Origin: FromDefault})
		}
	}
	for i := range shown {
		shown[i].Effect = effects.of(shown[i].Key)
	}
	return shown
}

// note records the value and the origin of a scalar key.
func (d *file) note(s setting, origin string) {
	d.settings = append(d.settings, Shown{Key: s.key, Value: yamltree.MaskURLs(fmt.Sprint(s.get())), Origin: origin})
}

// show appends the single values at and below a path that are not scalar keys. key is the
// nearest key above them.
func (d *file) show(shown []Shown, path, key string, n *yamltree.Node) []Shown {
	isSetting := func(s Shown) bool { return s.Key == path }
	switch n.Kind {
	case yamltree.Sequence:
		for i, item := range n.Items {
			shown = d.show(shown, fmt.Sprintf("%s[%d]", path, i), key, item)
		}
		if len(n.Items) == 0 {
			shown = append(shown, Shown{Key: path, Value: "[]", Origin: FromFile})
		}
	case yamltree.Mapping:
		for _, e := range n.Entries {
			shown = d.show(shown, yamltree.Join(path, e.Key), e.Key, e.Value)
		}
	case yamltree.Scalar:
		if !slices.ContainsFunc(d.settings, isSetting) {
			shown = append(shown, Shown{Key: path, Value: d.shownValue(path, key, n), Origin: FromFile})
		}
	}
	return shown
}

// shownValue returns a value with secrets masked. The URL of a subscription is a secret
// too.
func (d *file) shownValue(path, key string, n *yamltree.Node) string {
	tree := strings.Contains(path, ".attachments") || strings.Contains(path, ".blocks") || strings.Contains(path, ".payload")
	if d.IsHidden(n) || key == "url" || tree && soundsSecret.MatchString(key) {
		return yamltree.MaskURL(strings.TrimSpace(n.Text))
	}
	return d.MaskValue(n.Text)
}

// soundsSecret finds keys of other programs, in trees, that may hold a secret.
var soundsSecret = regexp.MustCompile(`(?i)(ur[il]|pass[a-z]*|pwd|secret|token|key|auth[a-z]*)$`)
