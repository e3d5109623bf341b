package record

import (
	"bytes"
	"encoding/json"

	"calbell"
	"calbell/store"
)

// Kind describes plain records of one kind: their names and their encoding. Kinds are created
// by the functions named after them.
type Kind[T any] struct {
	// Noun names the kind in errors.
	Noun string
	// Name returns the record's unique name within its kind; "" for a record that cannot be
	// stored.
	Name func(v *T) string
	// Order is the order of lists.
	Order func(a, b T) int
	// Check rejects records that cannot be stored; nil: any record with a name can.
	Check func(v *T) error
	// Groups returns a record's groups, each once; nil: the kind has no groups. OneGroup is set
	// when each record is always in exactly one group.
	Groups   func(v *T) []store.Group
	OneGroup bool

	hash   string // keeps equal names of different kinds apart
	fold   func(name string) string
	pack   func(v T) any
	unpack func(dec *json.Decoder) (T, error)
}

// keyLen is the length of a record's key, the beginning of its name's hash.
const keyLen = 16

// newKind returns a kind whose records are stored as JSON of an R, which includes the secrets
// that T hides.
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

// same returns a record that is stored as it is.
func same[T any](v T) T { return v }

// Key returns the row of the record with a name: a keyed hash.
func (k Kind[T]) Key(box *Sealer, name string) []byte {
	if k.fold != nil {
		name = k.fold(name)
	}
	return box.Hash(k.hash, name)[:keyLen]
}

// Encode encodes a record.
func (k Kind[T]) Encode(v T) ([]byte, error) { return json.Marshal(k.pack(v)) }

// Decode decodes the output of Encode.
func (k Kind[T]) Decode(plain []byte) (T, error) {
	dec := json.NewDecoder(bytes.NewReader(plain))
	dec.UseNumber()
	return k.unpack(dec)
}

// Checked returns why a record cannot be stored.
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
