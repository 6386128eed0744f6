package main

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
)

const logoSize = 64

// makeLogo writes a disc in a colour that depends on the name of the folder.
func makeLogo(dir string) error {
	file := filepath.Join(dir, "logo.png")
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	var out bytes.Buffer
	if err := png.Encode(&out, disc(filepath.Base(dir))); err != nil {
		return fmt.Errorf("drawing %s: %w", file, err)
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

func disc(name string) image.Image {
	hash := fnv.New32a()
	hash.Write([]byte(name))
	sum := hash.Sum32()
	dark := color.NRGBA{byte(sum) / 2, byte(sum>>8) / 2, byte(sum>>16) / 2, 0xff}
	img := image.NewPaletted(image.Rect(0, 0, logoSize, logoSize), color.Palette{color.Transparent, dark})
	for y := range logoSize {
		for x := range logoSize {
			dx, dy := 2*x+1-logoSize, 2*y+1-logoSize
			if dx*dx+dy*dy <= logoSize*logoSize {
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	return img
}
