package calbell

import (
	"slices"
	"strconv"
	"strings"
)

// WarningCode identifies a kind of [Warning]. Codes are stable: programs may compare them.
type WarningCode string

// Warning reports that part of a calendar object was not read as written: it was repaired, or a
// fallback was used. Its reminders are sent, perhaps at another time than the author meant.
type Warning struct {
	Code WarningCode `json:"code"`
	// Args fill the placeholders in the code's text, each cut to some 60 bytes: names of
	// properties, values as written, and the values used instead.
	Args []string `json:"args,omitempty"`
	// Reason is the error whose English is the last of Args; zero when the code has none.
	Reason Text `json:"-"`
}

// The kinds of warnings.
const (
	// The text and its structure (RFC 5545 §3.1, §3.4).
	WarnEncoding WarningCode = "encoding"   // not UTF-8: Windows-1252
	WarnBytes    WarningCode = "bytes"      // UTF-8 with broken characters
	WarnLine     WarningCode = "line"       // 1 the line
	WarnCut      WarningCode = "cut"        // 1 the component that the end of the text cuts off
	WarnNoBegin  WarningCode = "no-begin"   // 1 the component
	WarnNotEnded WarningCode = "not-closed" // 1 the component, which has no alarms of its own
	WarnNested   WarningCode = "nested"     // 1 the limit
	// Events and their versions (§3.8.4).
	WarnNoUID      WarningCode = "no-uid"
	WarnSharedUID  WarningCode = "shared-uid" // 1 how many
	WarnSuperseded WarningCode = "superseded" // 1 the RECURRENCE-ID
	WarnEnd        WarningCode = "end"
	// Zones (§3.2.19, §3.6.5).
	WarnZone         WarningCode = "zone"          // 1 TZID, 2 the zone taken
	WarnZoneSeries   WarningCode = "zone-series"   // 1 TZID, 2 property
	WarnZoneDisplay  WarningCode = "zone-display"  // 1 TZID, 2 the zone taken
	WarnZoneOffset   WarningCode = "zone-offset"   // 1 TZID, 2 the zone taken
	WarnZonePart     WarningCode = "zone-part"     // 1 TZID, 2 the zone taken
	WarnZoneDefined  WarningCode = "zone-defined"  // 1 TZID
	WarnCalendarZone WarningCode = "calendar-zone" // 1 X-WR-TIMEZONE
	WarnNoZone       WarningCode = "no-zone"
	WarnTimeZone     WarningCode = "timezone"   // 1 the error
	WarnObservance   WarningCode = "observance" // 1 STANDARD or DAYLIGHT
	// Values (§3.3). 1 is the property, 2 the value as written.
	WarnParameter  WarningCode = "parameter"   // 3 the value taken
	WarnNoTime     WarningCode = "no-time"     // as absent
	WarnTime       WarningCode = "time"        // 3 the time taken
	WarnDateTyped  WarningCode = "date"        // a date, though VALUE=DATE-TIME
	WarnClock      WarningCode = "clock"       // a time, though VALUE=DATE
	WarnMidnight   WarningCode = "midnight"    // a date, because of VALUE=DATE
	WarnDuration   WarningCode = "duration"    // 3 the duration taken
	WarnNoDuration WarningCode = "no-duration" // as absent; 3 why
	WarnNegative   WarningCode = "negative"    // as absent
	WarnNumber     WarningCode = "number"      // as absent
	WarnRepeat     WarningCode = "repeat"      // 3 the limit
	WarnPeriod     WarningCode = "period"      // its end as absent
	// Recurrence (§3.3.10).
	WarnRule      WarningCode = "rule"       // 1 property, 2 as written, 3 the rule taken
	WarnNoRule    WarningCode = "no-rule"    // 1 property, 2 the error
	WarnEmptyRule WarningCode = "empty-rule" // 1 the rule
)

// warningTexts are the English texts of the codes; {1} stands for the first argument.
var warningTexts = [...]struct {
	code WarningCode
	text string
}{
	{WarnEncoding, `the text is not UTF-8: read as Windows-1252`},
	{WarnBytes, `the text has bytes that are not UTF-8: shown as �`},
	{WarnLine, `skipped "{1}"`},
	{WarnCut, `the text ends before END:{1}`},
	{WarnNoBegin, `END:{1} without its BEGIN`},
	{WarnNotEnded, `{1} is not closed`},
	{WarnNested, `components are nested more than {1} deep`},
	{WarnNoUID, `the component has no UID`},
	{WarnSharedUID, `{1} events with different starts share one UID and version: each of them rings`},
	{WarnSuperseded, `the change of {1} is older than the series, which no longer has that time: ignored`},
	{WarnEnd, `the end lies before the start: taken as absent`},
	{WarnZone, `unknown time zone "{1}": its times are read in {2}`},
	{WarnZoneSeries, `unknown time zone "{1}": {2} is read in the zone of the series`},
	{WarnZoneDisplay, `time zone "{1}" is a display name: read as {2}`},
	{WarnZoneOffset, `time zone "{1}" only gives an offset: read as {2}, without summer time`},
	{WarnZonePart, `time zone "{1}" has something beside its name: read as {2}`},
	{WarnZoneDefined, `the file defines time zone "{1}" with other offsets than its name says: its definition counts`},
	{WarnCalendarZone, `unknown time zone "{1}" in X-WR-TIMEZONE`},
	{WarnNoZone, `no zone is known for floating and all-day times: they are read in UTC`},
	{WarnTimeZone, `VTIMEZONE: {1}`},
	{WarnObservance, `{1} of a VTIMEZONE has no start or no offset`},
	{WarnParameter, `{1}: a parameter stands in the value "{2}": read as {3}`},
	{WarnNoTime, `{1}: invalid date or time "{2}": taken as absent`},
	{WarnTime, `{1}: unusual date or time "{2}": read as {3}`},
	{WarnDateTyped, `{1}: "{2}" is a date, although VALUE is DATE-TIME`},
	{WarnClock, `{1}: "{2}" is a time, although VALUE is DATE`},
	{WarnMidnight, `{1}: "{2}" is read as a date, because VALUE is DATE`},
	{WarnDuration, `{1}: unusual duration "{2}": read as {3}`},
	{WarnNoDuration, `{1}: invalid duration "{2}" ({3}): taken as absent`},
	{WarnNegative, `{1}: "{2}" is negative: taken as absent`},
	{WarnNumber, `{1}: invalid number "{2}": taken as absent`},
	{WarnRepeat, `{1}: "{2}" is more than {3}: cut to that`},
	{WarnPeriod, `{1}: invalid end of the period "{2}": taken as absent`},
	{WarnRule, `{1}: unusual rule "{2}": read as {3}`},
	{WarnNoRule, `{1}: {2}; instances that only this rule gives do not ring`},
	{WarnEmptyRule, `RRULE: "{1}" gives nothing within the steps that a rule may take`},
}

// WarningCodes returns all codes, each once.
func WarningCodes() []WarningCode {
	list := make([]WarningCode, len(warningTexts))
	for i, t := range warningTexts {
		list[i] = t.code
	}
	return list
}

// Text returns the English text of the code, with {1} for the first argument; "" for an unknown
// code.
func (c WarningCode) Text() string {
	for _, t := range warningTexts {
		if t.code == c {
			return t.text
		}
	}
	return ""
}

// String returns the warning in English. For an unknown code, as a newer program may have
// stored it, it returns the code and the arguments.
func (w Warning) String() string {
	text := w.Code.Text()
	if text == "" {
		return strings.Join(slices.Concat([]string{string(w.Code)}, w.Args), " ")
	}
	pairs := make([]string, 0, 2*len(w.Args))
	for i, a := range w.Args {
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", a)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
