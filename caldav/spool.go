package caldav

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"

	"calbell"

	"calbell/caldav/ics"
	"calbell/caldav/transport"
)

// spoolMemory is how much of an answer is kept in memory. Most subscriptions are smaller; they are
// asked for every few minutes, and need not wear out a disk.
const spoolMemory = 1 << 20

// source is the text of a subscription, which can be read more than once, and anywhere.
type source struct {
	io.ReaderAt
	size   int64
	digest string
}

// digestOf returns a digest of the first size bytes of a file.
func digestOf(src io.ReaderAt, size int64) (string, error) {
	h := sha256.New()
	n, err := io.Copy(h, io.NewSectionReader(src, 0, size))
	if err == nil && n < size {
		err = ics.ErrChanged
	}
	return hexOf(h), err
}

// hexOf returns a digest as digest32 does.
func hexOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)[:16]) }

// spool takes an answer in. What is too large for memory goes to a file that has no name, and whose
// text is encrypted by a key that is nowhere else: texts of calendars are not on a disk in the clear.
type spool struct {
	folder string // of the file; "" = the system's own for temporary files
	held   *hold  // the memory
	size   int64
	digest hash.Hash
	memory bytes.Buffer
	file   *os.File
	key    cipher.Block
	stream cipher.Stream
}

func newSpool(folder string, held *hold) *spool {
	return &spool{folder: folder, held: held, digest: sha256.New()}
}

// Write implements io.Writer.
func (s *spool) Write(p []byte) (int, error) {
	s.digest.Write(p)
	s.size += int64(len(p))
	if s.file == nil && s.size > spoolMemory {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	if s.file != nil {
		return len(p), s.store(p)
	}
	if err := s.held.add(len(p)); err != nil {
		return 0, err
	}
	return s.memory.Write(p)
}

// spill moves to a file what is in memory.
func (s *spool) spill() error {
	var key [32]byte
	_, _ = rand.Read(key[:]) // it does not fail
	var err error
	if s.key, err = aes.NewCipher(key[:]); err != nil {
		return err
	}
	s.stream = cipher.NewCTR(s.key, make([]byte, aes.BlockSize))
	if s.file, err = os.CreateTemp(s.folder, "feed-*.tmp"); err != nil {
		return spoolFailure(err)
	}
	if err := os.Remove(s.file.Name()); err != nil {
		return spoolFailure(err)
	}
	err = s.store(s.memory.Bytes())
	s.memory = bytes.Buffer{}
	s.held.release()
	return err
}

// store adds to the file.
func (s *spool) store(p []byte) error {
	sealed := make([]byte, len(p))
	s.stream.XORKeyStream(sealed, p)
	_, err := s.file.Write(sealed)
	return spoolFailure(err)
}

// source returns what was written.
func (s *spool) source() source {
	src := source{ReaderAt: s, size: s.size, digest: hexOf(s.digest)}
	if s.file == nil {
		src.ReaderAt = bytes.NewReader(s.memory.Bytes())
	}
	return src
}

// ReadAt implements io.ReaderAt for what is in the file.
func (s *spool) ReadAt(p []byte, at int64) (int, error) {
	// A stream begins at a block: what is before is read, too.
	before := at % aes.BlockSize
	sealed := make([]byte, before+int64(len(p)))
	n, err := s.file.ReadAt(sealed, at-before)
	if n < int(before) {
		return 0, err
	}
	var counter [aes.BlockSize]byte
	binary.BigEndian.PutUint64(counter[aes.BlockSize/2:], uint64(at/aes.BlockSize))
	cipher.NewCTR(s.key, counter[:]).XORKeyStream(sealed[:n], sealed[:n])
	return copy(p, sealed[before:n]), err
}

// close removes the file, and gives the memory back.
func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
	s.held.release()
}

// spoolFailure says that an answer could not be kept; the path is nobody's business.
func spoolFailure(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	if err == nil {
		return nil
	}
	return &transport.AnswerError{Why: calbell.T("caldav:no-room-for-answer", "the answer cannot be stored while it is read"), Err: err}
}
