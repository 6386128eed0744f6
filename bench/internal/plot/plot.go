// Package plot draws how figures grow, as SVG: a line per series over two
// logarithmic axes, on which what grows in proportion is a straight line and what
// does not grow is level.
package plot

import (
	"fmt"
	"math"
	"strings"
)

// Series is a line.
type Series struct {
	Name string
	X, Y []float64 // of the same length
}

// Chart is what to draw. Values that are not above zero are left out.
type Chart struct {
	Title  string
	X      string // what the axis counts
	Format func(y float64) string
	Series []Series
}

const (
	width, height            = 640, 400
	left, right, top, bottom = 80, 20, 50, 50
)

// colours are distinguishable also for people who are colour-blind.
var colours = [...]string{"#0072b2", "#d55e00", "#009e73", "#cc79a7"}

// SVG returns the drawing.
func (c *Chart) SVG() string {
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&out, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	fmt.Fprintf(&out, `<text x="%d" y="20" font-size="15">%s</text>`+"\n", left, escape(c.Title))
	x, y := c.axes()
	for _, tick := range x.ticks() {
		at := left + x.place(tick)*(width-left-right)
		fmt.Fprintf(&out, `<path d="M%.1f %d V%d" stroke="#ddd"/><text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n",
			at, top, height-bottom, at, height-bottom+18, count(tick))
	}
	for _, tick := range y.ticks() {
		at := height - bottom - y.place(tick)*(height-top-bottom)
		fmt.Fprintf(&out, `<path d="M%d %.1f H%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			left, at, width-right, left-6, at+4, escape(c.Format(tick)))
	}
	fmt.Fprintf(&out, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", (left+width-right)/2, height-12, escape(c.X))
	for i, series := range c.Series {
		c.line(&out, series, colours[i%len(colours)], x, y)
		fmt.Fprintf(&out, `<text x="%d" y="38" fill="%s">%s</text>`+"\n", left+i*160, colours[i%len(colours)], escape(series.Name))
	}
	out.WriteString("</svg>\n")
	return out.String()
}

func (c *Chart) line(out *strings.Builder, series Series, colour string, x, y axis) {
	var path strings.Builder
	for i := range series.X {
		if series.X[i] <= 0 || series.Y[i] <= 0 {
			continue
		}
		px, py := left+x.place(series.X[i])*(width-left-right), height-bottom-y.place(series.Y[i])*(height-top-bottom)
		command := "L"
		if path.Len() == 0 {
			command = "M"
		}
		fmt.Fprintf(&path, "%s%.1f %.1f ", command, px, py)
		fmt.Fprintf(out, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"><title>%s</title></circle>`+"\n", px, py, colour, escape(c.Format(series.Y[i])))
	}
	fmt.Fprintf(out, `<path d="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.TrimSpace(path.String()), colour)
}

// axis is logarithmic, from low to high.
type axis struct{ low, high float64 }

func (c *Chart) axes() (x, y axis) {
	for _, series := range c.Series {
		for i := range series.X {
			if series.X[i] > 0 && series.Y[i] > 0 {
				x, y = x.with(series.X[i]), y.with(series.Y[i])
			}
		}
	}
	y.low, y.high = math.Pow(10, math.Floor(math.Log10(y.low))), math.Pow(10, math.Ceil(math.Log10(y.high)))
	return x.wide(), y.wide()
}

func (a axis) with(value float64) axis {
	if a.high == 0 {
		return axis{value, value}
	}
	return axis{min(a.low, value), max(a.high, value)}
}

// wide returns an axis that is not a point, whatever is on it.
func (a axis) wide() axis {
	switch {
	case math.IsNaN(a.low) || a.high == 0 || math.IsInf(a.low, 0):
		return axis{1, 10}
	case a.low == a.high:
		return axis{a.low / 2, a.high * 2}
	}
	return a
}

// place returns where a value is, from 0 to 1.
func (a axis) place(value float64) float64 {
	return math.Log(value/a.low) / math.Log(a.high/a.low)
}

// ticks returns the powers of ten on the axis or, where there are few, also twice
// and five times those.
func (a axis) ticks() []float64 {
	var out []float64
	few := a.high/a.low < 200
	for power := math.Floor(math.Log10(a.low)); power <= math.Log10(a.high); power++ {
		for _, factor := range []float64{1, 2, 5} {
			tick := factor * math.Pow(10, power)
			if (factor == 1 || few) && tick >= a.low*0.999 && tick <= a.high*1.001 {
				out = append(out, tick)
			}
		}
	}
	return out
}

func count(x float64) string {
	switch {
	case x >= 1e6:
		return fmt.Sprintf("%gM", x/1e6)
	case x >= 1e3:
		return fmt.Sprintf("%gk", x/1e3)
	}
	return fmt.Sprintf("%g", x)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escape(s string) string { return escaper.Replace(s) }
