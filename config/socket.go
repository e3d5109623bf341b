package config

import (
	"os"
	"time"
)

// SocketOf returns the socket that the file at path names. Other faults of the file are
// ignored: an invalid edit, or a secret that only the daemon may read, must not prevent
// people from asking the daemon for its status.
func SocketOf(path string, getenv func(string) string) (string, error) {
	data, err := readFile(path)
	if err != nil {
		return "", err
	}
	r, err := newReader(data, path, getenv)
	if err != nil {
		return "", err
	}
	if root, _ := r.doc.Parse(); root != nil {
		r.root(root)
	}
	return r.cfg.Server.Socket, nil
}

// MachineZone returns the zone of this machine with its name; UTC when it has none.
func MachineZone() (*time.Location, string) { return machineZone(os.Getenv, "/etc") }
