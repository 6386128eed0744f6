package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"github.com/rogpeppe/go-internal/testscript"
)

// curl makes a request and prints the answer, whose status must be a success, or
// with ! must not: curl [-X METHOD] [-H HEADER] [-d FILE] URL.
func curl(ts *testscript.TestScript, neg bool, args []string) {
	flags := pflag.NewFlagSet("curl", pflag.ContinueOnError)
	method := flags.StringP("request", "X", http.MethodGet, "")
	header := flags.StringP("header", "H", "", "")
	file := flags.StringP("data", "d", "", "")
	ts.Check(flags.Parse(args))
	var body io.Reader
	if *file != "" {
		*method, body = http.MethodPost, strings.NewReader(ts.ReadFile(*file))
	}
	req, err := http.NewRequest(*method, flags.Arg(0), body)
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	if name, value, found := strings.Cut(*header, ": "); found {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	_, err = io.Copy(ts.Stdout(), resp.Body)
	ts.Check(err)
	if (resp.StatusCode < 300) == neg {
		ts.Fatalf("HTTP status %s", resp.Status)
	}
}

// field sets a variable to a member of the JSON object in a file, whose name may
// be a path such as sessionPtr.u: field VARIABLE FILE NAME.
func field(ts *testscript.TestScript, _ bool, args []string) {
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &value))
	for _, name := range strings.Split(args[2], ".") {
		object, isObject := value.(map[string]any)
		if !isObject {
			ts.Fatalf("there is no %s in %s", args[2], args[1])
		}
		value = object[name]
	}
	text, isText := value.(string)
	if !isText {
		encoded, err := json.Marshal(value)
		ts.Check(err)
		text = string(encoded)
	}
	ts.Setenv(args[0], text)
}

// webhook serves a requestor that appends what is posted to a file and answers with
// the contents of another: webhook VARIABLE FILE [ANSWER].
func webhook(ts *testscript.TestScript, _ bool, args []string) {
	var answer string
	if len(args) > 2 {
		answer = ts.ReadFile(args[2])
	}
	path := ts.MkAbs(args[1])
	ts.Check(os.WriteFile(path, nil, 0o600))
	var mu sync.Mutex // guards the file
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = appendLine(path, body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, answer)
	}))
	ts.Defer(web.Close)
	ts.Setenv(args[0], web.URL)
}

func appendLine(path string, line []byte) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.Write(append(bytes.TrimSpace(line), '\n'))
	return err
}

// expand replaces variables in a file: expand FILE.
func expand(ts *testscript.TestScript, _ bool, args []string) {
	text := os.Expand(ts.ReadFile(args[0]), ts.Getenv)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// rsaKey writes a private key: rsakey FILE.
func rsaKey(ts *testscript.TestScript, _ bool, args []string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	ts.Check(err)
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), pem.EncodeToMemory(block), 0o600))
}

// exits runs a command and compares its exit status: exits STATUS COMMAND...
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = strconv.Itoa(exit.ExitCode())
	} else {
		ts.Check(err)
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}
