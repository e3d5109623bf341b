package config

import (
	"os"
	"time"
)

// SocketOf returns the daemon's socket that the file at path names. Whatever else may be
// wrong with the file does not matter: a bad edit, or a secret that only the daemon may
// read, must not keep people from asking the daemon how it is.
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
