package auth_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/irmad/irmaserver/auth"
)

// A shop sends its token with a request. It may ask for ages and nothing else.
func Example() {
	shop, err := auth.ParseRequestor("shop", "token", []byte("eGE2PSomOT84amVVdTU\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	shop.Permissions.Disclose = []string{"irmad-demo.gov.ageLimits.*"}
	requestors, err := auth.New(auth.Config{
		Requestors:  []auth.Requestor{shop},
		DefaultHost: "irma.example.com",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, attribute := range []string{"irmad-demo.gov.ageLimits.over18", "irmad-demo.gov.root.bsn"} {
		body := `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["` + attribute + `"]]]}`
		r := httptest.NewRequest(http.MethodPost, "/session", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "eGE2PSomOT84amVVdTU")
		name, _, err := requestors.Authenticate(r, []byte(body))
		fmt.Printf("%q %v\n", name, err)
	}
	// Output:
	// "shop" <nil>
	// "" UNAUTHORIZED: irmad-demo.gov.root.bsn
}
