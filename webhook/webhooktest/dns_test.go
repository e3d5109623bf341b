package webhooktest

import (
	"net/netip"
	"testing"
)

// query returns a question for an A record.
func query(labels ...string) []byte {
	q := []byte{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	for _, l := range labels {
		q = append(append(q, byte(len(l))), l...)
	}
	return append(q, 0, 0, dnsA, 0, 1)
}

func TestQuestionName(t *testing.T) {
	for _, tt := range []struct {
		name  string
		query []byte
		want  string
		ok    bool
	}{
		{"name", query("chat", "example", "org"), "chat.example.org", true},
		{"root", query(), "", true},
		{"empty", nil, "", false},
		{"header alone", query()[:dnsHeader], "", false},
		{"no type", query("a")[:dnsHeader+3], "", false},
		{"half a label", query("chat")[:dnsHeader+3], "", false},
		{"no end", append(query()[:dnsHeader], 1, 'a'), "", false},
		{"too many labels", query(make([]string, maxDNSLabels+1)...), "", true}, // of no letters: the first is the root
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, end, err := questionName(tt.query)
			if got != tt.want || (err == nil) != tt.ok {
				t.Errorf("%q, %v", got, err)
			}
			if err == nil && end+dnsFixedFields > len(tt.query) {
				t.Errorf("ends at %d of %d", end, len(tt.query))
			}
		})
	}
}

// No question makes it panic, and each answer repeats the question's ID.
func FuzzAnswerDNS(f *testing.F) {
	f.Add(query("chat", "example", "org"))
	f.Add([]byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, q []byte) {
		reply, err := answerDNS(q, func(string) []netip.Addr { return []netip.Addr{netip.MustParseAddr("192.0.2.1")} })
		if err == nil && (len(reply) < dnsHeader || reply[0] != q[0] || reply[1] != q[1]) {
			t.Errorf("%x", reply)
		}
	})
}
