package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

var portWord = regexp.MustCompile(`^(https?://[^/]*):port(/|$)`)

// completeURL turns the configured URL into the one that wallets get (spec 06
// §4.1), or makes one up outside production. It returns warnings about it.
func (s *settings) completeURL() (warnings []string, err error) {
	if s.URL == "" {
		if s.Production {
			return []string{"url is not set: wallets will not be able to reach this server"}, nil
		}
		s.URL = "http://" + net.JoinHostPort(s.localAddress(), strconv.Itoa(s.Port)) + s.APIPrefix + "irma/"
		return nil, nil
	}
	given := s.URL
	s.URL = portWord.ReplaceAllString(given, "${1}:"+strconv.Itoa(s.Port)+"${2}")
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("url is %q; it must be like https://example.com", given)
	}
	if !strings.HasSuffix(s.URL, "/") {
		s.URL += "/"
	}
	if !strings.HasSuffix(s.URL, "irma/") {
		s.URL += "irma/"
	}
	if u.Scheme == "http" {
		if s.Production && !s.NoTLS {
			return nil, errors.New("running without TLS in production mode is unsafe without a reverse proxy; " +
				"either use a https:// URL or explicitly disable TLS with no_tls")
		}
		warnings = append(warnings, fmt.Sprintf("the url %q to which wallets connect does not use TLS", s.URL))
	}
	if path := s.APIPrefix + "irma/"; !strings.HasSuffix(s.URL, path) {
		warnings = append(warnings, fmt.Sprintf("are url and api_prefix set correctly? %s does not end with %s", s.URL, path))
	}
	return warnings, nil
}

// localAddress returns an address of this machine at which it listens: the
// configured one, or that of the first network interface.
func (s *settings) localAddress() string {
	const loopback = "127.0.0.1"
	if ip := net.ParseIP(s.ListenAddr); s.ListenAddr != "" && (ip == nil || !ip.IsUnspecified()) {
		return s.ListenAddr
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return loopback
	}
	for _, addr := range addrs {
		network, ok := addr.(*net.IPNet)
		if ok && network.IP.To4() != nil && network.IP.IsGlobalUnicast() {
			return network.IP.String()
		}
	}
	return loopback
}
