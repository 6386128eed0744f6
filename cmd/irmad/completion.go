package main

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// completion prints what makes a shell complete irmad's commands and flags.
func completion(ctx context.Context, p *process) error {
	shells := map[string]func([]chapter) string{"bash": completeBash, "zsh": completeZsh, "fish": completeFish}
	if len(p.args) != 1 || shells[p.args[0]] == nil {
		return &usageError{"completion takes a shell: bash, zsh or fish"}
	}
	chapters, err := manual(ctx)
	if err != nil {
		return err
	}
	_, err = io.WriteString(p.stdout, shells[p.args[0]](chapters))
	return err
}

// names returns the commands' names. Without one irmad serves, so that flags of
// serve may come first; see the patterns of the functions below.
func names(chapters []chapter) string {
	var out []string
	for _, c := range chapters {
		out = append(out, c.name)
	}
	return strings.Join(out, " ")
}

func completeBash(chapters []chapter) string {
	var out strings.Builder
	fmt.Fprintf(&out, `# bash completion of irmad
_irmad() {
	local word=${COMP_WORDS[COMP_CWORD]} flags=
	if [[ $COMP_CWORD -eq 1 && $word != -* ]]; then
		COMPREPLY=($(compgen -W %q -- "$word"))
		return
	fi
	case ${COMP_WORDS[1]} in
`, names(chapters))
	for _, c := range chapters {
		var flags []string
		for _, f := range c.flags {
			flags = append(flags, "--"+f.name)
		}
		pattern := c.name
		if c.name == "serve" {
			pattern = "serve|server|-*"
		}
		fmt.Fprintf(&out, "\t%s) flags=%q ;;\n", pattern, strings.Join(flags, " "))
	}
	out.WriteString("\tesac\n\tCOMPREPLY=()\n\tif [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"$flags\" -- \"$word\")); fi\n}\n")
	out.WriteString("complete -o default -F _irmad irmad\n") // names of files where nothing else fits
	return out.String()
}

func completeZsh(chapters []chapter) string {
	var out strings.Builder
	out.WriteString("#compdef irmad\n_irmad() {\n\tlocal -a commands\n\tcommands=(\n")
	for _, c := range chapters {
		fmt.Fprintf(&out, "\t\t%s\n", quote(c.name+":"+c.summary))
	}
	out.WriteString("\t)\n\tif (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then _describe command commands; return; fi\n\tcase $words[2] in\n")
	for _, c := range chapters {
		pattern := c.name
		if c.name == "serve" {
			pattern = "serve|server|-*"
		}
		fmt.Fprintf(&out, "\t%s) _arguments", pattern)
		for _, f := range c.flags {
			fmt.Fprintf(&out, " \\\n\t\t%s", quote(f.zsh()))
		}
		out.WriteString(" \\\n\t\t'*:file:_files' ;;\n")
	}
	out.WriteString("\tesac\n}\ncompdef _irmad irmad\n")
	return out.String()
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
	for _, c := range chapters {
		fmt.Fprintf(&out, "complete -c irmad -n __fish_use_subcommand -a %s -d %s\n", c.name, quoteFish(c.summary))
	}
	for _, c := range chapters {
		for _, f := range c.flags {
			fmt.Fprintf(&out, "complete -c irmad -n '__fish_seen_subcommand_from %s' -l %s", c.name, f.name)
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
