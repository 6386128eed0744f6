package issuerkey_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/irmad/irmaserver/scheme/issuerkey"
)

func ExampleGenerate() {
	issuer, err := os.MkdirTemp("", "office")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(issuer)
	pair, err := issuerkey.Generate(context.Background(), issuerkey.Config{
		Bits:   1024, // for an example; the default is for real
		Expiry: time.Date(2050, time.January, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		log.Fatal(err)
	}
	err = pair.WriteFiles(filepath.Join(issuer, "PublicKeys", "0.xml"), filepath.Join(issuer, "PrivateKeys", "0.xml"), false)
	fmt.Println(pair.Public.N.BitLen(), len(pair.Public.R), err)
	// Output: 1024 12 <nil>
}
