package qr_test

import (
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

func TestTooLong(t *testing.T) {
	t.Parallel()
	if _, err := qr.Terminal(strings.Repeat("x", 3000), false); err == nil {
		t.Error("there is a QR of 3000 characters")
	}
}
