package bolt

import (
	"bytes"
	"fmt"

	"calbell"
	"calbell/store"
	"calbell/store/record"
)

// records is a bucket of sealed records of one kind.
type records[T any] struct {
	b bucket
	record.Kind[T]
}

func calendars() records[calbell.Calendar] {
	return records[calbell.Calendar]{bCalendars, record.Calendars()}
}
func pauses() records[calbell.Pause]   { return records[calbell.Pause]{bPauses, record.Pauses()} }
func users() records[calbell.User]     { return records[calbell.User]{bUsers, record.Users()} }
func tokens() records[calbell.Token]   { return records[calbell.Token]{bTokens, record.Tokens()} }
func sessions() records[store.Session] { return records[store.Session]{bSessions, record.Sessions()} }

func setups() records[store.SetupLink] { return records[store.SetupLink]{bSetups, record.SetupLinks()} }

func accounts() records[calbell.Account] {
	return records[calbell.Account]{bAccounts, record.Accounts()}
}

func rules() records[calbell.StoredRule] { return records[calbell.StoredRule]{bRules, record.Rules()} }

func bindings() records[calbell.Binding] {
	return records[calbell.Binding]{bBindings, record.Bindings()}
}

func settings() records[store.CalendarSettings] {
	return records[store.CalendarSettings]{bSettings, record.CalendarSettings()}
}

func listedNames() records[store.ListedNames] {
	return records[store.ListedNames]{bListed, record.ListedNames()}
}

func states() records[store.WebhookState] {
	return records[store.WebhookState]{bStates, record.WebhookStates()}
}

// open reads the value of a row.
func (rs records[T]) open(t *tx, key, sealed []byte) (v T, err error) {
	plain, err := t.Unseal(rs.b, key, sealed)
	if err != nil {
		return v, err
	}
	if v, err = rs.Decode(plain); err != nil {
		return v, fmt.Errorf("decode row %x of %q: %w", record.Brief(key), rs.b, err)
	}
	return v, nil
}

// all returns the records in no order. What does not open is left out.
func (rs records[T]) all(t *tx) (vs []T) {
	for k, v := range t.Rows(rs.b, nil) {
		r, err := rs.open(t, k, v)
		if err != nil {
			t.Damaged(err)
			continue
		}
		vs = append(vs, r)
	}
	return vs
}

// get returns one record; nil when there is none.
func (rs records[T]) get(t *tx, name string) (*T, error) {
	key := rs.Key(t.Box, name)
	sealed := t.Get(rs.b, key)
	if sealed == nil {
		return nil, nil
	}
	v, err := rs.open(t, key, sealed)
	if err != nil {
		return nil, err
	}
	return &v, nil
}

func (rs records[T]) put(t *tx, v T) error { return rs.putAt(t, rs.Key(t.Box, rs.Name(&v)), v) }

func (rs records[T]) putAt(t *tx, key []byte, v T) error {
	plain, err := rs.Encode(v)
	if err != nil {
		return fmt.Errorf("encode row of %q: %w", rs.b, err)
	}
	return t.PutSealed(rs.b, key, plain)
}

// remove deletes one record, if there is one.
func (rs records[T]) remove(t *tx, name string) (was bool, err error) {
	key := rs.Key(t.Box, name)
	if !t.Has(rs.b, key) {
		return false, nil
	}
	return true, t.Delete(rs.b, key)
}

// removeAll deletes the records that are to go, those that do not open among them when
// damaged is true: a bucket must not change while it is walked.
func (rs records[T]) removeAll(t *tx, damaged bool, goes func(*T) bool) error {
	var keys [][]byte
	for k, v := range t.Rows(rs.b, nil) {
		r, err := rs.open(t, k, v)
		if err != nil {
			t.Damaged(err)
		}
		if err == nil && goes(&r) || err != nil && damaged {
			keys = append(keys, bytes.Clone(k))
		}
	}
	for _, k := range keys {
		if err := t.Delete(rs.b, k); err != nil {
			return err
		}
	}
	return nil
}

// findings returns what is wrong with the records.
func (rs records[T]) findings(t *tx) (found []error) {
	for k, v := range t.Rows(rs.b, nil) {
		r, err := rs.open(t, k, v)
		if err != nil {
			found = append(found, err)
			continue
		}
		if name := rs.Name(&r); !bytes.Equal(rs.Key(t.Box, name), k) {
			found = append(found, fmt.Errorf("row %x of %q says that it is %q", record.Brief(k), rs.b, name))
		}
	}
	return found
}
