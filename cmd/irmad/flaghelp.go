package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
)

// explainFlags lists the flags of serve, check and dev by topic.
func explainFlags(w io.Writer, command string) error {
	var text strings.Builder
	fmt.Fprintf(&text, "Usage: irmad %s [flags]\n", command)
	switch command {
	case "dev":
		text.WriteString(devText)
	case "check":
		text.WriteString(checkText)
	}
	_, err := io.WriteString(w, text.String()+config.Usage())
	return err
}
