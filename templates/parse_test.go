package templates

import (
	"errors"
	"strings"
	"testing"

	"calbell"
)

// plainData has a subject and a location and no description, as of one moment.
func plainData(subject, location string) Data {
	return Data{Instance: &calbell.Instance{Summary: subject, Location: location}}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"variable", "%subject%", "Lunch"},
		{"variables side by side", "%subject%%location%", "LunchHall"},
		{"two percent signs", "%%subject%% 100%%", "%subject% 100%"},
		{"percent before a variable", "%%%subject%", "%Lunch"},
		{"percent after a number", "50% off, 20% more", "50% off, 20% more"},
		{"encoded blank", "a%20b%20", "a%20b%20"},
		{"digits are no name", "%subject1% %1%", "%subject1% %1%"},
		{"blank in the name", "%sub ject% %subject", "%sub ject% %subject"},
		{"percent alone", "% %", "% %"},
		{"percent at the end", "%subject%%", "Lunch%"},
		{"table cells", "|%subject%|%location%|", "|Lunch|Hall|"},
		{"bar after a number", "50%|x%", "50%|x%"},
		{"modifier", "%subject|upper%", "LUNCH"},
		{"modifiers from left to right", "%subject|max:3|upper%", "LU…"},
		{"argument with a colon", "%description|default:at: home%", "at: home"},
		{"argument with blanks", "a%description|default: none %x", "a none x"},
		{"adjacent arguments", "%subject|max:3%%location|max:3%", "Lu…Ha…"},
		{"default not needed", "%subject|default:none%", "Lunch"},
		{"value is never read", "%location|default:x%", "Hall"},
		{"optional, filled", "%subject%[[ in %location%]]", "Lunch in Hall"},
		{"optional, empty", "%subject%[[ about %description%]].", "Lunch."},
		{"optional with one of two", "[[%description% %location%]]", " Hall"},
		{"optional without a variable", "[[x]] [[]]", "[[x]] [[]]"},
		{"optional, not closed", "[[%subject%", "[[Lunch"},
		{"closed, not opened", "%subject%]]", "Lunch]]"},
		{"nested", "[[%subject%[[ (%description%)]][[ at %location%]]]]", "Lunch at Hall"},
		{"nested, empty", "a[[ %description%[[ %status%]]]]", "a"},
		{"nested decides for the outer", "[[x [[%location%]]]]", "x Hall"},
		{"three brackets", "[[[%location%]]]", "[Hall]"},
		{"three brackets, empty", "a[[[%description%]]]", "a"},
		{"link in brackets", "[[[%subject%](x)]]", "[Lunch](x)"},
		{"default fills", "[[%description|default:none%]]", "none"},
		{"percent signs in optional", "[[%location% %%]]", "Hall %"},
		{"newlines", "%subject%\r\n%location%", "Lunch\nHall"},
		{"trailing space", "%subject%  \n%location% \n%description%\n", "Lunch\nHall"},
		{"leading lines", "%description%\n\n%subject%", "Lunch"},
		{"indentation stays", "  %subject%", "  Lunch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindJSON, Template: c.src}})
			if err != nil {
				t.Fatal(err)
			}
			if got := h.Render(plainData("Lunch", "Hall")).Text; got != c.want {
				t.Errorf("%q: %q, want %q", c.src, got, c.want)
			}
		})
	}
}

func TestValuesAreNotTemplates(t *testing.T) {
	d := plainData("%location% %% [[x]] %nothing%", "Hall")
	h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindJSON, Template: "%subject%"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Render(d).Text; got != d.Instance.Summary {
		t.Errorf("%q", got)
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct {
		src, want string
	}{
		{"%sumary%", `line 1, column 1: unknown variable "sumary", did you mean "subject"?`},
		{"%Subject%", `line 1, column 1: unknown variable "Subject", did you mean "subject"?`},
		{"%locaton%", `line 1, column 1: unknown variable "locaton", did you mean "location"?`},
		{"%lieu%", `line 1, column 1: unknown variable "lieu", did you mean "location"?`},
		{"%organiser%", `line 1, column 1: unknown variable "organiser", did you mean "organizer"?`},
		{"%timezone%", `line 1, column 1: unknown variable "timezone", did you mean "time_zone"?`},
		{"%xyzzy%", `line 1, column 1: unknown variable "xyzzy"`},
		{"50%off%", `line 1, column 3: unknown variable "off"`},
		{"Grüße\nan é %subjct% x", `line 2, column 6: unknown variable "subjct", did you mean "subject"?`},
		{"[[ %nme% ]]", `line 1, column 4: unknown variable "nme", did you mean "subject"?`},
		{"%évènement%", `line 1, column 1: unknown variable "évènement"`},
		{"%subject|uper%", `line 1, column 10: unknown modifier "uper", did you mean "upper"?`},
		{"%subject|upper|trunc%", `line 1, column 16: unknown modifier "trunc"`},
		{"%subject|uppercase%", `line 1, column 10: unknown modifier "uppercase", did you mean "upper"?`},
		{"%subject|short%", `line 1, column 10: %subject% has no use for the modifier "short"`},
		{"%duration|tz:Europe/Zurich%", `line 1, column 11: %duration% has no use for the modifier "tz"`},
		{"%location|link:x%", `line 1, column 11: %location% has no use for the modifier "link"`},
		{"%subject|max%", `line 1, column 10: an argument ("max:…") is missing at the modifier "max"`},
		{"%subject|max:0%", `line 1, column 10: max takes a number from 1 on, not "0"`},
		{"%subject|max:ten%", `line 1, column 10: max takes a number from 1 on, not "ten"`},
		{"%subject|upper:x%", `line 1, column 10: no argument is taken by the modifier "upper"`},
		{"%start|tz:Mars%", `line 1, column 8: unknown time zone "Mars"`},
		{"%start|tz:Local%", `line 1, column 8: unknown time zone "Local"`},
		{"%start|locale:xx%", `line 1, column 8: unknown locale "xx"`},
		{"%start|format:yyyy Q%", `line 1, column 8: letter 'Q' means nothing in a date pattern (quote words: 'at') "yyyy Q"`},
		{"%start|format:HH 'h%", `line 1, column 8: a quotation mark is not closed in the date pattern "HH 'h"`},
		{"%start|format:dddddddd%", `line 1, column 8: too many 'd' in the date pattern "dddddddd"`},
	} {
		_, err := Compile(c.src)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: %v", c.src, err)
			continue
		}
		if err.Error() != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.src, err, c.want)
		}
	}
}

func TestLongTemplate(t *testing.T) {
	if _, err := Compile(strings.Repeat("x", calbell.MaxTemplateBytes)); err != nil {
		t.Error(err)
	}
	if _, err := Compile(strings.Repeat("x", calbell.MaxTemplateBytes+1)); err == nil {
		t.Error("a template that is too long compiles")
	}
	deep := strings.Repeat("[[", 1000) + "%subject%" + strings.Repeat("]]", 1000)
	if _, err := Compile(deep); err != nil {
		t.Error(err)
	}
}

// Every name that help and errors speak of exists, and every example compiles.
func TestVocabulary(t *testing.T) {
	for _, v := range Variables() {
		if _, err := Compile("%" + v.Name + "%"); err != nil || v.Meaning == "" {
			t.Errorf("%+v: %v", v, err)
		}
	}
	for _, m := range Modifiers() {
		if _, err := Compile(m.Example); err != nil || m.Meaning == "" {
			t.Errorf("%+v: %v", m, err)
		}
	}
	for from, to := range variableHints {
		if _, known := variables[from]; known || variables[to] == nil {
			t.Errorf("hint %q → %q", from, to)
		}
	}
	for from, to := range modifierHints {
		if isModifier(from) || !isModifier(to) {
			t.Errorf("hint %q → %q", from, to)
		}
	}
	for _, name := range strings.Fields("subject date description location title time start end end_time duration all_day minutes when " +
		"calendar organizer attendees attendee_count status categories url link time_zone recurrence uid webhook alarm_text late") {
		if variables[name] == nil {
			t.Errorf("%q is missing", name)
		}
	}
	for _, src := range []string{Default, DefaultSlack, DefaultJSON} {
		if _, err := Compile(src); err != nil {
			t.Error(err)
		}
	}
}
