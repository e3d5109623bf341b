package markup

import (
	"strings"
	"testing"
)

// value is a value without a wrap.
func value(text string) Piece { return Piece{Text: text, As: &Value{}} }

func author(text string) Piece { return Piece{Text: text} }

// The author's text keeps its marks, a value loses them, in the way of each markup.
func TestValuesLoseTheirPower(t *testing.T) {
	for _, c := range []struct {
		to   Target
		want string
	}{
		{Target{Markup: Markdown}, `**a** \*b\* &lt;!here> @` + breaker + "all"},
		{Target{Markup: Mrkdwn}, "**a** ∗b∗ &lt;!here&gt; @" + breaker + "all"},
		{Target{Markup: None}, "**a** *b* <!here> @all"},
		{Target{Markup: Mrkdwn, Rules: RulesMarkdown}, `**a** \*b\* &lt;!here> @` + breaker + "all"},
		{Target{Markup: Mrkdwn, Rules: RulesLabel}, "**a** *b* &lt;!here&gt; @" + breaker + "all"},
		{Target{Markup: Mrkdwn, Rules: RulesLiteral}, "**a** *b* <!here> @all"},
		{Target{Markup: Mrkdwn, Rules: RulesPlain}, "**a** *b* <!here> @all"},
	} {
		if got := c.to.Fit([]Piece{author("**a** "), value("*b* <!here> @all")}, 100).String(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.to, got, c.want)
		}
	}
}

// A value within an address is a part of it and changes neither its host nor its end.
func TestValueInAddress(t *testing.T) {
	to := Target{Markup: Markdown, Rules: RulesAddress}
	for _, c := range []struct {
		pieces []Piece
		want   string
	}{
		{[]Piece{author("https://example.org/?q="), value("a b&c")}, "https://example.org/?q=a%20b%26c"},
		{[]Piece{value("https://example.org/?a=b&c")}, "https://example.org/?a=b&c"},
	} {
		if got := to.Fit(c.pieces, 100).String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// The longest value is shortened; the author's text stays whole unless it is too long itself.
func TestFitShortensValues(t *testing.T) {
	to := Target{Markup: Markdown}
	long := strings.Repeat("*", 500)
	got := to.Fit([]Piece{author("```\n"), value("short"), author("\n```\n"), value(long)}, 60).String()
	if runes(got) > 60 || !strings.HasPrefix(got, "```\nshort\n```\n") || !strings.HasSuffix(got, Ellipsis) {
		t.Errorf("%d characters: %q", runes(got), got)
	}
	got = to.Fit([]Piece{author(strings.Repeat("a", 80)), value("@all")}, 60).String()
	if got != strings.Repeat("a", 59)+Ellipsis {
		t.Errorf("%q", got)
	}
}

// Marks around nothing would be other marks: a word or a blank takes the place of an empty value.
func TestEmptyValuesBetweenMarks(t *testing.T) {
	to := Target{Markup: Markdown, Untitled: "(no title)"}
	for _, c := range []struct {
		mark string
		as   Value
		want string
	}{
		{"**", Value{Title: true}, "**(no title)**"}, {"**", Value{}, "**–**"}, {"`", Value{}, "` `"}, {" x ", Value{}, "x  x"},
	} {
		got := to.Write([]Piece{author(c.mark), {As: &c.as}, author(c.mark)}).String()
		if strings.TrimSpace(got) != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// Previews follow from whose addresses a text has.
func TestAuthorsOfAddresses(t *testing.T) {
	for _, c := range []struct {
		markup Markup
		pieces []Piece
		want   Addresses
	}{
		{Markdown, []Piece{author("no address "), value("here")}, Addresses{}},
		{Markdown, []Piece{author("https://a.example "), value("https://b.example")}, Addresses{Any: true, Value: true}},
		{Markdown, []Piece{value("https://b.example"), author(" https://a.example")}, Addresses{Any: true, Value: true, Leader: true}},
		{Markdown, []Piece{author("https://a.example/?q="), value("b")}, Addresses{Any: true}},
		{Markdown, []Piece{value("b.example")}, Addresses{}},
		{Mrkdwn, []Piece{value("b.example")}, Addresses{Value: true}},
		{None, []Piece{value("https://b.example")}, Addresses{}},
	} {
		if got := (Target{Markup: c.markup}).Write(c.pieces).Addresses(); got != c.want {
			t.Errorf("%s, %q: %+v, want %+v", c.markup, c.pieces[0].Text, got, c.want)
		}
	}
}

// A line after a quotation, list or table would belong to it.
func TestAbsorbs(t *testing.T) {
	for text, want := range map[string]bool{"a": false, "a\n> b": true, "- a": true, "1. a\nb": false, "| a |": true} {
		if got := Markdown.Absorbs(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
		if Mrkdwn.Absorbs(text) {
			t.Errorf("%q: mrkdwn has no blocks that go on", text)
		}
	}
}
