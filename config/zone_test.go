package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// zoneFile returns the system's file of a zone; the test is skipped without one.
func zoneFile(t *testing.T, name string) string {
	t.Helper()
	for _, root := range zoneRoots() {
		if file := filepath.Join(root, name); exists(file) {
			return file
		}
	}
	t.Skip("no zones on this system")
	return ""
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func TestMachineZone(t *testing.T) {
	zurich := zoneFile(t, "Europe/Zurich")
	data, err := os.ReadFile(zurich)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name     string
		tz       string
		link     string            // what /etc/localtime links to
		files    map[string]string // other files in /etc
		wantName string
		offset   time.Duration // in January
	}{
		{name: "nothing", wantName: "UTC"},
		{name: "TZ", tz: "Asia/Tokyo", link: zurich, wantName: "Asia/Tokyo", offset: 9 * time.Hour},
		{name: "TZ with a colon", tz: ":Asia/Tokyo", wantName: "Asia/Tokyo", offset: 9 * time.Hour},
		{name: "TZ is a path", tz: zurich, wantName: "Europe/Zurich", offset: time.Hour},
		{name: "TZ is no zone", tz: "CET-1CEST", link: zurich, wantName: "Europe/Zurich", offset: time.Hour},
		{name: "TZ is Local", tz: "Local", link: zurich, wantName: "Europe/Zurich", offset: time.Hour},
		{name: "link", link: zurich, wantName: "Europe/Zurich", offset: time.Hour},
		{name: "link to nothing", link: "/nowhere/zoneinfo/Asia/Tokyo", wantName: "UTC"},
		{name: "copy", files: map[string]string{"localtime": string(data)}, wantName: "Local", offset: time.Hour},
		{name: "copy with its name", files: map[string]string{"localtime": string(data), "timezone": "Europe/Zurich\n"}, wantName: "Europe/Zurich", offset: time.Hour},
		{name: "copy with another name", files: map[string]string{"localtime": string(data), "timezone": "Asia/Tokyo\n"}, wantName: "Local", offset: time.Hour},
		{name: "copy with a name that leaves", files: map[string]string{"localtime": string(data), "timezone": "../../etc/passwd\n"}, wantName: "Local", offset: time.Hour},
		{name: "garbage", files: map[string]string{"localtime": "garbage"}, wantName: "UTC"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			etc := write(t, c.files)
			if c.link != "" {
				if err := os.Symlink(c.link, filepath.Join(etc, "localtime")); err != nil {
					t.Fatal(err)
				}
			}
			loc, name := machineZone(func(string) string { return c.tz }, etc)
			if name != c.wantName {
				t.Errorf("name %q, want %q", name, c.wantName)
			}
			_, offset := time.Date(2026, 1, 15, 12, 0, 0, 0, loc).Zone()
			if got := time.Duration(offset) * time.Second; got != c.offset {
				t.Errorf("offset %v, want %v", got, c.offset)
			}
		})
	}
}

func TestLoadZone(t *testing.T) {
	for _, name := range []string{"Europe/Zurich", "UTC", "Etc/GMT+5", "US/Eastern"} {
		if loc, bad := loadZone(name); bad != nil || loc == nil {
			t.Errorf("%s: %v", name, bad)
		}
	}
	zoneFile(t, "Europe/Zurich") // suggestions come from there
	for name, want := range map[string]string{
		"": "unknown time zone", "Local": "unknown time zone", "../../../etc/passwd": "unknown time zone", "/etc/localtime": "unknown time zone",
		"europe/zurich": `did you mean "Europe/Zurich"?`, "Europe/Zürich": `did you mean "Europe/Zurich"?`,
		"America/New York": `did you mean "America/New_York"?`, "Zurich": "unknown time zone",
	} {
		_, bad := loadZone(name)
		if bad == nil || !strings.Contains(bad.Msg.English, want) {
			t.Errorf("%q: %v, want %q", name, bad, want)
		}
	}
	if names := zoneNames(); len(names) < 300 || len(names) > maxZones {
		t.Errorf("%d zones", len(names))
	}
}
