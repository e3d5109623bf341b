package bolt

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"calbell"
	"calbell/store/record"
)

// uidRow is the key of an object in the index of UIDs.
func uidRow(box *record.Sealer, uid calbell.UID, key record.ObjectKey) []byte {
	return append(box.UID(uid), key[:]...)
}

// indexUIDs brings the index from the UIDs that an object had to those that it has.
func (t *tx) indexUIDs(key record.ObjectKey, had, has []calbell.UID) {
	for _, uid := range distinct(had) {
		if !slices.Contains(has, uid) {
			t.Later(bUIDs, uidRow(t.Box, uid, key), nil)
		}
	}
	for _, uid := range distinct(has) {
		if !slices.Contains(had, uid) {
			t.Later(bUIDs, uidRow(t.Box, uid, key), []byte{})
		}
	}
}

// distinct leaves out what comes twice.
func distinct(uids []calbell.UID) []calbell.UID {
	return slices.Compact(slices.Sorted(slices.Values(uids)))
}

// ObjectsByUID implements store.Objects.
func (s *objectStore) ObjectsByUID(ctx context.Context, uid calbell.UID) (objs []calbell.Object, err error) {
	err = s.view(ctx, func(t *tx) error {
		objs = nil
		size := 0
		for k := range t.Under(bUIDs, s.box.UID(uid)) {
			if len(objs) >= calbell.MaxSameUID || size > calbell.MaxSameUIDBytes {
				return nil
			}
			obj, err := t.object(record.ObjectKey(k[record.UIDLen:]))
			switch {
			case err != nil:
				t.Damaged(err)
			case obj != nil && slices.Contains(obj.UIDs, uid):
				objs = append(objs, *obj)
				size += len(obj.Raw)
			}
		}
		return nil
	})
	slices.SortFunc(objs, func(a, b calbell.Object) int {
		return cmp.Or(cmp.Compare(a.Calendar, b.Calendar), cmp.Compare(a.Href, b.Href))
	})
	return objs, err
}

// fillUIDs makes the index from the objects: for an upgrade.
func fillUIDs(t *tx) error {
	for k := range t.Rows(bObjects, nil) {
		key := record.ObjectKey(k)
		h, err := t.Head(key)
		if err != nil {
			t.Damaged(err)
			continue
		}
		t.indexUIDs(key, nil, h.UIDs)
	}
	return t.Flush()
}

// uidIndexed checks that an object is found by its UIDs.
func (c *checker) uidIndexed(key record.ObjectKey, h *record.Head) {
	for _, uid := range h.UIDs {
		if !c.t.Has(bUIDs, uidRow(c.t.Box, uid, key)) {
			c.bad("object %q of calendar %q: no row of %q", h.Href, h.Calendar, bUIDs)
		}
	}
}

// uidRow checks that a row of the index is its object's.
func (c *checker) uidRow(k, _ []byte) {
	if len(k) != record.UIDLen+record.ObjectLen {
		c.bad("a row of %q under the key %x", bUIDs, record.Brief(k))
		return
	}
	key := record.ObjectKey(k[record.UIDLen:])
	h, err := c.t.Head(key)
	if err != nil {
		return // found where objects are checked
	}
	if h == nil || !slices.ContainsFunc(h.UIDs, func(uid calbell.UID) bool { return bytes.Equal(c.t.Box.UID(uid), k[:record.UIDLen]) }) {
		c.bad("object %x: it does not know of its row of %q", key, bUIDs)
	}
}
