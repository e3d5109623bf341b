package eventindex

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"calbell"
)

// maxPlaced is how much of a title decides in which order events of one instant are listed.
const maxPlaced = 64

// Place is where an instance stands in a list: by its start, then by its title, or as much of
// that as a cursor holds, and its names. It does not move, whatever comes and goes around it.
type Place struct {
	Start    int64                `json:"s"` // Unix seconds
	Title    string               `json:"t"`
	Event    string               `json:"e"` // [calbell.EventID]
	Instance calbell.RecurrenceID `json:"i,omitempty"`
}

func placeOf(i Item) *Place {
	title := i.Instance.Summary
	if len(title) > maxPlaced {
		title = title[:maxPlaced]
	}
	return &Place{i.Instance.Start.Unix(), strings.ToValidUTF8(title, ""), i.id, i.Instance.RecurrenceID}
}

func (p *Place) start() time.Time { return time.Unix(p.Start, 0) }

func (p *Place) compare(o *Place) int {
	return cmp.Or(cmp.Compare(p.Start, o.Start), cmp.Compare(p.Title, o.Title), cmp.Compare(p.Event, o.Event), cmp.Compare(p.Instance, o.Instance))
}

// Cursor returns a place as an opaque text; "" for nil.
func (p *Place) Cursor() string {
	if p == nil {
		return ""
	}
	text, err := json.Marshal(p)
	if err != nil { // of plain fields: cannot happen
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// ParseCursor returns the place that a cursor names; nil, the beginning, for "".
func ParseCursor(cursor string) (*Place, error) {
	if cursor == "" {
		return nil, nil
	}
	p := &Place{}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, p)
	}
	if err != nil {
		return nil, fmt.Errorf("parse cursor: %w", err)
	}
	return p, nil
}
