package measure

import (
	"fmt"
	"math"
	"strings"
)

// Table returns the report in Markdown: the machine, and a line per figure with
// the medians of the rounds.
func (r *Report) Table() string {
	var out strings.Builder
	m := r.Machine
	fmt.Fprintf(&out, "Measured on %s with `%s`: %s, %d cores, %s of memory, Linux %s, %s, load %s at the start; irmad %s, irmago %s.\n\n",
		m.Date.Format("2006-01-02"), r.Command, m.CPU, m.Cores, memory(m.Memory), m.Kernel, m.Go, m.Load, r.Servers["irmad"], r.Servers["irmago"])
	scenario := ""
	for _, row := range r.Rows {
		if row.Scenario != scenario {
			scenario = row.Scenario
			fmt.Fprintf(&out, "\n**%s**\n\n| figure | %s | irmad | irmago | ratio | aim |\n|---|---|---|---|---|---|\n", upper(scenario), row.At)
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s |\n", row.Figure, number(row.X),
			row.format(Median(row.Irmad)), row.format(Median(row.Irmago)), ratio(row.Ratio()), row.aim())
	}
	return out.String()
}

// Missed returns the rows that are not as good as they should be.
func (r *Report) Missed() []*Row {
	var out []*Row
	for _, row := range r.Rows {
		if met, known := row.Met(); known && !met {
			out = append(out, row)
		}
	}
	return out
}

func (row *Row) aim() string {
	aim := ""
	switch {
	case row.Limit > 0:
		aim = "≤ " + row.format(row.Limit)
	case row.Target > 0:
		aim = "≤ " + ratio(row.Target)
	}
	if met, known := row.Met(); known && !met {
		aim += ", missed"
	}
	return aim
}

func (row *Row) format(value float64) string { return Format(value, row.Unit) }

// Format returns a value with a fitting unit.
func Format(value float64, unit string) string {
	switch {
	case math.IsNaN(value):
		return ""
	case unit == "s" && value < 1e-3:
		return fmt.Sprintf("%.3g µs", value*1e6)
	case unit == "s" && value < 1:
		return fmt.Sprintf("%.3g ms", value*1e3)
	case unit == "B" && math.Abs(value) >= 1<<20:
		return fmt.Sprintf("%.3g MB", value/1e6)
	case unit == "B" && math.Abs(value) >= 1000:
		return fmt.Sprintf("%.3g kB", value/1e3)
	case unit == "" && value < 2:
		return fmt.Sprintf("%.3g %%", value*100)
	case unit == "1/s":
		return fmt.Sprintf("%.0f", value)
	}
	return strings.TrimSpace(fmt.Sprintf("%.3g %s", value, unit))
}

// ratio returns it as it is usually said: 1/9 rather than 0.11.
func ratio(value float64) string {
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0) || value <= 0:
		return ""
	case value < 1:
		return fmt.Sprintf("1/%.3g", 1/value)
	}
	return fmt.Sprintf("%.3g", value)
}

func number(x int) string {
	if x == 0 {
		return ""
	}
	return fmt.Sprint(x)
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func memory(text string) string {
	var kilobytes float64
	if _, err := fmt.Sscanf(text, "%f kB", &kilobytes); err != nil {
		return text
	}
	return fmt.Sprintf("%.0f GB", kilobytes/1e6)
}
