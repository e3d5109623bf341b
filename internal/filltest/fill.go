package filltest

import (
	"reflect"
	"time"

	"calbell"
)

// Fill sets each exported field of the struct that v points to, and of the structs embedded in it, to
// something other than its zero value. It panics for a type that it does not know.
func Fill(v any) { fill(reflect.ValueOf(v).Elem()) }

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(500)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Interface: // a tree
		v.Set(reflect.ValueOf([]any{map[string]any{"type": "x"}}))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)))
			return
		}
		if v.Type() == reflect.TypeFor[calbell.Text]() {
			v.Set(reflect.ValueOf(calbell.T("test", "x %q", "y")))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	default:
		panic("no value for a field of type " + v.Type().String())
	}
}
