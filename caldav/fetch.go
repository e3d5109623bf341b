package caldav

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"calbell"
)

// fetch returns the objects of a batch, and those that are gone by now. One that cannot be
// had comes with a Problem and never costs the others.
func (r *run) fetch(ctx context.Context, part []member) (objects []calbell.Object, gone []calbell.Href, err error) {
	if r.file != nil {
		return r.fromFile(part), nil, nil
	}
	texts, err := r.multiget(ctx, part)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range part {
		o, ok := texts[canonical(m.href)]
		if !ok { // left out, refused, or said to be missing although it was just listed
			o, err = r.fetchOne(ctx, m)
			switch status := statusOf(err); {
			case status == http.StatusNotFound, status == http.StatusGone:
				gone = append(gone, m.href)
				continue
			case err != nil:
				return nil, nil, err
			}
		}
		o.Calendar, o.Href = r.old.ID, m.href
		objects = append(objects, o)
	}
	return objects, gone, nil
}

// multiget asks for a batch at once and returns what came, by canonical href. When the
// request as a whole fails, it returns nothing, and each object is asked for by itself: one
// odd href or one broken text makes some servers refuse the lot.
func (r *run) multiget(ctx context.Context, part []member) (map[string]calbell.Object, error) {
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
	_, err := r.c.ask(ctx, "REPORT", r.url, "1", multigetBody(hrefs), func(p response) error {
		key := canonical(hrefOf(p.href, r.url))
		listed, wanted := asked[key]
		data := p.prop(pCalendarData).raw()
		switch {
		case !wanted, strings.TrimSpace(data) == "", p.status != 0 && p.status/100 != 2:
			return nil
		case strings.ContainsRune(data, utf8.RuneError): // it was mended; its own bytes are asked for
			return nil
		}
		etag := etagOf(p)
		if etag == "" {
			etag = listed
		}
		texts[key] = r.textObject(member{etag: etag}, []byte(data))
		return nil
	})
	var status *StatusError
	switch {
	case err == nil:
		return texts, nil
	case ctx.Err() != nil:
		return nil, err
	case errors.As(err, &status) && final(err):
		return nil, err
	}
	r.noMultiget = refusesReport(err)
	return texts, nil // what was read before the answer broke off is whole
}

// textObject is an object with its text, unless that is larger than any object may be.
func (r *run) textObject(m member, text []byte) calbell.Object {
	if len(text) > calbell.MaxObjectBytes {
		return r.problem(m, errTooLarge)
	}
	return calbell.Object{ETag: m.etag, Raw: text}
}

// fetchOne asks for one object. An error that is the object's own becomes its Problem;
// 404 and 410, and what ends the run, are returned.
func (r *run) fetchOne(ctx context.Context, m member) (calbell.Object, error) {
	text, etag, err := r.c.get(ctx, urlOf(r.url, m.href), calbell.MaxObjectBytes)
	if err == nil {
		// The listing's tag is the one that the next listing is compared with; some servers
		// tag a GET differently. If the object changed in between, the next one sees it.
		if m.etag == "" {
			m.etag = etag
		}
		return r.textObject(m, text), nil
	}
	if status := statusOf(err); status == http.StatusNotFound || status == http.StatusGone {
		return calbell.Object{}, err
	}
	if fatal := r.blame(ctx, err); fatal != nil {
		return calbell.Object{}, fatal
	}
	return r.problem(m, err), nil
}
