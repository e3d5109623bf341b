package calbell

import (
	"encoding/json"
	"log/slog"
)

// redacted is what every printer shows instead of a secret.
const redacted = "[secret]"

// Secret is a string that no printer shows: a password, or a webhook URL (whoever has it can
// post). fmt, slog and encoding/json all print "[secret]". Only [Secret.Reveal] returns the
// value, so a search for Reveal finds every use.
//
// UnmarshalJSON reads a plain string. A store that must keep the value writes Reveal() into a
// field of its own, sealed.
type Secret string

// Reveal returns the value. Callers are responsible for where it goes.
func (s Secret) Reveal() string { return string(s) }

// String returns "[secret]", or "" when there is nothing to hide.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString keeps %#v from printing the value.
func (s Secret) GoString() string { return s.String() }

// LogValue keeps slog from printing the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON writes "[secret]", or "" when there is nothing to hide.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// MarshalText keeps encoders that prefer text (YAML, XML) from printing the value. A
// Secret must not be a map's key: encoding/json writes keys of kind string as they are.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
