package plot_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/bench/internal/plot"
)

// Whatever the figures, the drawing is well-formed, has every point once, and no
// coordinate is outside or not a number.
func TestSVG(t *testing.T) {
	t.Parallel()
	format := func(y float64) string { return fmt.Sprintf("%g <s>", y) }
	for name, test := range map[string]struct {
		chart  plot.Chart
		points int
	}{
		"two lines":  {plot.Chart{Title: "a & b", X: "n", Series: []plot.Series{{"one", []float64{1e3, 1e6}, []float64{0.1, 0.1}}, {"two", []float64{1e3, 1e4}, []float64{1, 30}}}}, 4},
		"one point":  {plot.Chart{Series: []plot.Series{{"one", []float64{5}, []float64{7}}}}, 1},
		"nothing":    {plot.Chart{}, 0},
		"empty line": {plot.Chart{Series: []plot.Series{{Name: "none"}}}, 0},
		"zeros":      {plot.Chart{Series: []plot.Series{{"one", []float64{0, 1, 2}, []float64{1, 0, 5}}}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.chart.Format = format
			svg := test.chart.SVG()
			decoder := xml.NewDecoder(strings.NewReader(svg))
			for {
				if _, err := decoder.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("not XML: %v\n%s", err, svg)
				}
			}
			if got := strings.Count(svg, "<circle"); got != test.points {
				t.Errorf("%d points, want %d", got, test.points)
			}
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") || strings.Contains(svg, `cx="-`) {
				t.Errorf("coordinates:\n%s", svg)
			}
		})
	}
}
