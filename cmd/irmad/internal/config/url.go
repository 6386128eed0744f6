package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

var portWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(https?://[^/]*):port(/|$)`) })

// CompleteURL turns the configured URL into the one that wallets get (spec 06
// §4.1), or makes one up outside production. It returns warnings about it.
func (s *Settings) CompleteURL() (warnings []string, err error) {
	addr, port := s.ListenAddr, s.Port
	if s.ClientPort != 0 {
		addr, port = s.ClientListenAddr, s.ClientPort
	}
	encrypted := !s.walletCertificate().Absent()
	if s.URL == "" {
		if s.Production {
			return []string{"url is not set: wallets will not be able to reach this server; set it to the https:// address that leads here from the internet"}, nil
		}
		s.URL = "http://" + net.JoinHostPort(localAddress(addr), strconv.Itoa(port)) + s.APIPrefix + "irma/"
		if encrypted {
			s.URL = "https" + strings.TrimPrefix(s.URL, "http")
		}
		return nil, nil
	}
	given := s.URL
	if strings.Contains(given, ":port") {
		s.URL = portWord().ReplaceAllString(given, "${1}:"+strconv.Itoa(max(port, 0))+"${2}")
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("url is %q; it must be like https://example.com", given)
	}
	if u.User != nil {
		return nil, errors.New("url must not hold a user name or password: wallets get it, and so do logs")
	}
	if !strings.HasSuffix(s.URL, "/") {
		s.URL += "/"
	}
	if !strings.HasSuffix(s.URL, "irma/") {
		s.URL += "irma/"
	}
	if u.Scheme == "http" && encrypted {
		s.URL = "https" + strings.TrimPrefix(s.URL, "http")
	} else if u.Scheme == "http" {
		if s.Production && !s.NoTLS {
			return nil, errors.New("running without TLS in production mode is unsafe without a reverse proxy. " +
				"Either use a https:// URL or explicitly disable TLS with no_tls")
		}
		if s.dev {
			return nil, nil // the page says what that means for phones
		}
		warnings = append(warnings, fmt.Sprintf("TLS is not enabled on the url %q to which wallets connect: phones refuse that, unless the app is in developer mode", s.URL))
	}
	if path := s.APIPrefix + "irma/"; !strings.HasSuffix(s.URL, path) {
		warnings = append(warnings, fmt.Sprintf("are url and api_prefix set correctly? %s does not end with %s", s.URL, path))
	}
	return warnings, nil
}

// localAddress returns an address of this machine at which it listens: the
// configured one, or that of the first network interface.
func localAddress(configured string) string {
	const loopback = "127.0.0.1"
	if ip := net.ParseIP(configured); configured != "" && (ip == nil || !ip.IsUnspecified()) {
		return configured
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
