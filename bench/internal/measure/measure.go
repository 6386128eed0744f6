// Package measure keeps what was measured and compares it.
package measure

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"time"
)

// Row is a figure of both servers.
type Row struct {
	Scenario string    `json:"scenario"`
	Figure   string    `json:"figure"`
	Unit     string    `json:"unit"`
	At       string    `json:"at,omitempty"` // what X counts
	X        int       `json:"x,omitempty"`
	Irmad    []float64 `json:"irmad,omitempty"` // one per round
	Irmago   []float64 `json:"irmago,omitempty"`
	Target   float64   `json:"target,omitempty"` // irmad's share of irmago's figure, at most
	Limit    float64   `json:"limit,omitempty"`  // irmad's figure, at most
}

// Machine is where it was measured.
type Machine struct {
	CPU    string    `json:"cpu"`
	Cores  int       `json:"cores"`
	Memory string    `json:"memory"`
	Kernel string    `json:"kernel"`
	Go     string    `json:"go"`
	Load   string    `json:"load"` // of other programs, at the start
	Date   time.Time `json:"date"`
}

// Report is what is written out.
type Report struct {
	Command string            `json:"command"`
	Servers map[string]string `json:"servers"` // versions
	Machine Machine           `json:"machine"`
	Rows    []*Row            `json:"rows"`
}

// Row returns the row for a figure, made if it is new.
func (r *Report) Row(scenario, figure, unit, at string, x int) *Row {
	for _, row := range r.Rows {
		if row.Scenario == scenario && row.Figure == figure && row.X == x {
			return row
		}
	}
	row := &Row{Scenario: scenario, Figure: figure, Unit: unit, At: at, X: x}
	r.Rows = append(r.Rows, row)
	return row
}

// Add adds a round's figure.
func (row *Row) Add(server string, value float64) {
	if server == "irmad" {
		row.Irmad = append(row.Irmad, value)
		return
	}
	row.Irmago = append(row.Irmago, value)
}

// Ratio is irmad's median in parts of irmago's; NaN if either is missing.
func (row *Row) Ratio() float64 { return Median(row.Irmad) / Median(row.Irmago) }

// Met reports whether the row is as good as it should be, if that can be said.
func (row *Row) Met() (met, known bool) {
	switch ours := Median(row.Irmad); {
	case row.Limit > 0 && !math.IsNaN(ours):
		return ours <= row.Limit, true
	case row.Target > 0 && !math.IsNaN(row.Ratio()):
		return row.Ratio() <= row.Target, true
	}
	return false, false
}

// Write writes the report as JSON.
func (r *Report) Write(file string) error {
	out, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(out, '\n'), 0o644)
}

// Median returns the middle value, NaN of none.
func Median(values []float64) float64 { return Quantile(values, 0.5) }

// Quantile returns the smallest value that this share of all do not exceed, or
// for the median of an even number the mean of the middle ones.
func Quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	if share == 0.5 && len(sorted)%2 == 0 {
		return (sorted[len(sorted)/2-1] + sorted[len(sorted)/2]) / 2
	}
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}
