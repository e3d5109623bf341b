package caldav

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"calbell/caldav/transport"

	"calbell"
)

const (
	// brakeCount and brakePercent: up to the larger of these many absences from a listing
	// are confirmed one by one; beyond, a fault is likelier than a deletion.
	brakeCount   = 10
	brakePercent = 30
	// brakeListings must agree, the first and the last brakeWait apart: servers that lose
	// sight of events find them again when they are restarted, or restored.
	brakeListings = 3
	brakeWait     = 15 * time.Minute
	// brakeSample of the absent objects are asked for before the brake lets go by itself: a
	// listing may be wrong for days.
	brakeSample = 10
)

// judge decides what became of objects that a whole listing lacks: which are gone, and
// whether more are lacking than can be believed. known has been asked.
func (r *run) judge(ctx context.Context, absent []calbell.Href) (gone []calbell.Href, held *BrakeError, err error) {
	r.cal.Brake = calbell.Brake{}
	if len(absent) <= max(brakeCount, len(r.known)*brakePercent/100) {
		gone, err = r.confirm(ctx, absent)
		return gone, nil, err
	}
	b := r.old.Brake
	if b.Apply && b.Seen > 0 && len(absent) <= b.Absent {
		return absent, nil, nil
	}
	b = r.count(b, absent)
	if b.Seen >= brakeListings && r.now.Sub(b.Since) >= brakeWait {
		sure, err := r.sample(ctx, absent)
		if err != nil || sure {
			return absent, nil, err
		}
	}
	r.cal.Brake = b
	return nil, &BrakeError{Absent: absent, Known: len(r.known), Seen: b.Seen, Since: b.Since}, nil
}

// count adds one listing to those that agree, or begins anew with it.
func (r *run) count(b calbell.Brake, absent []calbell.Href) calbell.Brake {
	var all strings.Builder
	for _, h := range absent { // sorted
		all.WriteString(string(h) + "\n")
	}
	digest := digest32([]byte(all.String()))
	if b.Seen < 1 || b.Digest != digest || r.now.Before(b.Since) {
		b = calbell.Brake{Since: r.now.UTC(), Digest: digest}
	}
	b.Seen++
	b.Absent, b.Known, b.Apply = len(absent), len(r.known), false
	return b
}

// sample asks for some of the absent objects, spread over all, and reports whether the server
// has none of them.
func (r *run) sample(ctx context.Context, absent []calbell.Href) (sure bool, err error) {
	var some []calbell.Href
	for i := range brakeSample {
		some = append(some, absent[i*len(absent)/brakeSample])
	}
	gone, err := r.confirm(ctx, some)
	return len(gone) == len(some), err
}

// confirm asks for each absent object and returns those of which the server itself says
// that they are gone. What a file lacks is gone: it has nobody else to ask.
func (r *run) confirm(ctx context.Context, absent []calbell.Href) ([]calbell.Href, error) {
	if r.file != nil {
		return absent, nil
	}
	var gone []calbell.Href
	for _, h := range absent {
		held := r.c.hold(r.url.Host)
		_, _, err := r.c.get(ctx, urlOf(r.url, h), calbell.MaxObjectBytes, held)
		held.release()
		switch status := transport.StatusOf(err); {
		case status == http.StatusNotFound, status == http.StatusGone:
			gone = append(gone, h)
		case err != nil && (final(err) || ctx.Err() != nil):
			return nil, err
		}
	}
	return gone, nil
}

func (r *run) explainBrake(b *BrakeError) error {
	return &calbell.Error{
		Kind: calbell.KindFailed,
		What: calbell.T("caldav:calendar", "calendar %q", r.old.Name),
		Hint: calbell.T("caldav:if-they-were-really", "If they were really deleted, that is believed when the server still says so after %d minutes, and has none of them; otherwise it lost sight of them, and nothing needs to be done here.", int(brakeWait.Minutes())),
		Err:  b,
	}
}

// digest32 returns a digest of a text, in 32 characters.
func digest32(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
