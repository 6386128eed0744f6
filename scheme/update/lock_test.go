//go:build unix

package update_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"

	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

// TestMain lets the tests start a second process, which see secondProcess.
func TestMain(m *testing.M) {
	if dir := os.Getenv("UPDATE_TEST_DIR"); dir != "" {
		secondProcess(dir, os.Getenv("UPDATE_TEST_URL"))
	}
	os.Exit(m.Run())
}

// secondProcess updates the schemes in dir until it is killed.
func secondProcess(dir, url string) {
	pem, err := os.ReadFile(os.Getenv("UPDATE_TEST_KEY"))
	if err != nil {
		panic(err)
	}
	key, err := scheme.ReadPublicKey(pem)
	if err != nil {
		panic(err)
	}
	u, err := update.New(update.Config{
		Dir: dir, PlainHTTP: true, Schemes: []update.Source{{ID: "test", URL: url, PublicKey: key}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(u.Update(context.Background()))
	os.Exit(1)
}

// TestSecondProcess checks that processes do not disturb each other, and that
// one that was killed leaves nothing behind.
func TestSecondProcess(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	dir := t.TempDir()
	u := newUpdater(t, config(dir, p))
	mustUpdate(t, u)
	p.Rename("Town")

	reached, release := make(chan struct{}), make(chan struct{})
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/test/gov/description.xml" {
			close(reached)
			<-release
		}
		p.ServeHTTP(w, r)
	})
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), "UPDATE_TEST_DIR="+dir, "UPDATE_TEST_URL="+server+"/test", "UPDATE_TEST_KEY="+p.Dir+"/pk.pem")
	output, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(output).ReadString('\n')
		ended <- line
	}()
	select {
	case <-reached:
	case line := <-ended:
		t.Fatalf("the second process ended: %s", line)
	}
	if err := u.Update(t.Context()); !errors.Is(err, update.ErrLocked) {
		t.Errorf("error %v, want %v", err, update.ErrLocked)
	}
	if got := issuerName(newUpdater(t, config(dir, p)).Current(), "test"); got != "Demo government" {
		t.Errorf("a third one has %q", got)
	}
	if got := leftovers(t, dir); len(got) != 1 {
		t.Errorf("the second process works in %v", got)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait()
	close(release)
	mustUpdate(t, u)
	if got := leftovers(t, dir); len(got) > 0 {
		t.Errorf("left behind: %v", got)
	}
	if got := issuerName(u.Current(), "test"); got != "Demo Town" {
		t.Errorf("name is %q", got)
	}
}

// TestOtherInstalled checks that an Updater finds what another one installed.
func TestOtherInstalled(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	dir := t.TempDir()
	a, b := newUpdater(t, config(dir, p)), newUpdater(t, config(dir, p))
	mustUpdate(t, a)
	p.On("index", http.NotFound)
	if err := b.Update(t.Context()); err == nil || issuerName(b.Current(), "test") == "" {
		t.Errorf("error %v, name %q", err, issuerName(b.Current(), "test"))
	}
}

// TestLinks checks that schemes that are links stay what they are.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"test", "other"} {
		p := newPublisher(t, "test")
		elsewhere, dir := t.TempDir(), t.TempDir()
		if err := os.CopyFS(elsewhere, os.DirFS(p.Dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(elsewhere, dir+"/"+name); err != nil {
			t.Fatal(err)
		}
		p.Rename("Town")
		u := newUpdater(t, config(dir, p))
		if err := u.Update(t.Context()); err == nil {
			t.Error("updated")
		}
		if got := issuerName(u.Current(), "test"); got != "Demo government" {
			t.Errorf("name is %q", got)
		}
	}
}
