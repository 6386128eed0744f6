package measure_test

import (
	"math"
	"testing"

	"github.com/irmad/irmaserver/bench/internal/measure"
)

func TestQuantile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		values []float64
		share  float64
		want   float64
	}{
		{[]float64{3, 1, 2}, 0.5, 2},
		{[]float64{4, 1, 2, 3}, 0.5, 2.5},
		{[]float64{5}, 0.99, 5},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.9, 10},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 1, 10},
		{nil, 0.5, math.NaN()},
	} {
		if got := measure.Quantile(test.values, test.share); got != test.want && !(math.IsNaN(got) && math.IsNaN(test.want)) {
			t.Errorf("quantile %g of %v is %g, want %g", test.share, test.values, got, test.want)
		}
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	var r measure.Report
	row := r.Row("live", "memory", "B", "sessions", 1000)
	row.Target = 0.25
	for range 2 {
		r.Row("live", "memory", "B", "sessions", 1000).Add("irmad", 10)
		r.Row("live", "memory", "B", "sessions", 1000).Add("irmago", 100)
	}
	if _, known := r.Row("live", "memory", "B", "sessions", 2000).Met(); known || len(r.Rows) != 2 {
		t.Errorf("a row without figures is judged, or there are %d rows", len(r.Rows))
	}
	if met, known := row.Met(); !met || !known || row.Ratio() != 0.1 || len(row.Irmad) != 2 {
		t.Errorf("%+v: %v %v", row, met, known)
	}
	row.Limit = 5
	if met, known := row.Met(); met || !known {
		t.Errorf("%+v is over its limit", row)
	}
}
