package main

import (
	"crypto/tls"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/cmd/irmad/internal/devpage"
)

// localDefaults completes the settings for a server that listens there. Sessions
// are at localhost, as libraries in browsers refuse any other http URL.
func localDefaults(s *config.Settings, at net.Addr) {
	if tcp, isTCP := at.(*net.TCPAddr); isTCP {
		s.Port = tcp.Port
	}
	if s.URL == "" {
		s.URL = devURL(s) + strings.TrimPrefix(s.APIPrefix, "/")
	}
}

// devURL returns how browsers on this machine reach the server, up to the first
// slash of the path.
func devURL(s *config.Settings) string { return webScheme(s) + "://" + hostPort(s, localHost(s)) + "/" }

func localHost(s *config.Settings) string {
	if listensEverywhere(s) {
		return "localhost"
	}
	return s.ListenAddr
}

func hostPort(s *config.Settings, host string) string {
	return net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(s.Port))
}

func listensEverywhere(s *config.Settings) bool {
	ip := net.ParseIP(s.ListenAddr)
	return s.ListenAddr == "" || ip != nil && ip.IsUnspecified()
}

func webScheme(s *config.Settings) string {
	if s.ServerCertificate().Absent() {
		return "http"
	}
	return "https"
}

// maxAddresses bounds those that are offered; more is no choice any more.
const maxAddresses = 6

// phoneAddresses returns the URLs at which other devices may reach the server,
// those of real networks first.
func phoneAddresses(s *config.Settings) []devpage.Address {
	path := s.APIPrefix + "irma/"
	if !listensEverywhere(s) {
		ip := net.ParseIP(s.ListenAddr)
		if s.ListenAddr == "localhost" || ip != nil && ip.IsLoopback() {
			return nil
		}
		return []devpage.Address{{URL: webScheme(s) + "://" + hostPort(s, s.ListenAddr) + path, Name: s.ListenAddr}}
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil
	}
	slices.SortStableFunc(interfaces, func(a, b net.Interface) int { return rank(a.Name) - rank(b.Name) })
	var out []devpage.Address
	for _, i := range interfaces {
		for _, ip := range networkAddresses(&i) {
			out = append(out, devpage.Address{URL: webScheme(s) + "://" + hostPort(s, ip) + path, Name: i.Name})
		}
	}
	return out[:min(len(out), maxAddresses)]
}

// rank puts the networks of containers and virtual machines last.
func rank(name string) int {
	for _, prefix := range []string{"docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "utun", "tun", "tap"} {
		if strings.HasPrefix(name, prefix) {
			return 1
		}
	}
	return 0
}

// networkAddresses returns the IPv4 addresses of an interface that is in use.
func networkAddresses(i *net.Interface) []string {
	if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
		return nil
	}
	addrs, err := i.Addrs()
	if err != nil {
		return nil
	}
	var out []string
	for _, addr := range addrs {
		if network, ok := addr.(*net.IPNet); ok && network.IP.To4() != nil && network.IP.IsGlobalUnicast() {
			out = append(out, network.IP.String())
		}
	}
	return out
}

// ownServer sends requests for any host to the server of this process.
type ownServer struct {
	scheme, address string
	transport       *http.Transport
}

// newOwnServer does not verify the certificate, which may be for any name: the
// connection leads from this process to itself.
func newOwnServer(s *config.Settings) *ownServer {
	host := localHost(s)
	if listensEverywhere(s) {
		host = "127.0.0.1"
	}
	return &ownServer{
		scheme:    webScheme(s),
		address:   hostPort(s, host),
		transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	}
}

// RoundTrip implements http.RoundTripper.
func (o *ownServer) RoundTrip(req *http.Request) (*http.Response, error) {
	direct := req.Clone(req.Context())
	direct.Host = req.URL.Host
	direct.URL.Scheme, direct.URL.Host = o.scheme, o.address
	return o.transport.RoundTrip(direct)
}
