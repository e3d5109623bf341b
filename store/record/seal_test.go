package record

import (
	"bytes"
	"errors"
	"testing"
)

// Tables of tests.
const objects, raws Table = "objects", "raws"

func TestSealOpensOnlyInItsPlace(t *testing.T) {
	box, err := NewSealer(Key{1, 2, 3}, []Table{objects, raws})
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewSealer(Key{9}, []Table{objects})
	if err != nil {
		t.Fatal(err)
	}
	sealed := box.Seal(objects, []byte("row"), []byte("text"))
	if plain, err := box.Unseal(nil, objects, []byte("row"), sealed); err != nil || string(plain) != "text" {
		t.Fatalf("%q, %v", plain, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"other row":    func() ([]byte, error) { return box.Unseal(nil, objects, []byte("row2"), sealed) },
		"other bucket": func() ([]byte, error) { return box.Unseal(nil, raws, []byte("row"), sealed) },
		"other key":    func() ([]byte, error) { return other.Unseal(nil, objects, []byte("row"), sealed) },
		"nothing":      func() ([]byte, error) { return box.Unseal(nil, objects, []byte("row"), nil) },
	} {
		if _, err := open(); !errors.Is(err, ErrSeal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range len(sealed) * 8 {
		bad := bytes.Clone(sealed)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := box.Unseal(nil, objects, []byte("row"), bad); !errors.Is(err, ErrSeal) {
			t.Errorf("bit %d turned: %v", i, err)
		}
	}
	for n := range sealed {
		if _, err := box.Unseal(nil, objects, []byte("row"), sealed[:n]); !errors.Is(err, ErrSeal) {
			t.Errorf("cut to %d: %v", n, err)
		}
	}
	if again := box.Seal(objects, []byte("row"), []byte("text")); bytes.Equal(again, sealed) {
		t.Error("sealed twice into the same bytes: the nonce does not change")
	}
}

func FuzzUnseal(f *testing.F) {
	box, err := NewSealer(Key{1, 2, 3}, []Table{objects})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("row"), box.Seal(objects, []byte("row"), []byte("text")))
	f.Add([]byte{}, []byte{sealVersion})
	f.Fuzz(func(t *testing.T, key, sealed []byte) {
		plain, err := box.Unseal(nil, objects, key, sealed)
		if err == nil && (string(key) != "row" || string(plain) != "text") {
			t.Errorf("opened %x at %x", sealed, key)
		}
	})
}
