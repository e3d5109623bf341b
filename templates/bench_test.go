package templates

import (
	"strings"
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

func benchmark(b *testing.B, kind calbell.WebhookKind, src string) {
	h, err := CompileHook(calbell.Webhook{Kind: kind, Template: src, Locale: "fr-CH", TimeZone: "Europe/Zurich"})
	if err != nil {
		b.Fatal(err)
	}
	d, _ := Sample("timed", time.Date(2026, 11, 23, 13, 45, 0, 0, time.UTC), nil)
	b.ReportAllocs()
	for b.Loop() {
		h.Render(d)
	}
}
