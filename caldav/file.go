package caldav

import (
	"io"
	"os"

	"calbell"

	"calbell/caldav/transport"
)

// openFile opens a regular file of at most limit bytes: a pipe or a device could hold a
// sync for ever.
func openFile(path string, limit int64) (*os.File, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, calbell.Errorf("caldav:no-regular-file", "it is no regular file")
	case info.Size() > limit:
		return nil, transport.ErrTooLarge
	}
	return os.Open(path)
}

// readFile reads a regular file of at most limit bytes, whose memory held counts.
func readFile(path string, limit int64, held *hold) ([]byte, error) {
	f, err := openFile(path, limit)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := readText(io.LimitReader(f, limit+1), held)
	if err == nil && int64(len(text)) > limit {
		err = transport.ErrTooLarge // it grew meanwhile
	}
	return text, err
}
