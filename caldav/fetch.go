package caldav

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"calbell/caldav/dav"
	"calbell/caldav/transport"

	"calbell"
)

// maxBatchBytes ends a batch before it has all objects that it may have: they are in memory
// until they are stored.
const maxBatchBytes = 8 << 20

// fetched is what came of a batch.
type fetched struct {
	objects []calbell.Object
	gone    []calbell.Href
	done    int // members of the batch that this is about: the first ones, at least one
	bytes   int // of the texts
}

// fetch returns the objects of a batch, and those that are gone by now. One that cannot be
// had comes with a Problem and never costs the others. held counts their memory.
func (r *run) fetch(ctx context.Context, part []member, held *hold) (fetched, error) {
	var f fetched
	texts, err := r.multiget(ctx, part, held)
	if err != nil {
		return f, err
	}
	for _, m := range part {
		o, ok := texts[canonical(m.href)]
		if !ok { // left out, refused, or said to be missing although it was just listed
			o, err = r.fetchOne(ctx, m, held)
		}
		switch status := transport.StatusOf(err); {
		case status == http.StatusNotFound, status == http.StatusGone:
			f.gone, err = append(f.gone, m.href), nil
		case err != nil:
			return f, err
		default:
			o.Calendar, o.Href = r.old.ID, m.href
			f.objects = append(f.objects, o)
		}
		f.done++
		if f.bytes += len(o.Raw); f.bytes >= maxBatchBytes {
			break
		}
	}
	return f, nil
}

// multiget asks for a batch at once and returns what came, by canonical href. When the
// request as a whole fails, it returns nothing, and each object is asked for by itself: one
// odd href or one broken text makes some servers refuse the lot. Texts beyond maxBatchBytes are
// left out.
func (r *run) multiget(ctx context.Context, part []member, held *hold) (map[string]calbell.Object, error) {
	if r.noMultiget || len(part) == 0 {
		return nil, nil
	}
	hrefs := make([]calbell.Href, len(part))
	asked := make(map[string]calbell.ETag, len(part))
	for i, m := range part {
		hrefs[i] = m.href
		asked[canonical(m.href)] = m.etag
	}
	texts := make(map[string]calbell.Object, len(part))
	size := 0
	q := query{method: "REPORT", url: r.url, depth: "1", body: dav.Multiget(hrefs, pETag, pCalendarData), bounds: dav.BoundsOfTexts()}
	_, err := r.c.ask(ctx, q, func(p dav.Response) error {
		key := canonical(hrefOf(p.Href, r.url))
		listed, wanted := asked[key]
		data := p.Prop(pCalendarData).Raw()
		switch {
		case !wanted, strings.TrimSpace(data) == "", p.Status != 0 && p.Status/100 != 2:
			return nil
		case strings.ContainsRune(data, utf8.RuneError): // it was mended; its own bytes are asked for
			return nil
		case size > 0 && size+len(data) > maxBatchBytes:
			return nil
		}
		etag := etagOf(p)
		if etag == "" || len(etag) > maxETagBytes {
			etag = listed
		}
		size += len(data)
		texts[key] = r.textObject(member{etag: etag}, []byte(data))
		return held.add(len(data))
	})
	var status *transport.StatusError
	switch {
	case err == nil:
		return texts, nil
	case ctx.Err() != nil:
		return nil, err
	case (errors.As(err, &status) || isBusy(err)) && final(err):
		return nil, err
	}
	r.noMultiget = refusesReport(err)
	return texts, nil // what was read before the answer broke off is whole
}

// textObject is an object with its text, unless that is larger than any object may be.
func (r *run) textObject(m member, text []byte) calbell.Object {
	if len(text) > calbell.MaxObjectBytes {
		return r.problem(m, transport.ErrTooLarge)
	}
	return calbell.Object{ETag: m.etag, Raw: text}
}

// fetchOne asks for one object. An error that is the object's own becomes its Problem;
// 404 and 410, and what ends the run, are returned.
func (r *run) fetchOne(ctx context.Context, m member, held *hold) (calbell.Object, error) {
	text, etag, err := r.c.get(ctx, urlOf(r.url, m.href), calbell.MaxObjectBytes, held)
	if err == nil {
		// The listing's tag is the one that the next listing is compared with; some servers
		// tag a GET differently. If the object changed in between, the next one sees it.
		if m.etag == "" && len(etag) <= maxETagBytes {
			m.etag = etag
		}
		return r.textObject(m, text), nil
	}
	if status := transport.StatusOf(err); status == http.StatusNotFound || status == http.StatusGone {
		return calbell.Object{}, err
	}
	if fatal := r.blame(ctx, err); fatal != nil {
		return calbell.Object{}, fatal
	}
	return r.problem(m, err), nil
}
