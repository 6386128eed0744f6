package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

// completion prints what makes a shell complete irmad's commands and flags.
func completion(ctx context.Context, p *process) error {
	shells := map[string]func([]chapter) string{"bash": completeBash, "zsh": completeZsh, "fish": completeFish}
	if len(p.Args) != 1 || shells[p.Args[0]] == nil {
		return cli.Usage("completion takes a shell: bash, zsh or fish")
	}
	chapters, err := manual(ctx)
	if err != nil {
		return err
	}
	_, err = io.WriteString(p.Stdout, shells[p.Args[0]](chapters))
	return err
}

// names returns the commands' names. Without one irmad serves, so that flags of
// serve may come first; see the patterns of the functions below.
func names(chapters []chapter) string {
	var out []string
	for _, c := range chapters {
		if c.group == "" {
			out = append(out, c.name)
		}
	}
	return strings.Join(out, " ")
}

// partNames returns the names of the commands that a group consists of.
func (c *chapter) partNames() string {
	var out []string
	for _, part := range c.parts {
		out = append(out, part.Name)
	}
	return strings.Join(out, " ")
}

func completeBash(chapters []chapter) string {
	var out strings.Builder
	fmt.Fprintf(&out, `# bash completion of irmad
_irmad() {
	local word=${COMP_WORDS[COMP_CWORD]} flags= parts=
	if [[ $COMP_CWORD -eq 1 && $word != -* ]]; then
		COMPREPLY=($(compgen -W %q -- "$word"))
		return
	fi
	case "${COMP_WORDS[1]} ${COMP_WORDS[2]-}" in
`, names(chapters))
	for _, c := range chapters {
		if len(c.parts) > 0 {
			continue
		}
		var flags []string
		for _, f := range c.flags {
			flags = append(flags, "--"+f.name)
		}
		fmt.Fprintf(&out, "\t%s) flags=%q ;;\n", c.bashPattern(), strings.Join(flags, " "))
	}
	out.WriteString("\tesac\n\tcase ${COMP_WORDS[1]} in\n")
	for _, c := range chapters {
		if len(c.parts) > 0 {
			fmt.Fprintf(&out, "\t%s) parts=%q ;;\n", c.name, c.partNames())
		}
	}
	out.WriteString("\tesac\n\tif [[ $COMP_CWORD -eq 2 && -n $parts ]]; then\n\t\tCOMPREPLY=($(compgen -W \"$parts\" -- \"$word\"))\n\t\treturn\n\tfi\n")
	out.WriteString("\tCOMPREPLY=()\n\tif [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"$flags\" -- \"$word\")); fi\n}\n")
	out.WriteString("complete -o default -F _irmad irmad\n") // names of files where nothing else fits
	return out.String()
}

// bashPattern matches the first two words of command lines with this command.
func (c *chapter) bashPattern() string {
	switch {
	case c.group != "":
		return strings.ReplaceAll(c.name, " ", `\ `)
	case c.name == "serve":
		return `serve\ *|server\ *|-*`
	}
	return c.name + `\ *`
}

func completeZsh(chapters []chapter) string {
	var out strings.Builder
	out.WriteString("#compdef irmad\n_irmad() {\n\tlocal -a commands\n\tcommands=(\n")
	for _, c := range chapters {
		if c.group == "" {
			fmt.Fprintf(&out, "\t\t%s\n", quote(c.name+":"+c.summary))
		}
	}
	out.WriteString("\t)\n\tif (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then _describe command commands; return; fi\n\tcase $words[2] in\n")
	for _, c := range chapters {
		switch {
		case len(c.parts) > 0:
			fmt.Fprintf(&out, "\t%s)\n\t\tif (( CURRENT == 3 )); then commands=(%s); _describe command commands; return; fi\n\t\tcase $words[3] in\n", c.name, c.zshParts())
			for _, part := range chapters {
				if part.group == c.name {
					fmt.Fprintf(&out, "\t\t%s)%s ;;\n", part.word(), part.zshArguments())
				}
			}
			out.WriteString("\t\tesac ;;\n")
		case c.name == "serve":
			fmt.Fprintf(&out, "\tserve|server|-*)%s ;;\n", c.zshArguments())
		case c.group == "":
			fmt.Fprintf(&out, "\t%s)%s ;;\n", c.name, c.zshArguments())
		}
	}
	out.WriteString("\tesac\n}\ncompdef _irmad irmad\n")
	return out.String()
}

func (c *chapter) zshParts() string {
	var out []string
	for _, part := range c.parts {
		out = append(out, quote(part.Name+":"+part.Summary))
	}
	return strings.Join(out, " ")
}

func (c *chapter) zshArguments() string {
	out := " _arguments"
	for _, f := range c.flags {
		out += " \\\n\t\t" + quote(f.zsh())
	}
	return out + " \\\n\t\t'*:file:_files'"
}

// zsh returns the flag as an argument of _arguments.
func (f *flagLine) zsh() string {
	spec := "--" + f.name + "[" + strings.NewReplacer("[", "(", "]", ")", ":", `\:`).Replace(f.usage) + "]"
	switch {
	case f.takesPath():
		spec += ":" + f.value + ":_files"
	case f.value != "":
		spec += ":" + f.value + ":"
	}
	return spec
}

func completeFish(chapters []chapter) string {
	var out strings.Builder
	out.WriteString("# fish completion of irmad\n")
	groups := map[string]string{}
	for _, c := range chapters {
		condition := "__fish_use_subcommand"
		if len(c.parts) > 0 {
			groups[c.name] = c.partNames()
		}
		if c.group != "" {
			condition = quote("__fish_seen_subcommand_from " + c.group + "; and not __fish_seen_subcommand_from " + groups[c.group])
		}
		fmt.Fprintf(&out, "complete -c irmad -n %s -a %s -d %s\n", condition, c.word(), quoteFish(c.summary))
	}
	for _, c := range chapters {
		condition := "__fish_seen_subcommand_from " + c.word()
		if c.group != "" {
			condition = "__fish_seen_subcommand_from " + c.group + "; and " + condition
		}
		for _, f := range c.flags {
			fmt.Fprintf(&out, "complete -c irmad -n '%s' -l %s", condition, f.name)
			if f.short != "" {
				fmt.Fprintf(&out, " -s %s", f.short)
			}
			switch {
			case f.takesPath():
				out.WriteString(" -r -F")
			case f.value != "":
				out.WriteString(" -x")
			}
			fmt.Fprintf(&out, " -d %s\n", quoteFish(f.usage))
		}
	}
	return out.String()
}

// quote quotes for bash and zsh.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func quoteFish(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
