package manual

import (
	"fmt"
	"slices"
	"strings"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

// Chapter is what help tells about a command.
type Chapter struct {
	Name    string
	summary string // what it does, in a few words
	Text    string // empty if there is no more to tell than the summary
	Flags   []FlagLine
	parts   []cli.Command // the commands that it consists of; their chapters follow
	Group   string        // of which it is part; the name begins with that
}

// Word returns the last word of the name.
func (c *Chapter) Word() string { return c.Name[strings.LastIndexByte(c.Name, ' ')+1:] }

// FlagLine is a flag as help lists it.
type FlagLine struct {
	Name, short string
	value       string // what the flag takes; empty for nothing
	usage       string
}

var flagPattern = cli.Pattern(`(?m)^ +(?:-(\w), )?--([a-z0-9-]+)(?: (\S+))? {2,}(.*)$`)

// New returns all commands with what help tells about them, so that what is made
// of it has the same flags. Tell returns what help prints about the command that the
// words name, or about everything.
func New(commands []cli.Command, groups []cli.Group, tell func(words ...string) (string, error)) ([]Chapter, error) {
	overview, err := tell()
	if err != nil {
		return nil, err
	}
	var chapters []Chapter
	for _, c := range commands {
		next := Chapter{Name: c.Name, summary: c.Summary}
		if i := slices.IndexFunc(groups, func(g cli.Group) bool { return g.Name == c.Name }); i >= 0 {
			next.parts = groups[i].Commands
		}
		chapters = append(chapters, next)
		for _, p := range next.parts {
			chapters = append(chapters, Chapter{Name: c.Name + " " + p.Name, summary: p.Summary, Group: c.Name})
		}
	}
	for i := range chapters {
		c := &chapters[i]
		text, err := tell(strings.Fields(c.Name)...)
		if err != nil {
			return nil, fmt.Errorf("explaining %s: %w", c.Name, err)
		}
		if text != overview {
			c.Text = text
		}
		for _, found := range flagPattern().FindAllStringSubmatch(text, -1) {
			c.Flags = append(c.Flags, FlagLine{short: found[1], Name: found[2], value: found[3], usage: found[4]})
		}
	}
	return chapters, nil
}

// TakesPath reports whether the flag's value names something in the file system.
func (f *FlagLine) TakesPath() bool { return f.value == "file" || f.value == "directory" }
