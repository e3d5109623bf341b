package caldav

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"calbell"

	"calbell/caldav/transport"
)

// racyFor is how long after a file was written its size and times say nothing: it may be written again
// within the same tick of its file system's clock, which is up to 2 s long.
const racyFor = 2 * time.Second

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

// fileState returns what tells an unchanged file without reading it: its size, its times and its
// number on the disk. "" when it was written so recently that they could stay the same at the next
// change.
func fileState(info fs.FileInfo, now time.Time) string {
	number, changed := identity(info)
	latest := info.ModTime()
	if changed.After(latest) {
		latest = changed
	}
	if now.Sub(latest) < racyFor { // also when the file system's clock is ahead
		return ""
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano(), changed.UnixNano(), number)
}

// fileFailure says what is wrong with a local file; the line around it names the account.
func fileFailure(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	if err == nil || isBusy(err) {
		return err
	}
	return &transport.AnswerError{Why: calbell.T("caldav:file-cannot-read", "the file cannot be read"), Err: err}
}
