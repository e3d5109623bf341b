package zone

//go:generate go run gen.go /tmp/cldr/node_modules/cldr-core

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// loaded remembers zones by their exact IANA name. It only saves reading the same file
// for each event: the answer is the same with and without it, and the names are those
// of a fixed list.
var loaded sync.Map

// systemFolders are where [time.LoadLocation] looks on Unix systems.
var systemFolders = [...]string{"/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"}

// maxIANA bounds IANA names; the longest has 32 bytes.
const maxIANA = 64

// Version returns the version of the zone data in use: "2026a" when the system's data
// name it, else the day they were installed ("2026-03-01"), and the Go release whose
// copy is embedded when the system has none ("go1.26").
func Version() string {
	for _, folder := range systemFolders {
		info, err := os.Stat(filepath.Join(folder, "Europe", "London"))
		if err != nil {
			continue
		}
		if v := versionOf(folder); v != "" {
			return v
		}
		return info.ModTime().UTC().Format(time.DateOnly)
	}
	return runtime.Version()
}

// versionOf reads the version that the data in folder name, "" when they name none.
func versionOf(folder string) string {
	if raw, err := os.ReadFile(filepath.Join(folder, "+VERSION")); err == nil {
		return strings.TrimSpace(string(raw))
	}
	f, err := os.Open(filepath.Join(folder, "tzdata.zi"))
	if err != nil {
		return ""
	}
	defer f.Close()
	line := make([]byte, 64)
	n, _ := f.Read(line)
	first, _, _ := strings.Cut(string(line[:n]), "\n")
	version, ok := strings.CutPrefix(first, "# version ")
	if !ok {
		return ""
	}
	return strings.TrimSpace(version)
}

// Load returns the zone that a name means by itself, without the definitions of a file:
// an IANA name in any case, also behind a "/vendor/version/" prefix, else a Windows
// name. A name that means none is an error.
func Load(tzid string) (*time.Location, error) {
	name := Clean(tzid)
	if loc := iana(name); loc != nil {
		return loc, nil
	}
	if loc := windows(name); loc != nil {
		return loc, nil
	}
	return nil, fmt.Errorf("find zone: no zone is called %q", tzid)
}

// Names returns the zones of places and "UTC", sorted: those to choose from. What has an older
// name, or none of a place, is left out where one can tell by the name alone; [Load] knows it.
func Names() []string {
	var list []string
	for _, n := range ianaNames {
		region, _, _ := strings.Cut(n, "/")
		switch region {
		case "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific", "UTC":
			list = append(list, n)
		}
	}
	return list
}

// Clean returns a TZID as it is compared: without quotes and surrounding space, text
// escapes undone. Exporters escape commas in TZID parameters, which have no escapes.
func Clean(tzid string) string {
	tzid = strings.Trim(tzid, " \t\"")
	if !strings.Contains(tzid, `\`) {
		return tzid
	}
	return strings.NewReplacer(`\\`, `\`, `\,`, `,`, `\;`, `;`, `\"`, `"`).Replace(tzid)
}

// iana returns the zone of an IANA name, nil when it is none. "Local" and "" are none,
// though [time.LoadLocation] takes them for the machine's zone and UTC.
func iana(name string) *time.Location {
	if loc := exact(name); loc != nil {
		return loc
	}
	for rest, ok := strings.CutPrefix(name, "/"); ok; _, rest, ok = strings.Cut(rest, "/") {
		if loc := exact(rest); loc != nil {
			return loc
		}
	}
	if strings.EqualFold(name, "Z") || strings.EqualFold(name, "tzone://Microsoft/Utc") {
		return time.UTC
	}
	return nil
}

// exact returns the zone of an IANA name without prefix, in any case.
func exact(name string) *time.Location {
	if loc, ok := loaded.Load(name); ok {
		return loc.(*time.Location)
	}
	if len(name) > maxIANA {
		return nil
	}
	key := fold(name)
	i, ok := slices.BinarySearchFunc(ianaNames[:], key, func(n, key string) int {
		return cmp.Compare(fold(n), key)
	})
	if ok {
		return load(ianaNames[i])
	}
	if newer(name) {
		return load(name)
	}
	return nil
}

// newer reports whether name may be of a zone younger than our list: an unknown city in a
// known area.
func newer(name string) bool {
	area, city, ok := strings.Cut(name, "/")
	if !ok || strings.ContainsFunc(name, func(r rune) bool {
		return r != '/' && r != '_' && r != '-' && (r|0x20 < 'a' || r|0x20 > 'z')
	}) {
		return false
	}
	i, _ := slices.BinarySearchFunc(ianaNames[:], fold(area)+"/", func(n, key string) int {
		return cmp.Compare(fold(n), key)
	})
	return city != "" && i < len(ianaNames) && strings.HasPrefix(ianaNames[i], area+"/")
}

// load reads a zone by its exact name, nil when no data know it.
func load(name string) *time.Location {
	if loc, ok := loaded.Load(name); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	kept, _ := loaded.LoadOrStore(name, loc)
	return kept.(*time.Location)
}

// windows returns the zone of a name as Windows and Exchange give it, nil when it is none.
func windows(name string) *time.Location {
	key := strings.ToLower(name)
	i, ok := slices.BinarySearchFunc(windowsNames[:], key, func(w struct{ windows, iana string }, key string) int {
		return cmp.Compare(strings.ToLower(w.windows), key)
	})
	if !ok {
		return nil
	}
	return load(windowsNames[i].iana)
}

// fold makes IANA names comparable: lower-case, and spaces for the underscores that
// some exporters lose.
func fold(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), " ", "_")
}
