package markup

// Piece is a part of a text: what its author wrote, in the markup of the chat, or a value.
type Piece struct {
	Text string // of a value: clean, not yet escaped
	As   *Value // nil: the author's text
	Own  bool   // the value is the author's text too, as a default is
}

// empty reports whether the piece is a value without a text.
func (p Piece) empty() bool { return p.As != nil && p.Text == "" }

// Value says how a value is written, whatever its text is.
type Value struct {
	Address bool // it stands for an address
	Title   bool // it is the title of the message
	Wraps   []Wrap
}

// Wrap is what is put around a value.
type Wrap struct {
	Kind  WrapKind
	Words string // of a link
}

// WrapKind is a way of setting a value apart.
type WrapKind uint8

// The ways.
const (
	Bold WrapKind = iota
	Code
	Quote
	Link // to the value, which is an address
)

// wrap returns the wrap of a kind.
func (v *Value) wrap(kind WrapKind) (Wrap, bool) {
	for _, w := range v.Wraps {
		if w.Kind == kind {
			return w, true
		}
	}
	return Wrap{}, false
}

// mark returns the first character of the mark before a value; first when there is none.
func (v *Value) mark(first byte) byte {
	if len(v.Wraps) == 0 {
		return first
	}
	switch v.Wraps[0].Kind {
	case Code:
		return '`'
	case Bold:
		return '*'
	case Link:
		return '['
	}
	return '\n'
}
