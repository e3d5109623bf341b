package dialect

import (
	"encoding/json"
	"unicode/utf8"
)

// attachedExtra is the length that a server adds to each attachment, for the fields that it
// lacks.
const attachedExtra = 250

// SizeOf returns the length of a message's attachments as JSON, in characters, as a server
// counts it against [Dialect.Attached].
func (d *Dialect) SizeOf(attachments any) int {
	text, err := json.Marshal(attachments)
	if d.Attached == 0 || err != nil {
		return 0 // such attachments are rejected before posting
	}
	list, _ := attachments.([]any)
	return utf8.RuneCount(text) + attachedExtra*len(list)
}
