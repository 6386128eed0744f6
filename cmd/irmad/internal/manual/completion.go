package manual

import (
	"fmt"
	"strings"
)

// Completion returns what writes the script that makes a shell complete irmad's
// commands and flags, nil for shells other than bash, zsh and fish.
func Completion(shell string) func([]Chapter) string {
	return map[string]func([]Chapter) string{"bash": completeBash, "zsh": completeZsh, "fish": completeFish}[shell]
}

// names returns the commands' names. Without one irmad serves, so that flags of
// serve may come first; see the patterns of the functions below.
func names(chapters []Chapter) string {
	var out []string
	for _, c := range chapters {
		if c.Group == "" {
			out = append(out, c.Name)
		}
	}
	return strings.Join(out, " ")
}

// partNames returns the names of the commands that a group consists of.
func (c *Chapter) partNames() string {
	var out []string
	for _, part := range c.parts {
		out = append(out, part.Name)
	}
	return strings.Join(out, " ")
}

func completeBash(chapters []Chapter) string {
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
		for _, f := range c.Flags {
			flags = append(flags, "--"+f.Name)
		}
		fmt.Fprintf(&out, "\t%s) flags=%q ;;\n", c.bashPattern(), strings.Join(flags, " "))
	}
	out.WriteString("\tesac\n\tcase ${COMP_WORDS[1]} in\n")
	for _, c := range chapters {
		if len(c.parts) > 0 {
			fmt.Fprintf(&out, "\t%s) parts=%q ;;\n", c.Name, c.partNames())
		}
	}
	out.WriteString("\tesac\n\tif [[ $COMP_CWORD -eq 2 && -n $parts ]]; then\n\t\tCOMPREPLY=($(compgen -W \"$parts\" -- \"$word\"))\n\t\treturn\n\tfi\n")
	out.WriteString("\tCOMPREPLY=()\n\tif [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"$flags\" -- \"$word\")); fi\n}\n")
	out.WriteString("complete -o default -F _irmad irmad\n") // names of files where nothing else fits
	return out.String()
}

// bashPattern matches the first two words of command lines with this command.
func (c *Chapter) bashPattern() string {
	switch {
	case c.Group != "":
		return strings.ReplaceAll(c.Name, " ", `\ `)
	case c.Name == "serve":
		return `serve\ *|server\ *|-*`
	}
	return c.Name + `\ *`
}

func completeZsh(chapters []Chapter) string {
	var out strings.Builder
	out.WriteString("#compdef irmad\n_irmad() {\n\tlocal -a commands\n\tcommands=(\n")
	for _, c := range chapters {
		if c.Group == "" {
			fmt.Fprintf(&out, "\t\t%s\n", quote(c.Name+":"+c.summary))
		}
	}
	out.WriteString("\t)\n\tif (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then _describe command commands; return; fi\n\tcase $words[2] in\n")
	for _, c := range chapters {
		switch {
		case len(c.parts) > 0:
			fmt.Fprintf(&out, "\t%s)\n\t\tif (( CURRENT == 3 )); then commands=(%s); _describe command commands; return; fi\n\t\tcase $words[3] in\n", c.Name, c.zshParts())
			for _, part := range chapters {
				if part.Group == c.Name {
					fmt.Fprintf(&out, "\t\t%s)%s ;;\n", part.Word(), part.zshArguments())
				}
			}
			out.WriteString("\t\tesac ;;\n")
		case c.Name == "serve":
			fmt.Fprintf(&out, "\tserve|server|-*)%s ;;\n", c.zshArguments())
		case c.Group == "":
			fmt.Fprintf(&out, "\t%s)%s ;;\n", c.Name, c.zshArguments())
		}
	}
	out.WriteString("\tesac\n}\ncompdef _irmad irmad\n")
	return out.String()
}

func (c *Chapter) zshParts() string {
	var out []string
	for _, part := range c.parts {
		out = append(out, quote(part.Name+":"+part.Summary))
	}
	return strings.Join(out, " ")
}

func (c *Chapter) zshArguments() string {
	out := " _arguments"
	for _, f := range c.Flags {
		out += " \\\n\t\t" + quote(f.zsh())
	}
	return out + " \\\n\t\t'*:file:_files'"
}

// zsh returns the flag as an argument of _arguments.
func (f *FlagLine) zsh() string {
	spec := "--" + f.Name + "[" + strings.NewReplacer("[", "(", "]", ")", ":", `\:`).Replace(f.usage) + "]"
	switch {
	case f.TakesPath():
		spec += ":" + f.value + ":_files"
	case f.value != "":
		spec += ":" + f.value + ":"
	}
	return spec
}

func completeFish(chapters []Chapter) string {
	var out strings.Builder
	out.WriteString("# fish completion of irmad\n")
	groups := map[string]string{}
	for _, c := range chapters {
		condition := "__fish_use_subcommand"
		if len(c.parts) > 0 {
			groups[c.Name] = c.partNames()
		}
		if c.Group != "" {
			condition = quote("__fish_seen_subcommand_from " + c.Group + "; and not __fish_seen_subcommand_from " + groups[c.Group])
		}
		fmt.Fprintf(&out, "complete -c irmad -n %s -a %s -d %s\n", condition, c.Word(), quoteFish(c.summary))
	}
	for _, c := range chapters {
		condition := "__fish_seen_subcommand_from " + c.Word()
		if c.Group != "" {
			condition = "__fish_seen_subcommand_from " + c.Group + "; and " + condition
		}
		for _, f := range c.Flags {
			fmt.Fprintf(&out, "complete -c irmad -n '%s' -l %s", condition, f.Name)
			if f.short != "" {
				fmt.Fprintf(&out, " -s %s", f.short)
			}
			switch {
			case f.TakesPath():
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
