package main

import (
	"bytes"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irmad/irmaserver/bench/internal/measure"
	"github.com/irmad/irmaserver/bench/internal/plot"
)

// write writes the results, and the table into the documentation if told to.
func (b *bench) write() error {
	if err := os.MkdirAll(b.out, 0o755); err != nil {
		return err
	}
	if err := b.report.Write(filepath.Join(b.out, "results.json")); err != nil {
		return err
	}
	drawn := charts(b.report)
	table := b.report.Table() + "\n"
	for _, name := range slices.Sorted(maps.Keys(drawn)) {
		file := filepath.Join(b.out, name+".svg")
		if err := os.WriteFile(file, []byte(drawn[name].SVG()), 0o644); err != nil {
			return err
		}
		if relative, err := filepath.Rel(filepath.Dir(b.docs), file); b.docs != "" && err == nil {
			table += fmt.Sprintf("![%s](%s)\n", drawn[name].Title, relative)
		}
	}
	if err := os.WriteFile(filepath.Join(b.out, "results.md"), []byte(table), 0o644); err != nil {
		return err
	}
	fmt.Print(table)
	for _, row := range b.report.Missed() {
		log.Printf("missed: %s: %s %d", row.Scenario, row.Figure, row.X)
	}
	if b.docs == "" {
		return nil
	}
	return replaceTable(b.docs, table)
}

// charts returns a chart per figure that was measured at several sizes.
func charts(r *measure.Report) map[string]*plot.Chart {
	out := make(map[string]*plot.Chart)
	for _, row := range r.Rows {
		if row.X == 0 {
			continue
		}
		name := strings.Map(fileRune, row.Scenario+"-"+row.Figure)
		chart := out[name]
		if chart == nil {
			chart = &plot.Chart{
				Title:  row.Scenario + ": " + row.Figure,
				X:      row.At,
				Format: func(y float64) string { return measure.Format(y, row.Unit) },
				Series: []plot.Series{{Name: "irmad"}, {Name: "irmago v1.3.0"}},
			}
			out[name] = chart
		}
		for i, values := range [][]float64{row.Irmad, row.Irmago} {
			if len(values) > 0 {
				chart.Series[i].X = append(chart.Series[i].X, float64(row.X))
				chart.Series[i].Y = append(chart.Series[i].Y, measure.Median(values))
			}
		}
	}
	return out
}

// fileRune keeps what is good in the name of a file.
func fileRune(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return r
	case r >= 'A' && r <= 'Z':
		return r - 'A' + 'a'
	case r == ' ', r == '-':
		return '-'
	}
	return -1
}

const (
	tableBegin = "<!-- results: made by go run . -docs -->\n"
	tableEnd   = "<!-- end of results -->\n"
)

// replaceTable replaces what is between the two marks of a file.
func replaceTable(file, table string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begins := bytes.Cut(content, []byte(tableBegin))
	_, after, ends := bytes.Cut(rest, []byte(tableEnd))
	if !begins || !ends {
		return fmt.Errorf("%s lacks the lines %q and %q", file, tableBegin, tableEnd)
	}
	out := append(append([]byte{}, before...), tableBegin+"\n"+table+"\n"+tableEnd...)
	return os.WriteFile(file, append(out, after...), 0o644)
}
