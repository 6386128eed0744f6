package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// linked is where a link in a document leads to; fenced is what has none.
	linked = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fenced = regexp.MustCompile("(?s)```.*?```")

	// unspoken is what the name of a heading does not have.
	unspoken = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinks follows the links of the documents to files and headings.
func TestLinks(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/*.md")
	must(t, err)
	others, err := filepath.Glob("../../*.md")
	must(t, err)
	nested, err := filepath.Glob("../../*/README.md")
	must(t, err)
	for _, page := range slices.Concat(pages, others, nested) {
		text, err := os.ReadFile(page)
		must(t, err)
		for _, match := range linked.FindAllStringSubmatch(fenced.ReplaceAllString(string(text), ""), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			path, heading, nested := strings.Cut(match[1], "#")
			file := filepath.Join(filepath.Dir(page), path)
			if path == "" {
				file = page
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s links to %s: %v", page, match[1], err)
			} else if nested && !hasHeading(t, file, heading) {
				t.Errorf("%s links to %s, which has no such heading", page, match[1])
			}
		}
	}
}

// hasHeading reports whether a document has a heading with this name, as sites
// that show documents make them.
func hasHeading(t *testing.T, file, name string) bool {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	for line := range strings.SplitSeq(fenced.ReplaceAllString(string(text), ""), "\n") {
		title := strings.TrimLeft(line, "#")
		if title == line {
			continue
		}
		title = unspoken.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
		if strings.ReplaceAll(title, " ", "-") == name {
			return true
		}
	}
	return false
}
