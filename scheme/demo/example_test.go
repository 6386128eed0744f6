package demo_test

import (
	"fmt"
	"log"

	"github.com/irmad/irmaserver/scheme/demo"
)

// What to ask for, when only words about it are known.
func Example_search() {
	set, err := demo.Set()
	if err != nil {
		log.Fatal(err)
	}
	for _, match := range set.Search("over 18") {
		fmt.Println(match.ID(), match.Type.Name["en"])
	}
	// Output: irmad-demo.gov.ageLimits.over18 Demo age limits
}
