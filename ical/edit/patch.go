package edit

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"calbell"
	"calbell/ical/syntax"

	goical "github.com/emersion/go-ical"
)

// AlarmPatch is a reminder as [PatchAlarms] writes it into an event: a VALARM of the kind
// that every calendar program keeps, and that none but Calbell sends anywhere.
type AlarmPatch struct {
	// Binding is what the reminder is to Calbell (X-CALBELL-BINDING): an alarm that bears it
	// is never added a second time, and is known again when it comes back. Not empty.
	Binding calbell.BindingID
	// Lead is how long before the start it rings. No TRIGGER can say a time of day.
	Lead calbell.Lead
	// Description is what programs show when it rings; "" = "Reminder".
	Description string
	// Webhooks are the names of X-CALBELL-WEBHOOK; none: the alarm names none. Some servers
	// make two names of one with a comma in it.
	Webhooks []string
}

// maxDays bounds a lead: package ical reads no longer durations.
const maxDays = 366 * 100

// maxAlarmText bounds the DESCRIPTION of an alarm, in characters: it is a title.
const maxAlarmText = 500

// PatchAlarms takes the alarms of some bindings out of an event, and puts others into it,
// in the text itself: every other byte stays, and removing what was added gives the text as
// it was. All components with the UID are patched: an override replaces the alarms of its
// master. Each new alarm stands last in its component, with the line ends of the text; where
// the binding has one already, that one stays as it is. What is in both lists is written
// anew. When there is nothing to do it returns raw.
//
// A text that is not whole, not UTF-8, or has no component of that UID is refused, and so is
// an alarm that cannot be written: a lead at a time of day, one of a to-do without any date.
func PatchAlarms(raw []byte, uid calbell.UID, add []AlarmPatch, remove []calbell.BindingID) ([]byte, error) {
	p := patch{uid: uid, add: add, remove: remove}
	out, err := p.apply(raw)
	if err != nil {
		return nil, calbell.Errorf("ical:patch-alarms", "patch alarms of %q: %w", uid, err)
	}
	return out, nil
}

// patch is a change of a text under way.
type patch struct {
	uid    calbell.UID
	add    []AlarmPatch
	remove []calbell.BindingID

	text  string
	edits []edit
}

// edit puts a text in the place of a part of another.
type edit struct {
	syntax.Span
	with string
}

// apply does what [PatchAlarms] says.
func (p *patch) apply(raw []byte) ([]byte, error) {
	for _, a := range p.add {
		if err := a.writable(); err != nil {
			return nil, err
		}
	}
	blocks, err := p.blocks(raw)
	if err != nil {
		return nil, err
	}
	for _, b := range blocks {
		if err := p.component(b); err != nil {
			return nil, calbell.Errorf("edit:line", "line %d: %w", b.Line, err)
		}
	}
	if len(p.edits) == 0 {
		return raw, nil
	}
	bom := raw[:len(raw)-len(p.text)]
	out := bytes.NewBuffer(slices.Clone(bom))
	at := 0
	for _, e := range p.edits {
		out.WriteString(p.text[at:e.From] + e.with)
		at = e.To
	}
	out.WriteString(p.text[at:])
	if out.Len() > calbell.MaxObjectBytes {
		return nil, calbell.Errorf("ical:would-more-than-mb", "it would have more than %d MB", calbell.MaxObjectBytes>>20)
	}
	return out.Bytes(), nil
}

// writable says why an alarm cannot be written; nil when it can.
func (a AlarmPatch) writable() error {
	switch l := a.Lead; {
	case a.Binding == "" || strings.TrimSpace(syntax.Unescape(escaped(string(a.Binding)))) != string(a.Binding):
		return calbell.Errorf("edit:alarm-binding-could-not", "an alarm of the binding %q could not be told from others", a.Binding)
	case l.AtClock:
		return calbell.Errorf("ical:no-alarm-calendar-can", "no alarm of a calendar can say %q: a time of day", l)
	case l.Days < 0 || l.Exact < 0 || l.Days > maxDays || l.Exact.Hours() > maxDays*24:
		return calbell.Errorf("ical:time-before-start-out", "the time before the start is out of range")
	case len(a.Webhooks) > calbell.MaxRouted:
		return calbell.Errorf("ical:more-than-webhooks-one", "more than %d webhooks for one alarm", calbell.MaxRouted)
	}
	return nil
}

// blocks returns the components of the UID, in the order of the text. Positions in a text
// that had to be cleaned would not be those of the bytes, so such a text is refused.
func (p *patch) blocks(raw []byte) (blocks []syntax.Block, err error) {
	if p.text, err = syntax.Clean(raw); err != nil {
		return nil, err
	}
	if !bytes.HasSuffix(raw, []byte(p.text)) || len(raw)-len(p.text) > len("\ufeff") {
		return nil, calbell.Errorf("ical:text-utf-16-or", "the text is UTF-16, or has NULs or lines that end in neither LF nor CRLF")
	}
	var odd syntax.Problems
	if odd.Encoding(p.text); len(odd.List) > 0 {
		return nil, calbell.Errorf("ical:not-utf-8", "line %d: it is not UTF-8", odd.List[0].Line)
	}
	var found syntax.Problems
	syntax.Read(p.text, &found, func(b syntax.Block) {
		if (b.Name == "VEVENT" || b.Name == "VTODO") && b.Body.Value("UID") == string(p.uid) {
			blocks = append(blocks, b)
		}
	}, func(syntax.Line) {})
	switch {
	case len(found.List) > 0:
		return nil, calbell.Errorf("edit:line", "line %d: %s", found.List[0].Line, found.List[0].Reason)
	case p.uid == "" || len(blocks) == 0:
		return nil, calbell.Errorf("ical:text-no-such-event", "the text has no such event")
	}
	return blocks, nil
}

// component takes alarms out of a component, and adds those that it does not have.
func (p *patch) component(b syntax.Block) error {
	kept := map[calbell.BindingID]bool{}
	count := len(b.Parts)
	for _, part := range b.Parts {
		binding := calbell.BindingID(part.Body.Value(syntax.PropBinding))
		if binding != "" && slices.Contains(p.remove, binding) {
			p.edits = append(p.edits, edit{Span: part.Whole})
			count--
			continue
		}
		kept[binding] = true
	}
	var text strings.Builder
	for _, a := range p.add {
		if kept[a.Binding] {
			continue
		}
		kept[a.Binding] = true
		if count++; count > calbell.MaxAlarms {
			return calbell.Errorf("edit:alarms-already", "%s has %d alarms already", b.Name, calbell.MaxAlarms)
		}
		if err := p.alarm(&text, b, a); err != nil {
			return err
		}
	}
	if text.Len() > 0 {
		end := b.Body.Span().To
		p.edits = append(p.edits, edit{syntax.Span{From: end, To: end}, text.String()})
	}
	return nil
}

// alarm writes the VALARM for a component.
func (p *patch) alarm(out *strings.Builder, b syntax.Block, a AlarmPatch) error {
	related, err := related(b)
	if err != nil {
		return err
	}
	description := "Reminder"
	if a.Description != "" {
		description = cut(a.Description, maxAlarmText)
	}
	end := "\n"
	if strings.HasSuffix(p.text[:b.Body.Span().From], "\r\n") {
		end = "\r\n"
	}
	lines := []string{
		"BEGIN:VALARM",
		"UID:" + p.alarmUID(b, a.Binding),
		"ACTION:DISPLAY",
		"TRIGGER" + related + ":" + trigger(a.Lead),
		"DESCRIPTION:" + escaped(description),
	}
	for _, name := range a.Webhooks {
		// A line each: of a list, Radicale keeps the first, and Xandikos makes one name.
		lines = append(lines, syntax.PropWebhook+":"+escaped(name))
	}
	lines = append(lines, syntax.PropBinding+":"+escaped(string(a.Binding)), "END:VALARM")
	for _, l := range lines {
		writeLine(out, l, end)
	}
	return nil
}

// related returns the parameters of a TRIGGER that counts from where Calbell counts for the
// component: RFC 5545 §3.8.6.3 wants a DTSTART for one that counts from the start.
func related(b syntax.Block) (string, error) {
	has := func(name string) bool { return b.Body.Value(name) != "" }
	switch {
	case has("DTSTART"):
		return "", nil
	case b.Name == "VTODO" && has("DUE"):
		return ";RELATED=END", nil
	case has("RECURRENCE-ID"):
		return "", nil
	}
	return "", calbell.Errorf("edit:without-date", "%s without a date", b.Name)
}

// alarmUID makes up the UID of an alarm (RFC 9074 §4): the same each time it is written, and
// another in each component.
func (p *patch) alarmUID(b syntax.Block, binding calbell.BindingID) string {
	rid := b.Body.Value("RECURRENCE-ID")
	sum := sha256.Sum256([]byte(string(p.uid) + "\x00" + rid + "\x00" + string(binding)))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // version 8 of RFC 9562: of our own making
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// trigger writes a lead as a DURATION (RFC 5545 §3.3.6): days by the wall, then exact time.
func trigger(l calbell.Lead) string {
	var b strings.Builder
	if l.Days > 0 {
		fmt.Fprintf(&b, "%dD", l.Days)
	}
	secs := int64(l.Exact.Seconds())
	if secs > 0 {
		b.WriteByte('T')
	}
	// Each unit but the last named is followed by the next: the grammar has no PT1H5S.
	hours, minutes, seconds := secs/3600, secs%3600/60, secs%60
	if hours > 0 {
		fmt.Fprintf(&b, "%dH", hours)
	}
	if minutes > 0 || hours > 0 && seconds > 0 {
		fmt.Fprintf(&b, "%dM", minutes)
	}
	if seconds > 0 {
		fmt.Fprintf(&b, "%dS", seconds)
	}
	if b.Len() == 0 {
		return "PT0S"
	}
	return "-P" + b.String()
}

// escaped writes a TEXT value (RFC 5545 §3.3.11), without the characters that none may have.
func escaped(s string) string {
	p := goical.NewProp(goical.PropSummary)
	p.SetText(clean(s))
	return p.Value
}

// clean drops the characters that no text may have: control characters but tabs and line breaks.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r >= ' ' && r != 0x7f {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// cut returns the first so many characters of a text.
func cut(s string, most int) string {
	for i := range s {
		if most--; most < 0 {
			return s[:i]
		}
	}
	return s
}

// maxFolded is the longest physical line, in bytes without its end (RFC 5545 §3.1).
const maxFolded = 75

// writeLine writes a content line, folded between characters.
func writeLine(out *strings.Builder, l, end string) {
	room := maxFolded
	for len(l) > room {
		at := room
		for !utf8.RuneStart(l[at]) {
			at--
		}
		out.WriteString(l[:at] + end + " ")
		l, room = l[at:], maxFolded-1
	}
	out.WriteString(l + end)
}
