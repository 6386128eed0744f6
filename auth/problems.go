package auth

import "strings"

// PermissionsError lists all mistakes in permissions.
type PermissionsError struct {
	// Problems has a line for each, such as "Requestor shop disclosing
	// permission 'pbdf.*.x' contains asterisk not at end of line".
	Problems []string
}

// Error implements error. The text has several lines.
func (e *PermissionsError) Error() string {
	return "Errors encountered in permissions:\n" + strings.Join(e.Problems, "\n")
}

// about returns a function that adds problems of this owner of permissions.
func (e *PermissionsError) about(owner string) func(v verb, pattern, problem string) {
	return func(v verb, pattern, problem string) {
		e.Problems = append(e.Problems, owner+" "+v.name+" permission '"+pattern+"'"+problem)
	}
}

func (e *PermissionsError) orNil() error {
	if len(e.Problems) == 0 {
		return nil
	}
	return e
}
