package templates

import (
	"strings"
	"time"

	"calbell"
	"calbell/templates/dates"
	"calbell/templates/markup"
	"calbell/webhook/dialect"
)

// scope is what the variables of one message are read from.
type scope struct {
	d       *Data
	in      *calbell.Instance
	loc     *locale
	zone    *time.Location // the reader's
	webhook string
	chat    *dialect.Dialect
	limit   int  // runes of a text
	quiet   bool // nobody is mentioned
	shared  bool // other messages may follow in the same post
	spent   int  // bytes of values in the text at hand

	last      markup.Text      // that was written
	addressed markup.Addresses // of the message
}

// newScope fills in what Data may leave out.
func newScope(d *Data) *scope {
	s := &scope{d: d, in: d.Instance, zone: d.Zone, loc: findLocale(d.Locale), limit: calbell.MaxMessageRunes}
	if s.in == nil {
		s.in = &calbell.Instance{}
	}
	if s.zone == nil {
		s.zone = time.UTC
	}
	if d.Now.IsZero() {
		d.Now = d.Due
	}
	if d.Busy {
		s.in, d.Alarm = s.discreet(), calbell.Alarm{}
	}
	return s
}

// discreet is the instance without anything that was written about it.
func (s *scope) discreet() *calbell.Instance {
	return &calbell.Instance{
		UID: s.in.UID, RecurrenceID: s.in.RecurrenceID, Kind: s.in.Kind, Start: s.in.Start, End: s.in.End, AllDay: s.in.AllDay,
		Summary: s.loc.busy,
	}
}

// span returns when the instance takes place.
func (s *scope) span() calbell.Span {
	return calbell.Span{Start: s.in.Start, End: s.in.End, AllDay: s.in.AllDay}
}

// reader returns whom dates are written for.
func (s *scope) reader() dates.Reader {
	return dates.Reader{Locale: s.loc.Locale, Zone: s.zone, Now: s.d.Now}
}

// late says how late the reminder is; "" below a minute.
func (s *scope) late() string {
	span := s.loc.Length(s.d.Now.Sub(s.d.Due), false)
	if span == "" || s.d.Due.IsZero() {
		return ""
	}
	return strings.Replace(s.loc.words.late, "{0}", span, 1)
}

// collect turns nodes into pieces. It reports whether any variable in the nodes had a value.
func (s *scope) collect(pieces []markup.Piece, nodes []node) (_ []markup.Piece, filled bool) {
	for _, n := range nodes {
		switch {
		case n.ref != nil:
			val, own := s.spend(n.ref)
			pieces = append(pieces, markup.Piece{Text: val, As: &n.ref.as, Own: own})
			filled = filled || val != ""
		case n.kids != nil:
			mark := len(pieces)
			inner, any := s.collect(pieces, n.kids)
			if pieces = inner; !any {
				pieces = pieces[:mark]
			}
			filled = filled || any
		default:
			pieces = append(pieces, markup.Piece{Text: n.lit})
		}
	}
	return pieces, filled
}

// maxValuesFactor times the length of a text bounds its values together, in bytes. A
// template can name variables by the thousand; no chat shows that much.
const maxValuesFactor = 64

// spend takes a value from the budget of the text, as much of it as could be shown. When
// nothing is left, an markup.Ellipsis stands for every value.
func (s *scope) spend(ref *reference) (val string, own bool) {
	if s.spent > maxValuesFactor*s.limit {
		return markup.Ellipsis, false
	}
	val, own = s.value(ref)
	val = markup.Cut(val, s.limit)
	s.spent += len(val)
	return val, own
}

// value reads a variable and applies what of its modifiers changes the text. own says
// that the text comes from the template.
func (s *scope) value(ref *reference) (text string, own bool) {
	if ref.view.locale != nil {
		other := *s
		other.loc = ref.view.locale
		s = &other
	}
	v := ref.variable
	switch {
	case v.moment != nil:
		text = s.reader().Show(v.moment(s.span()), ref.view.View)
	case ref.view.Zone != nil:
		other := *s
		other.zone = ref.view.Zone
		text = v.text(&other)
	default:
		text = v.text(s)
	}
	text = markup.Clean(text, v.shape == lines)
	for _, m := range ref.mods {
		text, own = m.apply(text, own)
	}
	if v.shape != lines {
		text = markup.Fold(text)
	}
	return text, own
}

// apply changes a text as the modifier says; those about layout are applied when the
// text is written.
func (m modification) apply(text string, own bool) (string, bool) {
	switch m.name {
	case "upper":
		return strings.ToUpper(text), own
	case "lower":
		return strings.ToLower(text), own
	case "max":
		return markup.Cut(text, m.max), own
	case "first-line":
		line, _, _ := strings.Cut(text, "\n")
		return strings.TrimSpace(line), own
	case "plain":
		return markup.Clean(Plain(text), true), own
	case "default":
		if text == "" {
			return m.arg, true
		}
	}
	return text, own
}

// view is how a moment is shown, and in which locale any value is.
type view struct {
	dates.View
	locale *locale // nil: the reader's
}

// viewOf gathers what the modifiers say about how a moment is shown.
func viewOf(mods []modification) view {
	var v view
	for _, m := range mods {
		switch m.name {
		case "full", "long", "medium", "short":
			v.Style = map[string]dates.Style{"full": dates.Full, "long": dates.Long, "medium": dates.Medium, "short": dates.Short}[m.name]
		case "format":
			v.Pattern = m.arg
		case "relative":
			v.Relative = true
		case "tz":
			v.Zone = m.zone
		case "locale":
			v.locale = m.locale
		}
	}
	return v
}

// tail returns the late and the repeat line, each with a newline before it.
func (s *scope) tail() string {
	var b strings.Builder
	if late := s.late(); late != "" {
		b.WriteString("\n(" + late + ")")
	}
	if s.d.Repeat {
		b.WriteString("\n(" + s.loc.repeat + ")")
	}
	return b.String()
}
