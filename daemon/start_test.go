package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/config"
	"calbell/store/bolt"
)

// An error of the machine at a start says what, where and why, and what to do about it.
func TestStartSaysTheNextStep(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		errno syscall.Errno
		steps nextSteps
		want  string
	}{
		{syscall.EROFS, storeSteps("/data/calbell.db"), `the disk of "/data" is mounted read-only`},
		{syscall.EACCES, storeSteps("/data/calbell.db"), "chown"},
		{syscall.ENOSPC, storeSteps("/data/calbell.db"), `make room on the disk of "/data"`},
		{syscall.EDQUOT, storeSteps("/data/calbell.db"), "quota"},
		{syscall.ENOMEM, storeSteps("/data/calbell.db"), "MemoryMax"},
		{syscall.EMFILE, storeSteps("/data/calbell.db"), "LimitNOFILE"},
		{syscall.EIO, storeSteps("/data/calbell.db"), "calbell restore"},
		{syscall.EOPNOTSUPP, storeSteps("/data/calbell.db"), "local disk"},
		{syscall.EMFILE, pageSteps(), "LimitNOFILE"},
		{syscall.EACCES, pageSteps(), "below 1024"},
		{syscall.EROFS, socketSteps("/run/calbell.sock"), "server.socket"},
	} {
		kept, text := fmt.Errorf("open: %w", tt.errno), errors.New("mmap: "+tt.errno.Error())
		for _, err := range []error{kept, text} {
			if got := calbell.HintOf(explained(err, tt.steps, "")); !strings.Contains(got.English, tt.want) {
				t.Errorf("%v: %q, want %q in it", err, got, tt.want)
			}
		}
	}
	said := &calbell.Error{Kind: calbell.KindConfig, What: calbell.Plain("no"), Hint: calbell.Plain("do that"), Err: syscall.EROFS}
	if err := explained(said, storeSteps("/x"), ""); calbell.HintOf(err).English != "do that" || calbell.KindOf(err) != calbell.KindConfig {
		t.Errorf("an error that has its next step: %v, %q", err, calbell.HintOf(err))
	}
	if explained(nil, storeSteps("/x"), "") != nil {
		t.Error("no error is one")
	}
}

// What stands in the way of a database names the place, too.
func TestStoreCannotBeOpened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sent := filepath.Join(dir, "sent.db")
	for _, folder := range []string{"folder.db", "sent.db.sent"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none", "calbell.db"): "make the folder",
		filepath.Join(dir, "file", "calbell.db"): "is a file",
		filepath.Join(dir, "folder.db"):          "the name of a file, such as",
		sent:                                     "move it away",
	} {
		s, err := openStore(&config.Config{Data: config.Data{Path: path}}, bolt.Options{NoSync: true})
		if err == nil {
			t.Errorf("%s: opened", path)
			_ = s.Close()
			continue
		}
		if hint := calbell.HintOf(err); !strings.Contains(err.Error(), path) && !strings.Contains(err.Error(), filepath.Dir(path)) || !strings.Contains(hint.English, want) {
			t.Errorf("%s: %v, %q; want %q", path, err, hint, want)
		}
	}
}

// An address that cannot be had says why.
func TestCannotListen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		file:                              "move it away",
		dir:                               "move it away",
		filepath.Join(dir, "no", "x"):     "make the folder",
		filepath.Join(file, "x"):          "is a file",
		"/" + strings.Repeat("long/", 40): "shorter",
	} {
		if l, err := listenUnix(path); err == nil || !strings.Contains(calbell.HintOf(err).English, want) {
			t.Errorf("%s: %v %v, %q", path, l, err, calbell.HintOf(err))
		}
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for address, want := range map[string]string{busy.Addr().String(): "another program listens there", "192.0.2.1:80": "does not have that address"} {
		if l, err := listenPage(config.Server{Listen: address}, nil); err == nil || !strings.Contains(calbell.HintOf(err).English, want) {
			t.Errorf("%s: %v %v, %q", address, l, err, calbell.HintOf(err))
		}
	}
}

// A start that upgrades a large database logs at once how far it is, and then every few seconds.
func TestStartLogsAnUpgrade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		progress := upgrading(slog.New(slog.NewTextHandler(&out, nil)))
		for done := range 12 {
			progress(done, 11)
			time.Sleep(time.Second)
		}
		var logged []string
		for line := range strings.Lines(out.String()) {
			_, text, _ := strings.Cut(strings.TrimSpace(line), "msg=")
			logged = append(logged, text)
		}
		want := []string{`"upgrading the database" done=0 all=11`, `"upgrading the database" done=5 all=11`, `"upgrading the database" done=10 all=11`}
		if !slices.Equal(logged, want) {
			t.Errorf("logged %q, want %q", logged, want)
		}
	})
}
