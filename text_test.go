package calbell_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"calbell"
)

// A text has the English of its format, and its arguments as translations put them in: names without
// quotation marks, texts and errors as texts.
func TestTextArguments(t *testing.T) {
	inner := calbell.T("test:inner", "it is %d days old", 3)
	text := calbell.T("test:outer", "account %q, 100%% of %s: %.3q, %v", "a \"b\"", inner, "abcdef", errors.New("gone"))
	if want := `account "a \"b\"", 100% of it is 3 days old: "abc", gone`; text.English != want {
		t.Errorf("%s, want %s", text.English, want)
	}
	var args []string
	for _, a := range text.Args() {
		args = append(args, a.Key+"|"+a.English)
	}
	if got := strings.Join(args, " "); got != `|a "b" test:inner|it is 3 days old |abc |gone` {
		t.Errorf("arguments: %s", got)
	}
	if hidden := calbell.T("test:x", "%q", "a\u202eb").Args()[0].English; hidden != `a\u202eb` {
		t.Errorf("what cannot be seen is shown as it is: %q", hidden)
	}
}

// What is stored comes back with key and arguments; what an older version stored is plain words, also
// where it looks like a stored text.
func TestStoredText(t *testing.T) {
	for _, text := range []calbell.Text{
		{},
		calbell.Plain("gone"), calbell.Plain(`{"k":"x","t":"of a server"}`), calbell.Plain("{"),
		calbell.T("test:x", "no argument"),
		calbell.T("test:y", "%s: %q", calbell.T("test:z", "a %q", `"`), `{"k":"a","t":"b"}`),
		calbell.Chain(calbell.Plain("{x"), calbell.List(calbell.Plain("a"), calbell.T("test:x", "b"))),
	} {
		if back := calbell.TextOf(text.Stored()); back != text || fmt.Sprint(back.Args()) != fmt.Sprint(text.Args()) {
			t.Errorf("%#v came back as %#v", text, back)
		}
	}
	for _, old := range []string{"the server answered 404", `{"error":"rate limited"}`, "{", "null", `{"t":1}`} {
		if got := calbell.TextOf(old); got != calbell.Plain(old) {
			t.Errorf("%s was read as %#v", old, got)
		}
	}
}

// Programs read English, and what they send is plain words.
func TestTextAsJSON(t *testing.T) {
	b, err := json.Marshal(struct {
		Reason calbell.Text `json:"reason,omitzero"`
		Empty  calbell.Text `json:"empty,omitzero"`
	}{Reason: calbell.T("test:x", "no <%s>", "b")})
	if err != nil || string(b) != `{"reason":"no \u003cb\u003e"}` {
		t.Errorf("%s, %v", b, err)
	}
	var back calbell.Text
	if err := json.Unmarshal([]byte(`"gone"`), &back); err != nil || back != calbell.Plain("gone") {
		t.Errorf("%#v, %v", back, err)
	}
}

// An error without a text passes on that of the error it wraps, after its own words; one whose words
// go on behind the wrapped error's is plain.
func TestTextOfError(t *testing.T) {
	keyed := calbell.Errorf("test:x", "cannot read %s: %w", "it", os.ErrNotExist)
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for _, c := range []struct {
		err  error
		want string // keys, outermost first
	}{
		{keyed, "test:x"},
		{fmt.Errorf("%w", keyed), "test:x"},
		{fmt.Errorf("sync: %w", keyed), "chain test:x"},
		{fmt.Errorf("sync %w!", keyed), ""},
		{&calbell.Error{What: calbell.T("test:y", "stop"), Err: keyed}, "chain test:y test:x"},
		{&calbell.Error{Err: keyed}, "test:x"},
		{refused, "chain chain system.refused"},
		{context.DeadlineExceeded, "system.deadline"},
		{errors.New("other"), ""},
		{nil, ""},
	} {
		text := calbell.TextOfError(c.err)
		if got := strings.Join(keysOf(text), " "); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
		if c.err != nil && text.English != c.err.Error() {
			t.Errorf("%v is said as %q", c.err, text.English)
		}
	}
	if !errors.Is(keyed, os.ErrNotExist) {
		t.Error("the wrapped error is lost")
	}
}

// keysOf returns the keys of a text and of its arguments.
func keysOf(t calbell.Text) (keys []string) {
	if t.Key != "" {
		keys = append(keys, t.Key)
	}
	for _, a := range t.Args() {
		keys = append(keys, keysOf(a)...)
	}
	return keys
}

// A secret is hidden in the English and in each argument, so that no translation shows it; where it
// stands in several arguments, or in the sentence itself, no translation is left.
func TestHide(t *testing.T) {
	mask := func(s string) string { return strings.ReplaceAll(s, "s3cr3t", "…") }
	for _, c := range []struct {
		text  calbell.Text
		keyed bool
	}{
		{calbell.T("test:x", "no %s here", "s3cr3t"), true},
		{calbell.T("test:x", "no %s", calbell.T("test:y", "%q", "a s3cr3t b")), true},
		{calbell.T("test:x", "no %s%s here", "s3c", "r3t"), false},
		{calbell.T("test:x", "no %s%s, %s", "s3c", "r3t", "s3cr3t"), false},
		{calbell.T("test:x", "no s3cr3t here"), false},
		{calbell.Plain("s3cr3t"), false},
	} {
		hidden := c.text.Hide(mask, mask)
		if strings.Contains(hidden.Stored(), "s3cr3t") || (hidden.Key != "") != c.keyed {
			t.Errorf("%s became %s", c.text.Stored(), hidden.Stored())
		}
	}
}
