package zone

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxDisplay bounds display names; the longest of Windows has some 70 bytes.
const maxDisplay = 256

// withOffset takes a name with an offset apart: sign, hours, minutes, what follows. The offset
// may be in brackets, after UTC or GMT, and its minutes behind a colon, a dot or nothing.
var withOffset = regexp.MustCompile(`^\(?\s*(?:UTC|GMT)?\s*([+-])\s*(\d{1,2})(?:[:.]?(\d{2}))?(?:\s*\)|\s|/|$)(.*)$`)

// noOffset is a name with UTC or GMT in brackets.
var noOffset = regexp.MustCompile(`^\(\s*(?:UTC|GMT)\s*\)(.*)$`)

// second is the offset of summer time behind that of winter, as Exchange writes both:
// "(Standard) / GMT -0400 (Daylight)", "-04.00".
var second = regexp.MustCompile(`^(?:\(STANDARD\)\s*/\s*)?(?:UTC|GMT)?\s*([+-])\s*(\d{1,2})(?:[:.]?(\d{2}))?\s*\)?(?:\s*\(DAYLIGHT\))?$`)

// described returns the zone of a display name, or of a name that gives its offset (D2).
func described(name string) entry {
	if len(name) > maxDisplay {
		return entry{}
	}
	if loc := displayed(name); loc != nil {
		return entry{loc, Display}
	}
	key := strings.ToUpper(strings.NewReplacer("\u2212", "-", "\u2013", "-", "\u00b1", "+", "\u00a0", " ").Replace(name))
	if m := noOffset.FindStringSubmatch(key); m != nil {
		return offered(0, m[1])
	}
	m := withOffset.FindStringSubmatch(key)
	if m == nil {
		return entry{}
	}
	offset, ok := offsetOf(m[1:4])
	if !ok {
		return entry{}
	}
	return offered(offset, m[4])
}

// offsetOf reads sign, hours and minutes in seconds; false beyond what clocks on Earth show.
func offsetOf(parts []string) (int, bool) {
	const most = 14 * 60 * 60
	hours, _ := strconv.Atoi(parts[1]) // digits by the expression
	minutes, _ := strconv.Atoi(parts[2])
	seconds := hours*3600 + minutes*60
	if minutes > 59 || seconds > most {
		return 0, false
	}
	if parts[0] == "-" {
		return -seconds, true
	}
	return seconds, true
}

// offered returns the zone of an offset and what is written behind it, in upper case: that of
// winter and summer, of a display name, of one of its cities; else one of the offset alone.
func offered(offset int, rest string) entry {
	rest = strings.TrimSpace(rest)
	if m := second.FindStringSubmatch(rest); m != nil {
		summer, ok := offsetOf(m[1:4])
		if ok && summer != offset {
			if loc := seasonal(offset, summer); loc != nil {
				return entry{loc, Display}
			}
		}
	}
	for _, find := range []func(string, int) *time.Location{displayedAt, northAmerica, ofCities} {
		if loc := find(rest, offset); loc != nil {
			return entry{loc, Display}
		}
	}
	if offset == 0 {
		return entry{time.UTC, Offset}
	}
	return entry{time.FixedZone("UTC"+clock(offset), offset), Offset}
}

// clock writes an offset as "+02:00".
func clock(offset int) string {
	sign := "+"
	if offset < 0 {
		sign, offset = "-", -offset
	}
	two := func(n int) string { return strconv.Itoa(n/10) + strconv.Itoa(n%10) }
	return sign + two(offset/3600) + ":" + two(offset/60%60)
}

// displayedAt is displayed for a zone that has the offset, in one half of the year.
func displayedAt(text string, offset int) *time.Location {
	if loc := displayed(text); loc != nil && hasOffset(loc, offset) {
		return loc
	}
	return nil
}

// displayed returns the zone of a display name without its offset. Where Windows lists cities,
// these are found by themselves, see ofCities.
func displayed(text string) *time.Location {
	key := displayKey(text)
	for _, d := range displayNames {
		if d.display == key {
			return load(d.iana)
		}
	}
	return nil
}

// displayKey makes display names comparable.
func displayKey(text string) string {
	text = strings.NewReplacer("&amp;", "&", " and ", " & ").Replace(strings.ToLower(text))
	return strings.Join(strings.Fields(text), " ")
}

// northAmerica returns the zone of the United States and Canada at an offset, whatever the
// language: "Est (É.-U. et Canada)", "Eastern Time (USA & Kanada)".
func northAmerica(text string, offset int) *time.Location {
	_, in, ok := strings.Cut(text, "(")
	if !ok || !strings.Contains(in, "CANAD") && !strings.Contains(in, "KANAD") {
		return nil
	}
	switch offset {
	case -8 * 3600:
		return load("America/Los_Angeles")
	case -7 * 3600:
		return load("America/Denver")
	case -6 * 3600:
		return load("America/Chicago")
	case -5 * 3600:
		return load("America/New_York")
	case -4 * 3600:
		return load("America/Halifax")
	}
	return nil
}

// ofCities returns the zone of the first city in a list that has one at the offset. In every
// language, some names of a list are those of the IANA database.
func ofCities(text string, offset int) *time.Location {
	for city := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;/:()", r) }) {
		key := fold(strings.TrimSpace(city))
		if key == "" {
			continue
		}
		for _, name := range ianaNames {
			area, last, ok := cutLast(name)
			if !ok || area == "Etc" || fold(last) != key {
				continue
			}
			if loc := load(name); loc != nil && hasOffset(loc, offset) {
				return loc
			}
		}
	}
	return nil
}

// cutLast cuts an IANA name before its last part.
func cutLast(name string) (area, last string, ok bool) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

// hasOffset reports whether clocks in a zone show an offset in some season, of years in which
// display names were written.
func hasOffset(loc *time.Location, offset int) bool {
	for year := 2006; year <= 2026; year += 5 {
		for _, month := range []time.Month{time.January, time.July} {
			if offsetAt(loc, time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)) == offset {
				return true
			}
		}
	}
	return false
}

// seasons are zones by the offsets of their winter and summer, in minutes. Where several have
// the same, the one with most people.
var seasons = [...]struct {
	winter, summer int
	iana           string
}{
	{-600, -540, "America/Adak"},
	{-540, -480, "America/Anchorage"},
	{-480, -420, "America/Los_Angeles"},
	{-420, -360, "America/Denver"},
	{-360, -300, "America/Chicago"},
	{-300, -240, "America/New_York"},
	{-240, -180, "America/Halifax"},
	{-210, -150, "America/St_Johns"},
	{-60, 0, "Atlantic/Azores"},
	{0, 60, "Europe/London"},
	{60, 120, "Europe/Berlin"},
	{120, 180, "Europe/Athens"},
	{570, 630, "Australia/Adelaide"},
	{600, 660, "Australia/Sydney"},
	{630, 660, "Australia/Lord_Howe"},
	{720, 780, "Pacific/Auckland"},
}

// seasonal returns the zone with these offsets, nil when there is none.
func seasonal(winter, summer int) *time.Location {
	for _, s := range seasons {
		if s.winter*60 == winter && s.summer*60 == summer {
			return load(s.iana)
		}
	}
	return nil
}

// displayNames are the display names of Windows, and older ones, in which no city tells the
// zone; without their offset, as displayKey writes them.
var displayNames = [...]struct{ display, iana string }{
	{"international date line west", "Etc/GMT+12"},
	{"aleutian islands", "America/Adak"},
	{"hawaii", "Pacific/Honolulu"},
	{"marquesas islands", "Pacific/Marquesas"},
	{"alaska", "America/Anchorage"},
	{"baja california", "America/Tijuana"},
	{"tijuana, baja california", "America/Tijuana"},
	{"pacific time (us & canada)", "America/Los_Angeles"},
	{"pacific time (us & canada); tijuana", "America/Los_Angeles"},
	{"arizona", "America/Phoenix"},
	{"mountain time (us & canada)", "America/Denver"},
	{"yukon", "America/Whitehorse"},
	{"central america", "America/Guatemala"},
	{"central time (us & canada)", "America/Chicago"},
	{"easter island", "Pacific/Easter"},
	{"saskatchewan", "America/Regina"},
	{"chetumal", "America/Cancun"},
	{"eastern time (us & canada)", "America/New_York"},
	{"haiti", "America/Port-au-Prince"},
	{"indiana (east)", "America/Indianapolis"},
	{"turks & caicos", "America/Grand_Turk"},
	{"atlantic time (canada)", "America/Halifax"},
	{"newfoundland", "America/St_Johns"},
	{"newfoundland & labrador", "America/St_Johns"},
	{"brasilia", "America/Sao_Paulo"},
	{"city of buenos aires", "America/Buenos_Aires"},
	{"greenland", "America/Godthab"},
	{"saint pierre & miquelon", "America/Miquelon"},
	{"salvador", "America/Bahia"},
	{"cabo verde is.", "Atlantic/Cape_Verde"},
	{"cape verde is.", "Atlantic/Cape_Verde"},
	{"coordinated universal time", "UTC"},
	{"greenwich mean time : dublin, edinburgh, lisbon, london", "Europe/London"},
	{"greenwich mean time: dublin, edinburgh, lisbon, london", "Europe/London"},
	{"west central africa", "Africa/Lagos"},
	{"port louis", "Indian/Mauritius"},
	{"abu dhabi, muscat", "Asia/Dubai"},
	{"ekaterinburg", "Asia/Yekaterinburg"},
	{"astana", "Asia/Almaty"},
	{"nur-sultan", "Asia/Almaty"},
	{"chennai, kolkata, mumbai, new delhi", "Asia/Kolkata"},
	{"sri jayawardenepura", "Asia/Colombo"},
	{"sri jayewardenepura", "Asia/Colombo"},
	{"yangon (rangoon)", "Asia/Yangon"},
	{"lord howe island", "Australia/Lord_Howe"},
	{"bougainville island", "Pacific/Bougainville"},
	{"norfolk island", "Pacific/Norfolk"},
	{"solomon is., new caledonia", "Pacific/Guadalcanal"},
	{"magadan, solomon is., new caledonia", "Pacific/Guadalcanal"},
	{"fiji, kamchatka, marshall is.", "Pacific/Fiji"},
	{"fiji", "Pacific/Fiji"},
	{"chatham islands", "Pacific/Chatham"},
	{"nuku'alofa", "Pacific/Tongatapu"},
	{"kiritimati island", "Pacific/Kiritimati"},
	{"samoa", "Pacific/Apia"},
}
