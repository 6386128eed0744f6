package limit

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the addresses of proxies whose word is taken for whom they forward.
type Proxies []netip.Prefix

// ParseProxies reads addresses and ranges such as 10.0.0.0/8.
func ParseProxies(texts []string) (Proxies, error) {
	var out Proxies
	for _, text := range texts {
		if addr, err := netip.ParseAddr(text); err == nil {
			addr = addr.Unmap()
			out = append(out, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a range such as 10.0.0.0/8", text)
		}
		out = append(out, prefix.Masked())
	}
	return out, nil
}

func (p Proxies) trusts(addr netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// Address returns whom a request is from: the other end of the connection, or
// if that is a trusted proxy, the last address that the proxies name and that is
// none of them. Anybody can write addresses before that.
func (p Proxies) Address(r *http.Request) netip.Addr {
	addr := parseAddress(r.RemoteAddr)
	if !p.trusts(addr) {
		return addr
	}
	named := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(named) - 1; i >= 0 && p.trusts(addr); i-- {
		next := parseAddress(strings.TrimSpace(named[i]))
		if !next.IsValid() {
			break
		}
		addr = next
	}
	return addr
}

// parseAddress takes an address with or without a port. Without one that can be
// read it is the zero address.
func parseAddress(text string) netip.Addr {
	if both, err := netip.ParseAddrPort(text); err == nil {
		return both.Addr().Unmap().WithZone("")
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}

// household returns what an address counts as: of IPv6 a network of 64 bits,
// which is what one subscriber has.
func household(addr netip.Addr) netip.Addr {
	if !addr.Is6() {
		return addr
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return addr
	}
	return prefix.Addr()
}
