// Package qr draws QR codes: with characters for terminals, and as SVG for pages.
// It is the only importer of the library that encodes them.
package qr

import (
	"bytes"
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quiet is the width of the light border, which scanners need.
const quiet = 4

// Colours that do not depend on those of the terminal.
const (
	whiteOnBlack = "\x1b[38;5;231;48;5;16m"
	reset        = "\x1b[0m"
)

// Terminal returns the text as a QR code of lines with two rows of modules each,
// with the lowest error correction, as screens are not scratched. Light modules
// are drawn and dark ones are not: with colours set explicitly, or else for
// terminals that are dark.
func Terminal(text string, colours bool) (string, error) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return "", fmt.Errorf("drawing QR: %w", err)
	}
	begin, end := "", "\n"
	if colours {
		begin, end = whiteOnBlack, reset+"\n"
	}
	var out strings.Builder
	for y := -quiet; y < code.Size+quiet; y += 2 {
		out.WriteString(begin)
		for x := -quiet; x < code.Size+quiet; x++ {
			out.WriteString(half(!code.Black(x, y), !code.Black(x, y+1)))
		}
		out.WriteString(end)
	}
	return out.String(), nil
}

// half returns the character of which these halves are drawn.
func half(upper, lower bool) string {
	switch {
	case upper && lower:
		return "█"
	case upper:
		return "▀"
	case lower:
		return "▄"
	}
	return " "
}

// SVG returns the text as a picture of a QR code, dark on light with its border,
// in which a module is one unit wide. It has no scripts and styles.
func SVG(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return nil, fmt.Errorf("drawing QR: %w", err)
	}
	size := code.Size + 2*quiet
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`, size, size)
	fmt.Fprintf(&out, `<path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="`, size, size)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			begin := x
			for code.Black(x, y) {
				x++ // beyond the edge nothing is black
			}
			if x > begin {
				fmt.Fprintf(&out, "M%d %dh%dv1h-%dz", begin+quiet, y+quiet, x-begin, x-begin)
			}
		}
	}
	out.WriteString(`"/></svg>`)
	return out.Bytes(), nil
}
