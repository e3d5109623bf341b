package calbell

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func TestParseQuiet(t *testing.T) {
	for text, want := range map[string]Quiet{
		"22:00-07:00":                 {From: 22 * time.Hour, To: 7 * time.Hour},
		" 8:30-12:00  DROP ":          {From: 8*time.Hour + 30*time.Minute, To: 12 * time.Hour, Drop: true},
		"22:00-00:00 hold":            {From: 22 * time.Hour},
		"working":                     {WorkingDays: true},
		"working drop":                {WorkingDays: true, Drop: true},
		"22:00-07:00 working":         {From: 22 * time.Hour, To: 7 * time.Hour, WorkingDays: true},
		"22-7":                        {From: 22 * time.Hour, To: 7 * time.Hour},
		"22:00 - 07:00":               {From: 22 * time.Hour, To: 7 * time.Hour},
		"22h – 7h30":                  {From: 22 * time.Hour, To: 7*time.Hour + 30*time.Minute},
		"22:00 - 07:00 weekends":      {From: 22 * time.Hour, To: 7 * time.Hour, WorkingDays: true},
		"22-7 and Week-end drop":      {From: 22 * time.Hour, To: 7 * time.Hour, WorkingDays: true, Drop: true},
		"weekend":                     {WorkingDays: true},
		"00:00-07:00 working sun,tue": {To: 7 * time.Hour, WorkingDays: true, Working: []time.Weekday{0, 2}},
	} {
		got, err := ParseQuiet(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
		data, err := json.Marshal(&got)
		var again Quiet
		if err != nil || json.Unmarshal(data, &again) != nil || !reflect.DeepEqual(again, want) {
			t.Errorf("%q is written %s", text, data)
		}
	}
	if text, err := (Quiet{}).MarshalText(); err != nil || (&Quiet{}).UnmarshalText(text) != nil {
		t.Errorf("hours that are never are written %q, %v", text, err)
	}
	if text, err := (Quiet{Drop: true}).MarshalText(); err == nil {
		t.Errorf("what cannot be read is written as %q", text)
	}
	for _, text := range []string{
		"", "hold", "22:00", "22:00-", "22:00-24:00", "22:00-22:00", "22:00-07:00 mon", "working monday", "working mon, tue",
		"drop 22:00-07:00", "22:00-07:00 hold drop", "22:00-07:00-08:00", "22-24", "7-7", "22", "and weekends drop drop",
	} {
		if q, err := ParseQuiet(text); err == nil || KindOf(err) != KindUsage || HintOf(err).IsZero() {
			t.Errorf("%q is read as %v, %v", text, q, err)
		}
	}
}
