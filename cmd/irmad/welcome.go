package main

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

const welcomeText = `
irmad serves requestors at %[1]s and wallets at %[2]s

"irmad dev" has a page to try this in, with a simulated phone. By hand:
start a session that asks whether somebody is over 18:

  curl -H 'Content-Type: application/json' -d '{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irmad-demo.gov.ageLimits.over18"]]]}' %[1]ssession

Its "sessionPtr" is what a wallet needs, mostly as a QR; its result comes at %[1]ssession/TOKEN/result.
Without a phone: give "irmad wallet --file wallet.json" that pointer, or pipe the answer into it with "-" for the
pointer; its wallet is empty until something is issued to it. In Go programs it is irmaserver/irmatest/wallet.
To have the server inside a Go program instead: go doc github.com/irmad/irmaserver
Stop with Ctrl-C.

`

// welcome tells a developer what can be done now.
func (a *app) welcome(w io.Writer) {
	fmt.Fprintf(w, welcomeText, a.localURL(), a.settings.URL)
}

// localURL returns where requestors on this machine find the server.
func (a *app) localURL() string {
	host := a.settings.ListenAddr
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	port := strconv.Itoa(a.settings.Port)
	scheme := "http://"
	if !a.settings.ServerCertificate().Absent() {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(strings.Trim(host, "[]"), port) + a.settings.APIPrefix
}
