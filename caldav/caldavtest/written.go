package caldavtest

import (
	"errors"
	"strings"

	"calbell"
	"calbell/caldav"
)

// written has the client make an object, write over it, and be told when another was faster.
func (s *suite) written() {
	uid := calbell.UID("written@example.org")
	href := caldav.NewHref(s.cal, uid)
	name := string(href[strings.LastIndexByte(string(href), '/')+1:])
	text := func(title string) []byte { return []byte(Event(string(uid), title, "")) }
	s.write(href, text("First"), "")
	s.sync()
	s.expect(map[string]string{name: "First"})
	if !s.site.Overwrites {
		if _, err := s.client.Put(s.Context(), s.cal, href, text("Again"), ""); !errors.Is(err, caldav.ErrChanged) {
			s.Errorf("made a second time: %v", err)
		}
	}
	known := s.stored[href].ETag
	if tag := s.write(href, text("Second"), known); tag != "" {
		known = tag
		s.write(href, text("Third"), known)
	} else {
		s.sync()
		s.write(href, text("Third"), s.stored[href].ETag)
	}
	if _, err := s.client.Put(s.Context(), s.cal, href, text("Stale"), known); !errors.Is(err, caldav.ErrChanged) {
		s.Errorf("written over a version that is not known: %v", err)
	}
	s.sync()
	s.expect(map[string]string{name: "Third"})
	s.quiet()
	if s.site.Overwrites {
		return
	}
	s.remove(name)
	if _, err := s.client.Put(s.Context(), s.cal, href, text("Gone"), s.stored[href].ETag); !errors.Is(err, caldav.ErrChanged) {
		s.Errorf("written over an object that is gone: %v", err)
	}
	s.sync()
	s.expect(nil)
}

// write puts an object, which must be taken.
func (s *suite) write(href calbell.Href, text []byte, ifMatch calbell.ETag) calbell.ETag {
	s.Helper()
	tag, err := s.client.Put(s.Context(), s.cal, href, text, ifMatch)
	if err != nil {
		s.Fatalf("put: %v (%s)", err, calbell.HintOf(err))
	}
	return tag
}
