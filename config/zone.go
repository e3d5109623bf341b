package config

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"calbell"
	"calbell/config/yamltree"
)

// zoneRoots returns the folders of the system's time zones, as package time searches them.
func zoneRoots() []string {
	return []string{"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"}
}

// maxZones limits the names read for a suggestion. A system has some 600, and twice that again under
// posix/ and right/.
const maxZones = 5000

// loadZone returns the zone of an IANA name, or an error about the name.
func loadZone(name string) (*time.Location, *yamltree.Error) {
	if name != "" && name != "Local" {
		if loc, err := time.LoadLocation(name); err == nil {
			return loc, nil
		}
	}
	return nil, unknown(calbell.T("config:unknown-time-zone", "unknown time zone"), name, zoneNames(), calbell.T("config:zone-form", `a zone is written like Europe/Zurich; "timedatectl list-timezones" lists them`))
}

// zoneNames lists the system's zones; fewer, or none, on a system without them.
func zoneNames() []string {
	var names []string
	for _, root := range zoneRoots() {
		_ = fs.WalkDir(os.DirFS(root), ".", func(path string, e fs.DirEntry, err error) error {
			switch {
			case err != nil || len(names) >= maxZones:
				return fs.SkipAll
			case e.IsDir() && (path == "posix" || path == "right"):
				return fs.SkipDir
			case !e.IsDir() && path[0] >= 'A' && path[0] <= 'Z' && !strings.Contains(path, "."):
				names = append(names, path)
			}
			return nil
		})
	}
	return names
}

// machineZone returns the zone of the machine with its name: $TZ, else the target of
// /etc/localtime, else /etc/timezone if its rules equal those of /etc/localtime. A zone
// without a name is called "Local". Without any zone it is UTC, as in libc. etc is the
// folder /etc.
func machineZone(getenv func(string) string, etc string) (*time.Location, string) {
	if loc, name, ok := zoneFrom(strings.TrimPrefix(getenv("TZ"), ":")); ok {
		return loc, name
	}
	file := filepath.Join(etc, "localtime")
	if target, err := filepath.EvalSymlinks(file); err == nil {
		if loc, name, ok := zoneFrom(target); ok {
			return loc, name
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return time.UTC, "UTC"
	}
	if loc, name, ok := zoneFrom(namedCopy(etc, data)); ok {
		return loc, name
	}
	if loc, err := time.LoadLocationFromTZData("Local", data); err == nil {
		return loc, "Local"
	}
	return time.UTC, "UTC"
}

// zoneFrom loads a zone by its name, or by the path of its file.
func zoneFrom(s string) (loc *time.Location, name string, ok bool) {
	name = s
	if _, after, found := strings.Cut(s, "/zoneinfo/"); found {
		name = after
	}
	if name == "" || name == "Local" {
		return nil, "", false
	}
	loc, err := time.LoadLocation(name)
	return loc, name, err == nil
}

// namedCopy returns the name in /etc/timezone if data, the contents of /etc/localtime,
// equals that zone's file. The two files can disagree; then the rules in data count.
func namedCopy(etc string, data []byte) string {
	line, err := os.ReadFile(filepath.Join(etc, "timezone"))
	if err != nil {
		return ""
	}
	name := strings.TrimSpace(string(line))
	for _, root := range zoneRoots() {
		file, err := os.ReadFile(filepath.Join(root, filepath.Clean("/"+name)))
		if err == nil && bytes.Equal(file, data) {
			return name
		}
	}
	return ""
}
