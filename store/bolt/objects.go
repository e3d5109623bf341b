package bolt

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"calbell"
	"calbell/store/record"
)

// A page of EachObject ends after this many objects or bytes of text: the transaction is
// short, and memory is bounded whatever the objects hold.
const (
	pageObjects = 256
	pageBytes   = 1 << 20
)

// ETags implements store.Objects.
func (s *objectStore) ETags(ctx context.Context, id calbell.CalendarID) (map[calbell.Href]calbell.ETag, error) {
	cal := s.box.Calendar(id)
	tags := make(map[calbell.Href]calbell.ETag)
	err := s.view(ctx, func(t *tx) error {
		for k, v := range t.Under(bObjects, cal[:]) {
			plain, err := t.Unseal(bObjects, k, v)
			if err != nil {
				t.Damaged(err) // missing from the listing, it is fetched anew
				continue
			}
			href, tag, err := record.DecodeETag(plain)
			if err != nil {
				t.Damaged(fmt.Errorf("decode object %x: %w", k, err))
				continue
			}
			tags[href] = tag
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return tags, nil
}

// Usage implements store.Objects.
func (s *objectStore) Usage(ctx context.Context, id calbell.CalendarID) (objects int, bytes int64, err error) {
	cal := s.box.Calendar(id)
	err = s.view(ctx, func(t *tx) error {
		for range t.Under(bObjects, cal[:]) {
			objects++
		}
		for _, v := range t.Under(bRaws, cal[:]) {
			bytes += int64(len(v))
		}
		return nil
	})
	return objects, bytes, err
}

// Object implements store.Objects.
func (s *objectStore) Object(ctx context.Context, id calbell.CalendarID, href calbell.Href) (calbell.Object, error) {
	var obj *calbell.Object
	err := s.view(ctx, func(t *tx) (err error) {
		obj, err = t.object(s.box.Object(s.box.Calendar(id), href))
		return err
	})
	switch {
	case err != nil:
		return calbell.Object{}, err
	case obj == nil:
		return calbell.Object{}, &calbell.Error{Kind: calbell.KindNotFound, What: calbell.T("store:no-object", "no object %q of calendar %q", href, id)}
	}
	return *obj, nil
}

// EachObject implements store.Objects.
func (s *objectStore) EachObject(ctx context.Context, id calbell.CalendarID, fn func(calbell.Object) error) error {
	cal := s.box.Calendar(id)
	from := cal[:]
	for from != nil {
		var page []calbell.Object
		err := s.view(ctx, func(t *tx) (err error) {
			page, from, err = objectsOf(t, cal, from)
			return err
		})
		if err != nil {
			return err
		}
		for _, obj := range page {
			if err := fn(obj); err != nil {
				return err
			}
		}
	}
	return nil
}

// objectsOf reads a page of a calendar's objects and returns where the next one begins; nil
// when there is none.
func objectsOf(t *tx, cal record.CalendarKey, from []byte) (page []calbell.Object, next []byte, err error) {
	size := 0
	for k := range t.Rows(bObjects, from) {
		if record.CalendarKey(k[:record.CalendarLen]) != cal {
			return page, nil, nil
		}
		if len(page) == pageObjects || size >= pageBytes {
			return page, append([]byte(nil), k...), nil
		}
		obj, err := t.object(record.ObjectKey(k))
		if err != nil {
			t.Damaged(err)
			continue
		}
		page = append(page, *obj)
		size += len(obj.Raw)
	}
	return page, nil, nil
}

// EachProblem implements store.Objects.
func (s *objectStore) EachProblem(ctx context.Context, id calbell.CalendarID, fn func(calbell.Object) error) error {
	cal := s.box.Calendar(id)
	for from := cal[:]; from != nil; {
		var page []calbell.Object
		err := s.view(ctx, func(t *tx) error {
			page, from = problemsOf(t, cal, from)
			return nil
		})
		if err != nil {
			return err
		}
		for _, obj := range page {
			if err := fn(obj); err != nil {
				return err
			}
		}
	}
	return nil
}

// problemsOf reads a page of a calendar's heads and returns the objects among them that are bad
// or mended, and where the next page begins; nil when there is none.
func problemsOf(t *tx, cal record.CalendarKey, from []byte) (page []calbell.Object, next []byte) {
	seen := 0
	for k := range t.Under(bObjects, cal[:]) {
		if bytes.Compare(k, from) < 0 {
			continue
		}
		if seen++; seen > pageObjects {
			return page, append([]byte(nil), k...)
		}
		h, err := t.Head(record.ObjectKey(k))
		switch {
		case err != nil:
			t.Damaged(err)
		case h != nil && (h.Bad() || h.Mended()):
			page = append(page, h.Object)
		}
	}
	return page, nil
}

// DuePlans implements store.Plans.
func (s *objectStore) DuePlans(ctx context.Context, now time.Time, limit int) ([]calbell.Object, error) {
	var objs []calbell.Object
	err := s.view(ctx, func(t *tx) error {
		for k := range t.Rows(bReplan, nil) {
			at, ok := record.TimeOf(k)
			if len(objs) >= limit || ok && at.After(now) {
				return nil
			}
			obj, err := t.object(record.ObjectKey(k[record.TimeLen:]))
			switch {
			case err != nil:
				t.Damaged(err)
			case obj != nil && obj.Replan.Equal(at):
				objs = append(objs, *obj)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return objs, nil
}

// Head implements record.Tx: it reads an object without its text; nil when there is none.
func (t *tx) Head(key record.ObjectKey) (*record.Head, error) {
	plain, err := t.GetSealed(bObjects, key[:])
	if plain == nil || err != nil {
		return nil, err
	}
	h, err := record.DecodeHead(plain)
	if err != nil {
		return nil, fmt.Errorf("decode object %x: %w", key, err)
	}
	return h, nil
}

// HasObject implements record.Tx.
func (t *tx) HasObject(key record.ObjectKey) bool { return t.Has(bObjects, key[:]) }

// Text implements record.Tx.
func (t *tx) Text(key record.ObjectKey) ([]byte, error) { return t.GetSealed(bRaws, key[:]) }

// object reads an object with its text; nil when there is none.
func (t *tx) object(key record.ObjectKey) (*calbell.Object, error) {
	h, err := t.Head(key)
	if err != nil || h == nil {
		return nil, err
	}
	raw, err := t.Text(key)
	if err != nil {
		return nil, err
	}
	h.Raw = append([]byte{}, raw...)
	return &h.Object, nil
}
