package record

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"calbell"
	"calbell/internal/durable"
)

// Key is the secret that seals a database. The database is unreadable without it, so it must be
// backed up, but not beside the database's own copy.
type Key [32]byte

// String keeps a key out of logs.
func (Key) String() string { return "[secret]" }

// GoString keeps a key out of %#v.
func (k Key) GoString() string { return k.String() }

// maxKeyFile limits a key file: 32 bytes in any encoding, with white space around them.
const maxKeyFile = 4096

// LoadKey returns the key of the database at db.
//
// With a file (data.key_file, or the path of a systemd credential) the key is read from
// it; a file that does not exist is an error, because a mistyped path must not begin a
// new database under a new key. With file "" the key is in db + ".key", which is made
// (mode 0600) when neither it nor the database exists yet. A database whose key is gone
// is an error and never a reason for a new key.
//
// A key is 64 hex digits, the base64 of 32 bytes in any of its spellings, or 32 raw bytes.
// A file that everyone can read, or that others can write, is refused. Its group may read
// it: systemd grants a service its credentials by an access list, which shows as the
// group's bits, and so do the volumes of container platforms.
//
// Errors are of KindConfig and carry a hint.
func LoadKey(db, file string) (Key, error) {
	named := file != ""
	if !named {
		file = db + ".key"
	}
	key, err := readKey(file)
	switch {
	case err == nil || !errors.Is(err, fs.ErrNotExist):
		return key, err
	case named:
		return Key{}, keyError(file, calbell.English("the key file does not exist"),
			calbell.English("check data.key_file, or make a key: (umask 077; openssl rand -hex 32 > FILE)"), nil)
	}
	return newKeyBeside(db, file)
}

// newKeyBeside creates the key of a new database.
func newKeyBeside(db, file string) (Key, error) {
	// A crash at the start leaves an empty file: nothing is sealed in it.
	switch info, err := os.Stat(db); {
	case err == nil && info.Size() > 0:
		return Key{}, keyError(file, calbell.English("the key of database %q is gone", db),
			calbell.English("put the key file back (it is in your backup), or name it with data.key_file; "+
				"a new key could not read this database"), nil)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return Key{}, fmt.Errorf("look for database: %w", err)
	}
	key, err := writeKey(file)
	if errors.Is(err, fs.ErrExist) { // another process was faster
		return readKey(file)
	}
	return key, err
}

// readKey reads and checks a key file.
func readKey(file string) (Key, error) {
	f, err := os.Open(file)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return Key{}, &calbell.Error{
			Kind: calbell.KindConfig, What: calbell.English("read key"), Err: err,
			Hint: calbell.English("the daemon's user must be able to read the key file: chown it to that user; what root makes belongs to root"),
		}
	case err != nil:
		return Key{}, &calbell.Error{Kind: calbell.KindConfig, What: calbell.English("read key"), Err: err}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Key{}, fmt.Errorf("read key: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o027 != 0 {
		return Key{}, keyError(file, calbell.English("others may read or write the key file (mode %04o)", mode),
			calbell.English("chmod 600 %q", file), nil)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return Key{}, fmt.Errorf("read key: %w", err)
	}
	key, err := parseKey(data)
	if err != nil {
		return Key{}, keyError(file, calbell.English("this is no key"),
			calbell.English("a key is 64 hex digits, or the base64 of 32 bytes; put the right file back"), err)
	}
	return key, nil
}

// parseKey parses a key in any of its encodings.
func parseKey(data []byte) (key Key, err error) {
	text := bytes.TrimSpace(data)
	switch {
	case len(text) == 0:
		return key, errors.New("the file is empty")
	case len(data) == len(key):
		copy(key[:], data)
	case len(text) == 2*len(key):
		if _, err := hex.Decode(key[:], text); err != nil {
			return Key{}, errors.New("64 characters that are not hex digits")
		}
	default:
		raw, err := decodeBase64(string(text))
		if err != nil || len(raw) != len(key) {
			return Key{}, fmt.Errorf("%d bytes in no known spelling", len(data))
		}
		copy(key[:], raw)
	}
	if key == (Key{}) {
		return Key{}, errors.New("it is all zeros")
	}
	return key, nil
}

func decodeBase64(text string) ([]byte, error) {
	var last error
	for _, enc := range []*base64.Encoding{
		base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding,
	} {
		raw, err := enc.DecodeString(text)
		if err == nil {
			return raw, nil
		}
		last = err
	}
	return nil, last
}

// writeKey creates a key file. It appears completely or not at all, and is on disk before the
// database is: a database must never outlive its key. The error is fs.ErrExist when the file
// exists already.
func writeKey(file string) (key Key, err error) {
	if _, err := rand.Read(key[:]); err != nil {
		return Key{}, fmt.Errorf("make key: %w", err)
	}
	dir := filepath.Dir(file)
	tmp, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return Key{}, fmt.Errorf("make key: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = fmt.Fprintln(tmp, hex.EncodeToString(key[:]))
	err = errors.Join(err, durable.SyncFile(tmp), tmp.Close())
	if err == nil {
		err = durable.Rename(os.Link, tmp.Name(), file) // unlike a rename, a link does not replace
	}
	if err == nil {
		err = durable.SyncDir(dir)
	}
	if err != nil {
		return Key{}, fmt.Errorf("make key: %w", err)
	}
	return key, nil
}

func keyError(file string, what, hint calbell.Text, cause error) error {
	return &calbell.Error{
		Kind: calbell.KindConfig, What: calbell.English("read key %q: %s", file, what), Hint: hint, Err: cause,
	}
}
