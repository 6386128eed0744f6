package qr_test

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	encoder "rsc.io/qr"

	"github.com/irmad/irmaserver/internal/qr"
)

const pointer = `{"u":"https://irma.example.com/irma/session/abcdefghijklmnopqrst","irmaqr":"disclosing"}`

// TestTerminal reads the modules back from the drawing.
func TestTerminal(t *testing.T) {
	t.Parallel()
	drawn, err := qr.Terminal(pointer, false)
	if err != nil {
		t.Fatal(err)
	}
	code, err := encoder.Encode(pointer, encoder.L)
	if err != nil {
		t.Fatal(err)
	}
	var light [][]bool
	for line := range strings.Lines(drawn) {
		var upper, lower []bool
		for _, c := range strings.TrimSuffix(line, "\n") {
			upper = append(upper, c == '█' || c == '▀')
			lower = append(lower, c == '█' || c == '▄')
		}
		light = append(light, upper, lower)
	}
	const border = 4
	if want := code.Size + 2*border; len(light)/2 != (want+1)/2 || len(light[0]) != want {
		t.Fatalf("drawn %d lines of %d characters, want a square of %d", len(light)/2, len(light[0]), want)
	}
	for y, row := range light {
		for x, got := range row {
			if want := !code.Black(x-border, y-border); got != want {
				t.Fatalf("module %d,%d is light: %t, want %t", x, y, got, want)
			}
		}
	}
}

func TestColours(t *testing.T) {
	t.Parallel()
	plain, err := qr.Terminal(pointer, false)
	if err != nil {
		t.Fatal(err)
	}
	coloured, err := qr.Terminal(pointer, true)
	if err != nil {
		t.Fatal(err)
	}
	stripped := strings.NewReplacer("\x1b[38;5;231;48;5;16m", "", "\x1b[0m", "").Replace(coloured)
	if stripped != plain || stripped == coloured {
		t.Errorf("colours change more than colours:\n%s", coloured)
	}
}

// TestSVG draws the runs of dark modules again.
func TestSVG(t *testing.T) {
	t.Parallel()
	drawn, err := qr.SVG(pointer)
	if err != nil {
		t.Fatal(err)
	}
	code, err := encoder.Encode(pointer, encoder.L)
	if err != nil {
		t.Fatal(err)
	}
	const border = 4
	dark := map[[2]int]bool{}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllSubmatch(drawn, -1) {
		var at [4]int
		for i := range at {
			at[i], _ = strconv.Atoi(string(run[i+1]))
		}
		if at[2] != at[3] {
			t.Errorf("run goes %d to the right and %d back", at[2], at[3])
		}
		for i := range at[2] {
			dark[[2]int{at[0] + i - border, at[1] - border}] = true
		}
	}
	for y := range code.Size {
		for x := range code.Size {
			if got, want := dark[[2]int{x, y}], code.Black(x, y); got != want {
				t.Fatalf("module %d,%d is dark: %t, want %t", x, y, got, want)
			}
			delete(dark, [2]int{x, y})
		}
	}
	if len(dark) > 0 {
		t.Errorf("dark outside the code: %v", dark)
	}
	var picture struct {
		ViewBox string `xml:"viewBox,attr"`
	}
	if err := xml.Unmarshal(drawn, &picture); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("0 0 %d %[1]d", code.Size+2*border); picture.ViewBox != want {
		t.Errorf("view box %q, want %q", picture.ViewBox, want)
	}
}

func TestTooLong(t *testing.T) {
	t.Parallel()
	if _, err := qr.Terminal(strings.Repeat("x", 3000), false); err == nil {
		t.Error("there is a QR of 3000 characters")
	}
	if _, err := qr.SVG(strings.Repeat("x", 3000)); err == nil {
		t.Error("there is a picture of 3000 characters")
	}
}
