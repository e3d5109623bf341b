package record

import (
	"bytes"
	"encoding/json"

	"calbell"
	"calbell/store"
)

// Kind describes plain records of one kind: what names one, and how it is written. Make one by the
// function of its name.
type Kind[T any] struct {
	// Noun is what people call one in errors.
	Noun string
	// Name returns what names one within its kind; "" for one that cannot be stored.
	Name func(v *T) string
	// Order is the order in which they are listed.
	Order func(a, b T) int
	// Check refuses what cannot be stored; nil: what has a name can.
	Check func(v *T) error
	// Groups returns the groups of one, each once; nil: the kind has no groups. OneGroup: each is in one
	// group, always.
	Groups   func(v *T) []store.Group
	OneGroup bool

	hash   string // keeps equal names of different kinds apart
	fold   func(name string) string
	pack   func(v T) any
	unpack func(dec *json.Decoder) (T, error)
}

// keyLen is how much of its name's hash is the key of a record.
const keyLen = 16

// newKind returns a kind whose records are written as JSON of an R: with the secrets that T hides.
func newKind[T, R any](hash, noun string, name func(*T) string, pack func(T) R, unpack func(R) T) Kind[T] {
	return Kind[T]{
		Noun: noun, Name: name, hash: hash,
		pack: func(v T) any { return pack(v) },
		unpack: func(dec *json.Decoder) (T, error) {
			var r R
			err := dec.Decode(&r)
			return unpack(r), err
		},
	}
}

// same is how a record is packed that is written as it is.
func same[T any](v T) T { return v }

// Key returns the row of the record of a name: a keyed hash.
func (k Kind[T]) Key(box *Sealer, name string) []byte {
	if k.fold != nil {
		name = k.fold(name)
	}
	return box.Hash(k.hash, name)[:keyLen]
}

// Encode writes a record.
func (k Kind[T]) Encode(v T) ([]byte, error) { return json.Marshal(k.pack(v)) }

// Decode reads what Encode wrote.
func (k Kind[T]) Decode(plain []byte) (T, error) {
	dec := json.NewDecoder(bytes.NewReader(plain))
	dec.UseNumber()
	return k.unpack(dec)
}

// Checked returns the error of a record that cannot be stored.
func (k Kind[T]) Checked(v *T) error {
	if k.Check != nil {
		return k.Check(v)
	}
	if k.Name(v) == "" {
		return usage(calbell.English("store %s: it has no ID", k.Noun))
	}
	return nil
}

func usage(what calbell.Text) error {
	return &calbell.Error{Kind: calbell.KindUsage, What: what}
}
