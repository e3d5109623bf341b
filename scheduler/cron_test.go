package scheduler

import "testing"

func TestCheckCron(t *testing.T) {
	for spec, ok := range map[string]bool{
		"0 7 * * *": true, "0 7 * * mon-fri": true, "*/15 8-18 1,15 * *": true, "0 0 29 2 *": true, "0 18 * * SUN": true,
		"0 0 30 2 *": false, "0 0 31 4,6 *": false, "60 7 * * *": false, "0 7 * * * *": false, "0 7 * *": false, "": false,
		"@daily": false, "0 7 * * 8": false, "x 7 * * *": false, "5-1 * * * *": false, "*/0 * * * *": false,
	} {
		if err := CheckCron(spec); (err == nil) != ok {
			t.Errorf("%q: %v", spec, err)
		}
	}
}
