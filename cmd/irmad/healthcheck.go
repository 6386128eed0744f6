package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
)

const healthcheckText = `Usage: irmad healthcheck [flags]

Asks the server on this machine whether it serves (GET /health), and ends with
status 0 if it does and 1 otherwise. With the flags, environment and configuration
file of "irmad serve" it finds the same address, which makes it the health check of
a container without further settings. "irmad help serve" lists the flags.
`

// healthTimeout is how long a healthy server may take to answer.
const healthTimeout = 4 * time.Second

// checkHealth asks a local server for its health.
func checkHealth(ctx context.Context, p *process) error {
	s, err := config.Read(p.Args, p.Env)
	if errors.Is(err, pflag.ErrHelp) {
		_, err := fmt.Fprint(p.Stdout, healthcheckText)
		return err
	}
	if err == nil {
		err = s.CheckPorts()
	}
	if err != nil {
		return fmt.Errorf("reading where the server is: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	url := healthURL(s)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return fmt.Errorf("checking health: %w", err)
	}
	// No proxy, and no question whose certificate it is: it is this machine, and
	// the certificate is for another name.
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true},
	}}
	resp, err := client.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("checking health: nothing listens at %s: start irmad, or give the same --port and --listen-addr", url)
	}
	if err != nil {
		return fmt.Errorf("checking health: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("checking health: %s answered %s", url, resp.Status)
	}
	return nil
}

// healthURL returns where a server with these settings tells its health.
func healthURL(s *config.Settings) string {
	host := s.ListenAddr
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	address := net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(s.Port))
	scheme := "http://"
	if !s.ServerCertificate().Absent() {
		scheme = "https://"
	}
	return scheme + address + s.APIPrefix + "health"
}
