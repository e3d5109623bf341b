package bolt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
)

// sealVersion begins every sealed value, so that another way of sealing can follow.
const sealVersion = 1

var errSeal = errors.New("seal is broken")

// sealer seals values and hashes names. It is safe for concurrent use.
//
// Nonces are random: 2³² values under one key keep the odds of a repeat below 2⁻³², which
// is 13 years of ten writes a second into one bucket, and each bucket has a key of its own.
type sealer struct {
	aeads   map[bucket]cipher.AEAD // read-only once made
	hashKey []byte
}

// newSealer derives the keys of all buckets and of the hashes.
func newSealer(key Key) (*sealer, error) {
	s := &sealer{aeads: make(map[bucket]cipher.AEAD)}
	for _, b := range buckets() {
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

// bind returns the additional data that ties a value to its place.
func bind(b bucket, key []byte) []byte {
	ad := make([]byte, 0, len(b)+1+len(key))
	ad = append(ad, b...)
	ad = append(ad, 0)
	return append(ad, key...)
}

// seal returns the sealed form of a value for a row.
func (s *sealer) seal(b bucket, key, plain []byte) []byte {
	aead := s.aeads[b]
	out := make([]byte, 1, 1+len(plain)+aead.Overhead())
	out[0] = sealVersion
	return aead.Seal(out, nil, plain, bind(b, key))
}

// unseal appends the value of a row to dst. The error does not wrap the cause: there is
// only one, and it says nothing.
func (s *sealer) unseal(dst []byte, b bucket, key, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != sealVersion {
		return nil, fmt.Errorf("read row %x of %q: %w", brief(key), b, errSeal)
	}
	plain, err := s.aeads[b].Open(dst, nil, sealed[1:], bind(b, key))
	if err != nil {
		return nil, fmt.Errorf("read row %x of %q: %w", brief(key), b, errSeal)
	}
	return plain, nil
}

// hash returns 32 bytes that name a text without showing it. kind keeps equal texts of
// different meaning apart.
func (s *sealer) hash(kind, text string) []byte {
	h := hmac.New(sha256.New, s.hashKey)
	h.Write([]byte(kind))
	h.Write([]byte{0})
	h.Write([]byte(text))
	return h.Sum(nil)
}

// DeriveKey returns 32 secret bytes for a purpose outside the database. They follow from the
// database's key: they are the same over restarts and in a restored backup, and tell nothing of
// the key or of what is derived for another purpose.
func (s *Store) DeriveKey(purpose string) []byte { return s.box.hash("key", purpose) }
