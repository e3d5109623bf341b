package dialect

import (
	"encoding/json"
	"unicode/utf8"
)

// attachedExtra is what a server adds to each attachment: the fields that it does not have.
const attachedExtra = 250

// SizeOf returns the characters of JSON of a message's attachments, as a server counts them against
// [Dialect.Attached].
func (d *Dialect) SizeOf(attachments any) int {
	text, err := json.Marshal(attachments)
	if d.Attached == 0 || err != nil {
		return 0 // what cannot be written is refused before it is posted
	}
	list, _ := attachments.([]any)
	return utf8.RuneCount(text) + attachedExtra*len(list)
}
