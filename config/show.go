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

// Shown is a value in force, with where it comes from.
type Shown struct {
	Key    string `json:"key"`    // "sync.interval", "webhooks[0].name"
	Value  string `json:"value"`  // as it would be written; a secret is "[secret]"
	Origin string `json:"origin"` // flag, environment, file or default
	// Effect is when a change of it takes effect.
	Effect Effect `json:"takes_effect"`
	// Waits: the running program goes by another value until it is started again. Show does not know.
	Waits bool `json:"waits,omitempty"`
}

// Show lists what is in force: each scalar key, and what else the file holds. Secrets, and
// what follows a key that sounds like one, are left out; of a URL that is one, the host is
// shown. A configuration that was not read from a file shows nothing.
func (c *Config) Show() []Shown {
	if c.doc == nil {
		return nil
	}
	shown := c.doc.show(slices.Clone(c.doc.settings), "", "", c.doc.Index[""])
	effects := effects()
	for i := range shown {
		shown[i].Effect = effects.of(shown[i].Key)
	}
	return shown
}

// note remembers what a scalar key came to.
func (d *file) note(s setting, origin string) {
	d.settings = append(d.settings, Shown{Key: s.key, Value: yamltree.MaskURLs(fmt.Sprint(s.get())), Origin: origin})
}

// show appends the single values at and below a path that are no scalar keys. key is the
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

// shownValue returns a value as it may be shown. The address of a subscription is a secret too.
func (d *file) shownValue(path, key string, n *yamltree.Node) string {
	tree := strings.Contains(path, ".attachments") || strings.Contains(path, ".blocks") || strings.Contains(path, ".payload")
	if d.IsHidden(n) || key == "url" || tree && soundsSecret.MatchString(key) {
		return yamltree.MaskURL(strings.TrimSpace(n.Text))
	}
	return d.MaskValue(n.Text)
}

// soundsSecret finds keys of other programs, in trees, that may hold a secret.
var soundsSecret = regexp.MustCompile(`(?i)(ur[il]|pass[a-z]*|pwd|secret|token|key|auth[a-z]*)$`)
