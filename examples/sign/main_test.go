package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/examples/internal/visit"
	"github.com/irmad/irmaserver/scheme/demo"
)

func TestSign(t *testing.T) {
	t.Parallel()
	v := visit.New(t, "/irma/", func(s *irmaserver.Server) http.Handler { return s.Handler() })
	v.Obtain(t, "personalData", "firstName=Johanna", "familyName=Demo", "birthDate=01-01-1990", "city=Arnhem")
	path := filepath.Join(t.TempDir(), "signature")
	out, in := io.Pipe()
	failed := make(chan error, 1)
	go func() { failed <- signFile(in, v.Server, "I agree", path) }()
	link, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	v.Scan(t, fmt.Sprintf(`<a href="%s">`, strings.TrimSpace(link)))
	if err := <-failed; err != nil {
		t.Fatal(err)
	}

	// Later, another program.
	schemes, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	archive, err := irmaserver.New(irmaserver.Config{Schemes: schemes})
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close(t.Context())
	var printed bytes.Buffer
	if err := verifyFile(&printed, archive, "I agree", path); err != nil || printed.String() != "signed by Johanna Demo\n" {
		t.Errorf("%q, %v", &printed, err)
	}
	if err := verifyFile(&printed, archive, "I do not agree", path); err == nil {
		t.Error("verified another document")
	}
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := verifyFile(&printed, archive, "I agree", path); err == nil {
		t.Error("verified an empty signature")
	}
}
