package record

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
)

// sealVersion is the first byte of every sealed value, so that the format can change.
const sealVersion = 1

// ErrSeal reports a row that was changed, moved or sealed under another key.
var ErrSeal = errors.New("seal is broken")

// Sealer seals values and hashes names. It is safe for concurrent use.
//
// Nonces are random: 2³² values under one key keep the odds of a repeat below 2⁻³², which
// is 13 years of ten writes a second into one bucket, and each bucket has a key of its own.
type Sealer struct {
	aeads   map[Table]cipher.AEAD // read-only once made
	hashKey []byte
}

// Table names a table of sealed rows: each has a key of its own.
type Table string

// NewSealer derives the keys of the tables and of the hashes.
func NewSealer(key Key, tables []Table) (*Sealer, error) {
	s := &Sealer{aeads: make(map[Table]cipher.AEAD, len(tables))}
	for _, b := range tables {
		sub, err := hkdf.Key(sha256.New, key[:], nil, "calbell seal "+string(b), len(key))
		if err != nil {
			return nil, fmt.Errorf("derive key of %q: %w", b, err)
		}
		block, err := aes.NewCipher(sub)
		if err != nil {
			return nil, fmt.Errorf("derive key of %q: %w", b, err)
		}
		if s.aeads[b], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return nil, fmt.Errorf("derive key of %q: %w", b, err)
		}
	}
	var err error
	s.hashKey, err = hkdf.Key(sha256.New, key[:], nil, "calbell names", len(key))
	return s, err
}

// bind returns the additional data that ties a value to its row.
func bind(b Table, key []byte) []byte {
	ad := make([]byte, 0, len(b)+1+len(key))
	ad = append(ad, b...)
	ad = append(ad, 0)
	return append(ad, key...)
}

// Seal returns the sealed form of a value for a row.
func (s *Sealer) Seal(b Table, key, plain []byte) []byte {
	aead := s.aeads[b]
	out := make([]byte, 1, 1+len(plain)+aead.Overhead())
	out[0] = sealVersion
	return aead.Seal(out, nil, plain, bind(b, key))
}

// Unseal appends the value of a row to dst. Its error does not wrap the cause, which is always
// the same and carries no information.
func (s *Sealer) Unseal(dst []byte, b Table, key, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != sealVersion {
		return nil, fmt.Errorf("read row %x of %q: %w", Brief(key), b, ErrSeal)
	}
	plain, err := s.aeads[b].Open(dst, nil, sealed[1:], bind(b, key))
	if err != nil {
		return nil, fmt.Errorf("read row %x of %q: %w", Brief(key), b, ErrSeal)
	}
	return plain, nil
}

// Hash returns 32 bytes that identify a text without revealing it. kind separates equal texts
// of different meaning.
func (s *Sealer) Hash(kind, text string) []byte {
	h := hmac.New(sha256.New, s.hashKey)
	h.Write([]byte(kind))
	h.Write([]byte{0})
	h.Write([]byte(text))
	return h.Sum(nil)
}

// Brief shortens a key or a value for display: a damaged one may be as long as the mapped file.
func Brief(b []byte) []byte { return b[:min(len(b), 64)] }
