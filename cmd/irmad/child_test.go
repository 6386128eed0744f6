package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// child is an irmad in a process of its own, with an admin port.
type child struct {
	url, admin string
	args, env  []string
	cmd        *exec.Cmd
	log        bytes.Buffer // to be read after the end
}

// freePorts returns ports that are free.
func freePorts(t testing.TB, n int) []string {
	t.Helper()
	var ports []string
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close() // after all ports are taken, so that they differ
		ports = append(ports, strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	}
	return ports
}

// launch starts irmad, which is killed at the end of the test if it still runs.
func launch(t testing.TB, args ...string) *child {
	t.Helper()
	return launchIn(t, nil, args...)
}

// launchIn starts irmad with environment variables.
func launchIn(t testing.TB, env []string, args ...string) *child {
	t.Helper()
	ports := freePorts(t, 2)
	c := &child{url: "http://127.0.0.1:" + ports[0], admin: "http://127.0.0.1:" + ports[1]}
	args = append([]string{"serve", "-l", "127.0.0.1", "-p", ports[0], "--admin-port", ports[1]}, args...)
	c.args, c.env = args, append(append(os.Environ(), "HOME="+t.TempDir(), offline), env...)
	c.start(t)
	return c
}

// start starts the process, again if it has ended.
func (c *child) start(t testing.TB) {
	t.Helper()
	c.cmd = exec.CommandContext(t.Context(), "irmad", c.args...)
	c.cmd.Env, c.cmd.Stderr = c.env, &c.log
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := awaitHealth(ctx, c.admin+"/ready"); err != nil {
		t.Fatalf("waiting for irmad: %v", err)
	}
	if err := awaitHealth(ctx, c.url+"/ready"); err != nil {
		t.Fatalf("waiting for irmad: %v", err)
	}
}

// restart kills the process and starts it again.
func (c *child) restart(t testing.TB) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait() // says that it was killed
	c.start(t)
}
