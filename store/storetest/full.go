package storetest

import (
	"encoding/hex"
	"reflect"
	"time"

	"calbell"
)

// start is the instant before the first one that Full gives.
var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// full gives every field of a struct a value of its own, so that a field which a record
// forgets is found, also one that is added later.
func full(v reflect.Value, n *int) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(start.Add(time.Duration(*n)*time.Hour + time.Duration(*n))))
		return
	case calbell.Status:
		v.SetString(string(calbell.StatusDead))
		return
	case calbell.Origin:
		v.SetString(string(calbell.OriginStored))
		return
	case calbell.Text: // of a key and an argument that has a key
		v.Set(reflect.ValueOf(calbell.T("test", "%s: %q", calbell.T("nested", "a reason"), "name "+hex.EncodeToString([]byte{byte(*n)}))))
		return
	case calbell.Quiet: // written as text, to the minute
		v.Set(reflect.ValueOf(calbell.Quiet{From: 22 * time.Hour, To: 7*time.Hour + time.Minute, WorkingDays: true, Working: []time.Weekday{1, 5}, Drop: true}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text " + hex.EncodeToString([]byte{byte(*n)}))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n) * 1e9)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{byte(*n), 0, 255})
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range v.Len() {
			full(v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			full(v.Field(i), n)
		}
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.5)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		full(v.Elem(), n)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		full(key, n)
		full(value, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Interface:
		v.Set(reflect.ValueOf(map[string]any{"number": int64(*n), "list": []any{"x", 0.5, nil, true}}))
	default:
		panic("no value for " + v.Type().String())
	}
}

// Full returns a value in which every field differs from zero and from the others: for tests that
// nothing is lost on a way.
func Full[T any]() (v T) {
	n := 0
	full(reflect.ValueOf(&v).Elem(), &n)
	return v
}
