package caldavtest

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"
)

// Calendar describes a calendar of the server in memory.
type Calendar struct {
	// Path is the last part of its URL, such as "team"; it has no slash.
	Path string
	// Name is its displayname.
	Name string
	// Color is its calendar-color, such as "#1e88e5"; "" = none.
	Color string
	// TimeZone is its calendar-timezone-id (RFC 7809), an IANA name; "" = none.
	TimeZone string
	// Components are what it can hold; nil = VEVENT and VTODO.
	Components []string
	// SharedBy is the user whose it is, when the user who has it here is only shared it; "" = it
	// is their own. How the server says so, [Options.Sharing] tells.
	SharedBy string
	// ReadOnly: they may not write, and the server lists their privileges.
	ReadOnly bool
}

type user struct {
	password  string
	calendars map[string]*calendar
}

type calendar struct {
	Calendar
	objects map[string]object
	// changed holds the serial number of the last change of each name, of deleted ones too.
	changed map[string]int
	serial  int
}

type object struct {
	raw      []byte
	etag     string
	modified time.Time
}

// AddUser lets somebody sign in by Basic authentication. A user who is there already gets
// the new password.
func (s *Server) AddUser(name, password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.user(name).password = password
}

// AddCalendar gives a user a calendar. One that is there already keeps its objects.
func (s *Server) AddCalendar(owner string, c Calendar) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Components == nil {
		c.Components = []string{"VEVENT", "VTODO"}
	}
	s.calendar(owner, c.Path).Calendar = c
}

// RemoveCalendar takes a calendar away with all that is in it.
func (s *Server) RemoveCalendar(owner, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.user(owner).calendars, path)
}

// Put stores a text under a name such as "standup.ics", readable or not, and returns its
// ETag (without quotes). User and calendar are made when they are missing.
func (s *Server) Put(owner, path, name string, text []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calendar(owner, path).put(name, text, time.Now()).etag
}

// Delete removes an object, and reports whether it was there.
func (s *Server) Delete(owner, path, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calendar(owner, path).remove(name)
}

// Raw returns the text of an object, and whether there is one.
func (s *Server) Raw(owner, path, name string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.calendar(owner, path).objects[name]
	return slices.Clone(o.raw), ok
}

// Names returns the names of a calendar's objects, sorted.
func (s *Server) Names(owner, path string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.calendar(owner, path).objects))
}

// Rewind makes a calendar forget its last n changes as a server restored from a backup
// does: tokens given out meanwhile lie in its future. Objects stay as they are.
func (s *Server) Rewind(owner, path string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calendar(owner, path)
	c.serial = max(0, c.serial-n)
	for name, serial := range c.changed {
		c.changed[name] = min(serial, c.serial)
	}
}

// user and calendar return what they are asked for, made when missing. The lock is held.
func (s *Server) user(name string) *user {
	u := s.users[name]
	if u == nil {
		u = &user{calendars: map[string]*calendar{}}
		s.users[name] = u
	}
	return u
}

func (s *Server) calendar(owner, path string) *calendar {
	u := s.user(owner)
	c := u.calendars[path]
	if c == nil {
		c = &calendar{
			Calendar: Calendar{Path: path, Name: path, Components: []string{"VEVENT", "VTODO"}},
			objects:  map[string]object{},
			changed:  map[string]int{},
		}
		u.calendars[path] = c
	}
	return c
}

func (c *calendar) put(name string, text []byte, now time.Time) object {
	sum := sha256.Sum256(text)
	o := object{raw: slices.Clone(text), etag: hex.EncodeToString(sum[:8]), modified: now.UTC()}
	c.objects[name] = o
	c.touch(name)
	return o
}

func (c *calendar) remove(name string) bool {
	if _, ok := c.objects[name]; !ok {
		return false
	}
	delete(c.objects, name)
	c.touch(name)
	return true
}

func (c *calendar) touch(name string) {
	c.serial++
	c.changed[name] = c.serial
}
