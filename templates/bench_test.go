package templates

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"calbell"
)

// allVariables is a template with every variable once.
func allVariables() string {
	var b strings.Builder
	for _, v := range Variables() {
		b.WriteString("%" + v.Name + "% ")
	}
	return b.String()
}

func BenchmarkAllVariables(b *testing.B) {
	for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack, calbell.KindJSON} {
		b.Run(string(kind), func(b *testing.B) { benchmark(b, kind, allVariables()) })
	}
}

func BenchmarkDefault(b *testing.B) { benchmark(b, calbell.KindKChat, Default) }

// BenchmarkHugeDescription is what a stranger can make of one message at worst: a description
// of a megabyte, in which every character is a mark.
func BenchmarkHugeDescription(b *testing.B) {
	for name, text := range map[string]string{
		"marks": strings.Repeat("[*_`~<|>@a](http://x/)\n", 1<<20/23), "html": strings.Repeat("<p><b><a href='https://x.example/'>y</a>&amp;", 1<<20/44),
		"addresses": strings.Repeat("http", 1<<18), "breaks": strings.Repeat("<br>\u200d", 1<<20/7), "accents": strings.Repeat("a\u0301\u0301\u0301", 1<<20/7),
	} {
		b.Run(name, func(b *testing.B) {
			h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "%description% %link%"}})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				h.Render(Data{Instance: &calbell.Instance{Description: text}})
			}
		})
	}
}

func benchmark(b *testing.B, kind calbell.WebhookKind, src string) {
	h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind, Template: src, Locale: "fr-CH", TimeZone: "Europe/Zurich"}})
	if err != nil {
		b.Fatal(err)
	}
	d, _ := Sample("timed", time.Date(2026, 11, 23, 13, 45, 0, 0, time.UTC), nil)
	b.ReportAllocs()
	began, n := cpu(b), 0
	for b.Loop() {
		h.Render(d)
		n++
	}
	b.ReportMetric(float64(cpu(b)-began)/float64(n), "cpu-ns/op")
}

// cpu returns the processor time that the process has used: on a busy machine the clock
// on the wall measures the neighbours.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
