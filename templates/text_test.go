package templates

import (
	"strings"
	"testing"

	"calbell"
)

func TestHTML(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"no html", "a < b\n<anna@example.org> & <c>", "a < b\n<anna@example.org> & <c>"},
		{"line breaks", "one<br>two<br/>three<BR />four", "one\ntwo\nthree\nfour"},
		{"blank line", "one<br><br>two", "one\n\ntwo"},
		{"paragraphs", "<p>one</p><p>two <b>bold</b></p>", "one\n\ntwo bold"},
		{"pretty-printed", "<html>\n <body>\n  <div>one\n  two</div>\n  <div>three</div>\n </body>\n</html>", "one two\nthree"},
		{"inline tags only", "one\ntwo <b>bold</b>\n\nthree", "one\ntwo bold\n\nthree"},
		{"list", "<ul><li>one</li><li>two</li></ul>after", "- one\n- two\n\nafter"},
		{"link", `see <a href="https://example.org/x">the page</a>.`, "see the page (https://example.org/x)."},
		{"link that says its address", `<a href="https://example.org/x">https://example.org/x</a> <a href="https://example.org/">example.org</a>`, "https://example.org/x example.org"},
		{"link without words", `a <a href="https://example.org/x"><img src="x"></a>`, "a https://example.org/x"},
		{"mail", `<a href="mailto:anna@example.org">anna@example.org</a> <a href="mailto:b@example.org">Ben</a>`, "anna@example.org Ben (b@example.org)"},
		{"script address", `<a href="javascript:alert(1)">x</a>`, "x"},
		{"entities", "<p>a &amp; b &lt;c&gt; &eacute;&nbsp;f</p>", "a & b <c> é f"},
		{"double entities", "<p>&amp;lt;b&amp;gt;</p>", "&lt;b&gt;"},
		{"hidden", "<style>p{}</style><script>x</script><p>one</p><title>t</title>", "one"},
		{"comment", "<p>one<!-- two --></p>", "one"},
		{"table", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
		{"pre", "<pre>a\n  b</pre>", "a\n  b"},
		{"not closed", "<div>one<p>two", "one\n\ntwo"},
		{"cut in a tag", "<p>one</p><a href=\"https://example.org", "one"},
		{"outlook", `<html><head><meta charset="utf-8"><style>x</style></head><body><p class="MsoNormal">Hello,<o:p></o:p></p><p>see you</p></body></html>`, "Hello,\n\nsee you"},
		{"list of paragraphs", "<ul><li><p>one</p></li><li><div><span>two</span></div><ul><li><p class=\"x\">three</p><p>four</p></li></ul></li></ul>after", "- one\n- two\n- three\n\nfour\n\nafter"},
		{"numbered list", "<ol><li>one</li><li>two<ul><li>a</li></ul></li><li>three</li></ol>", "1. one\n2. two\n- a\n3. three"},
		{"numbers of its own", `<ol start="7"><li>a</li><li value="20">b<li>c</ol><ul><li>d</li></ul>`, "7. a\n20. b\n21. c\n- d"},
		{"numbers that are none", `<ol start="-1"><li value="x">a</li></ol></ol><li>b`, "1. a\n- b"},
		{"line break that closes", "a</br>b", "a\nb"},
		{"entities without tags", "Q&amp;A &lt;b&gt; &quot;x&quot; it&#39;s&nbsp;so ?a=1&copy=2 &amp;amp;", "Q&A <b> \"x\" it's so ?a=1&copy=2 &amp;"},
		{"rules", "a\n" + strings.Repeat("_", 80) + "\nb\n==========\n---\n________ x\n*-*-*-*-*-*", "a\n———\nb\n———\n---\n________ x\n*-*-*-*-*-*"},
		{"routing lines", "one\n#remind ops -15m\n  #remind none\n#reminder stays\ntwo", "one\n#reminder stays\ntwo"},
		{"routing lines in html", "one<br>#remind ops<br>two", "one\ntwo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Data{Instance: &calbell.Instance{Description: c.in}}
			if got := jsonText(t, "%description%", d); got != c.want {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestPlainModifier(t *testing.T) {
	d := Data{Instance: &calbell.Instance{Summary: "<b>Lunch</b><br>now", Location: "a <room> b"}}
	if got := jsonText(t, "%subject|plain% %location|plain%", d); got != "Lunch now a <room> b" {
		t.Errorf("%q", got)
	}
}

func TestJoinLink(t *testing.T) {
	for _, c := range []struct {
		name string
		in   calbell.Instance
		want string
	}{
		{"nothing", calbell.Instance{Description: "see https://example.org/agenda"}, ""},
		{"conference", calbell.Instance{Conferences: []string{"tel:+41", "https://video.example.org/1"}, URL: "https://zoom.us/j/1"}, "https://video.example.org/1"},
		{"telephone only", calbell.Instance{Conferences: []string{"tel:+41"}}, ""},
		{"google", calbell.Instance{Description: "Join: https://meet.google.com/abc-defg-hij\nOr dial"}, "https://meet.google.com/abc-defg-hij"},
		{"teams", calbell.Instance{Description: `<a href="https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%22Tid%22%3a%22y%22%7d">Join</a>`}, "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%22Tid%22%3a%22y%22%7d"},
		{"teams, short", calbell.Instance{Description: "____\nJoin https://teams.microsoft.com/meet/123?p=abc."}, "https://teams.microsoft.com/meet/123?p=abc"},
		{"zoom in the location", calbell.Instance{Location: "https://us02web.zoom.us/j/123?pwd=x#success"}, "https://us02web.zoom.us/j/123?pwd=x#success"},
		{"zoom's help pages", calbell.Instance{Description: "https://support.zoom.us/hc/articles"}, ""},
		{"kmeet", calbell.Instance{Description: "(https://kmeet.infomaniak.com/abcdef)"}, "https://kmeet.infomaniak.com/abcdef"},
		{"jitsi", calbell.Instance{Description: "https://meet.jit.si/Room, now"}, "https://meet.jit.si/Room"},
		{"own jitsi", calbell.Instance{Location: "https://jitsi.example.org/Room"}, "https://jitsi.example.org/Room"},
		{"webex", calbell.Instance{Description: "https://acme.webex.com/acme/j.php?MTID=m1"}, "https://acme.webex.com/acme/j.php?MTID=m1"},
		{"webex room", calbell.Instance{Description: "https://acme.webex.com/meet/anna"}, "https://acme.webex.com/meet/anna"},
		{"url before location before description", calbell.Instance{URL: "https://zoom.us/j/1", Location: "https://zoom.us/j/2"}, "https://zoom.us/j/1"},
		{"url that is no meeting", calbell.Instance{URL: "https://example.org", Location: "https://zoom.us/j/2"}, "https://zoom.us/j/2"},
		{"ampersands of html", calbell.Instance{Description: `<a href="https://zoom.us/j/1?a=1&amp;b=2">x</a>`}, "https://zoom.us/j/1?a=1&b=2"},
		{"a host that only looks like it", calbell.Instance{Description: "https://zoom.us.evil.example/j/1 https://evilzoom.us/j/1 https://evil.example/zoom.us/j/1"}, ""},
		{"another scheme", calbell.Instance{Description: "httpx://zoom.us/j/1 javascript:https://zoom.us"}, ""},
		{"safe link of outlook", calbell.Instance{Description: `<a href="https://eur03.safelinks.protection.outlook.com/ap/t-59584e83/?url=https%3A%2F%2Fteams.microsoft.com%2Fl%2Fmeetup-join%2F19%253ameeting_x%2540thread.v2%2F0%3Fcontext%3D%257b%257d&amp;data=05%7C02%7Canna&amp;reserved=0" title="x">Join</a>`}, "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d"},
		{"safe link in text", calbell.Instance{Location: "Join<https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fus02web.zoom.us%2Fj%2F1%3Fpwd%3Dx&data=05>"}, "https://us02web.zoom.us/j/1?pwd=x"},
		{"safe link elsewhere", calbell.Instance{Description: "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2F&data=05"}, ""},
		{"by way of google", calbell.Instance{Description: `<a href="https://www.google.com/url?q=https://acme.webex.com/meet/anna&amp;sa=D&amp;source=calendar">x</a>`}, "https://acme.webex.com/meet/anna"},
		{"by way of proofpoint", calbell.Instance{Description: "https://urldefense.com/v3/__https://us02web.zoom.us/j/1?pwd=x__;!!abc!def$ "}, "https://us02web.zoom.us/j/1?pwd=x"},
		{"with a user before the host", calbell.Instance{Description: "https://bank.example@zoom.us/j/1 https://zoom.us@evil.example/j/1"}, ""},
		{"after other addresses", calbell.Instance{Description: strings.Repeat("https://example.org/ ", 20) + "https://zoom.us/j/9"}, "https://zoom.us/j/9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := jsonText(t, "x%link%", Data{Instance: &c.in}); got != "x"+c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
