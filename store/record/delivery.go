package record

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"calbell"
)

// The version is the first field of each record. New fields are appended under the next
// version; older versions stay readable. A new version requires a new schema of the database,
// because an older program would take the record for damaged.
const (
	deliveryVersion = 4 // 2: AskedAt, Notice, Untold; 3: HeldUntil; 4: KnownAt
	headVersion     = 3 // 2: Warnings; 3: BadSince
	// Records without newer fields are written in an older version, which is shorter.
	plainDelivery, plainHead = 3, 1
)

// EncodeDelivery encodes a delivery with its resting state: while it is in flight that is the
// state before the claim, and worker and lease are in the flight row.
func EncodeDelivery(key ID, d *calbell.Delivery, rest calbell.Status) []byte {
	w := writer{b: make([]byte, 0, 256)}
	version := byte(plainDelivery)
	if !d.KnownAt.IsZero() {
		version = deliveryVersion
	}
	w.byte(version)
	id := d.ID
	if id == HexOf(key) {
		id = "" // the key contains it already
	}
	w.str(string(id))
	w.str(string(d.Webhook))
	w.str(string(d.UID))
	w.str(string(d.RecurrenceID))
	w.time(d.Due)
	w.time(d.Start)
	w.time(d.End)
	w.str(d.Subject)
	w.len(len(d.Sources))
	for _, src := range d.Sources {
		w.str(string(src.Calendar))
		w.str(string(src.Href))
		w.int(int64(src.Alarm))
	}
	state, _ := StateByte(rest) // checked before anything is stored
	w.byte(state)
	w.time(d.NextAt)
	w.int(int64(d.Attempts))
	w.len(len(d.Tries))
	for i := range d.Tries {
		encodeTry(&w, &d.Tries[i])
	}
	w.bool(d.PossibleRepeat)
	w.time(d.FinishedAt)
	w.str(d.Reason.Stored())
	w.time(d.AskedAt)
	w.str(encodeNotice(d.Notice))
	w.bool(d.Untold)
	w.time(d.HeldUntil)
	if version >= deliveryVersion {
		w.time(d.KnownAt)
	}
	return w.b
}

// encodeNotice encodes a notice as JSON, because notices are few and rarely read; "" is none.
func encodeNotice(n *calbell.Notice) string {
	if n == nil {
		return ""
	}
	packed := *n
	packed.Items = slices.Clone(n.Items)
	packTexts(noticeTexts(&packed)...)
	b, err := json.Marshal(&packed)
	if err != nil { // cannot happen with strings and times of this century
		panic(err)
	}
	return string(b)
}

// noticeTexts returns the texts of a notice.
func noticeTexts(n *calbell.Notice) []*calbell.Text {
	list := []*calbell.Text{&n.Reason, &n.Hint}
	for i := range n.Items {
		list = append(list, &n.Items[i].Reason)
	}
	return list
}

func encodeTry(w *writer, t *calbell.Try) {
	w.time(t.At)
	w.int(int64(t.Took))
	w.str(string(t.Verdict))
	w.int(int64(t.Status))
	w.str(t.Answer)
	w.str(withHint(t.Error.Stored(), t.Hint.Stored()))
	w.int(int64(t.RetryAfter))
}

// hintMark separates an error, which is one line, from the next step. An older program takes
// both for the error and shows two lines.
const hintMark = "\n"

func withHint(text, hint string) string {
	if hint == "" {
		return text
	}
	return text + hintMark + hint
}

// DecodeDelivery decodes the output of EncodeDelivery.
func DecodeDelivery(key ID, b []byte) (d calbell.Delivery, err error) {
	r := reader{b: b}
	version := r.byte()
	if version < 1 || version > deliveryVersion {
		return d, ErrMalformed
	}
	if d.ID = calbell.ReminderID(r.str()); d.ID == "" {
		d.ID = HexOf(key)
	}
	d.Webhook = calbell.WebhookID(r.str())
	d.UID = calbell.UID(r.str())
	d.RecurrenceID = calbell.RecurrenceID(r.str())
	d.Due, d.Start, d.End = r.time(), r.time(), r.time()
	d.Subject = r.str()
	for range r.len() {
		d.Sources = append(d.Sources, calbell.Source{
			Calendar: calbell.CalendarID(r.str()), Href: calbell.Href(r.str()), Alarm: int(r.int()),
		})
	}
	state, ok := StateOf(r.byte())
	d.Status = state
	d.NextAt = r.time()
	d.Attempts = int(r.int())
	for range r.len() {
		d.Tries = append(d.Tries, decodeTry(&r))
	}
	d.PossibleRepeat = r.bool()
	d.FinishedAt = r.time()
	d.Reason = calbell.TextOf(r.str())
	if version >= 2 {
		d.AskedAt = r.time()
		if text := r.str(); text != "" {
			d.Notice = &calbell.Notice{}
			ok = ok && json.Unmarshal([]byte(text), d.Notice) == nil
			unpackTexts(noticeTexts(d.Notice)...)
		}
		d.Untold = r.bool()
	}
	if version >= 3 {
		d.HeldUntil = r.time()
	}
	if version >= 4 {
		d.KnownAt = r.time()
	}
	if err := r.done(); err != nil || !ok {
		return d, ErrMalformed
	}
	return d, nil
}

func decodeTry(r *reader) calbell.Try {
	t := calbell.Try{
		At: r.time(), Took: time.Duration(r.int()), Verdict: calbell.Verdict(r.str()),
		Status: int(r.int()), Answer: r.str(),
	}
	text, hint, _ := strings.Cut(r.str(), hintMark)
	t.Error, t.Hint, t.RetryAfter = calbell.TextOf(text), calbell.TextOf(hint), time.Duration(r.int())
	return t
}

// Head is an object without its text, with its reminders.
type Head struct {
	calbell.Object // Raw is nil, Calendar is in the key's place and kept too
	Wants          []Want
}

// Want is a reminder that has an object as a source. Its due time shows, without reading the
// delivery, whether it can have ended long ago.
type Want struct {
	ID  ID
	Due time.Time
}

// EncodeHead encodes a head, in the oldest version that has all of its fields.
func EncodeHead(h *Head) []byte {
	w := writer{b: make([]byte, 0, 128+len(h.Wants)*(IDLen+8))}
	version := byte(plainHead)
	switch {
	case !h.BadSince.IsZero():
		version = headVersion
	case len(h.Warnings) > 0:
		version = 2
	}
	w.byte(version)
	w.str(string(h.Href)) // href and ETag come first: a listing reads no further
	w.str(string(h.ETag))
	w.str(string(h.Calendar))
	w.str(h.Problem.Stored())
	w.len(len(h.UIDs))
	for _, uid := range h.UIDs {
		w.str(string(uid))
	}
	w.time(h.Until)
	w.time(h.Replan)
	w.len(len(h.Wants))
	for _, n := range h.Wants {
		w.raw(n.ID[:])
		w.time(n.Due)
	}
	if version >= 2 {
		w.warnings(h.Warnings)
	}
	if version >= 3 {
		w.time(h.BadSince)
	}
	return w.b
}

// reasonMark begins the last argument of a warning, when that is its reason in stored form.
// Other arguments have no control characters.
const reasonMark = "\x00"

// warnings encodes warnings for the reader's warnings.
func (w *writer) warnings(list []calbell.Warning) {
	w.len(len(list))
	for _, one := range list {
		w.str(string(one.Code))
		args := one.Args
		if !one.Reason.IsZero() {
			args = append(slices.Clip(args), reasonMark+one.Reason.Stored())
		}
		w.len(len(args))
		for _, a := range args {
			w.str(a)
		}
	}
}

// warnings decodes the output of the writer's warnings.
func (r *reader) warnings() (list []calbell.Warning) {
	for range r.len() {
		one := calbell.Warning{Code: calbell.WarningCode(r.str())}
		for range r.len() {
			if arg, marked := strings.CutPrefix(r.str(), reasonMark); marked {
				one.Reason = calbell.TextOf(arg)
			} else {
				one.Args = append(one.Args, arg)
			}
		}
		list = append(list, one)
	}
	return list
}

// DecodeETag decodes only the beginning of a head.
func DecodeETag(b []byte) (calbell.Href, calbell.ETag, error) {
	r := reader{b: b}
	if version := r.byte(); version < 1 || version > headVersion {
		return "", "", ErrMalformed
	}
	return calbell.Href(r.str()), calbell.ETag(r.str()), r.err
}

// DecodeHead decodes the output of EncodeHead.
func DecodeHead(b []byte) (*Head, error) {
	r := reader{b: b}
	version := r.byte()
	if version < 1 || version > headVersion {
		return nil, ErrMalformed
	}
	h := &Head{}
	h.Href, h.ETag = calbell.Href(r.str()), calbell.ETag(r.str())
	h.Calendar = calbell.CalendarID(r.str())
	h.Problem = calbell.TextOf(r.str())
	for range r.len() {
		h.UIDs = append(h.UIDs, calbell.UID(r.str()))
	}
	h.Until, h.Replan = r.time(), r.time()
	if n := r.len(); n > 0 {
		h.Wants = make([]Want, 0, n)
		for range n {
			var e Want
			copy(e.ID[:], r.raw(IDLen))
			e.Due = r.time()
			h.Wants = append(h.Wants, e)
		}
	}
	if version >= 2 {
		h.Warnings = r.warnings()
	}
	if version >= 3 {
		h.BadSince = r.time()
	}
	return h, r.done()
}
