package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/cmd/irmad/internal/endpoint"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/demo"
)

const (
	demoCredential irma.CredentialTypeID = "irmad-demo.gov.ageLimits"
	demoAttribute  irma.AttributeTypeID  = "irmad-demo.gov.ageLimits.over18"
)

// demonstrate does an issuance and a disclosure over HTTP on this machine, and
// shows what the requestor, the server and the wallet say to each other.
func demonstrate(ctx context.Context, p *process) error {
	if len(p.Args) > 0 {
		return cli.Usage("demo takes no arguments")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	show := &narrator{w: p.Stdout}
	a, listener, err := newDemo(ctx, show)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- a.serve(ctx, listener) }()
	err = tell(ctx, a, "http://"+listener.Addr().String()+"/", show)
	show.muteServer()
	cancel()
	return errors.Join(err, <-stopped)
}

// newDemo returns a server of the demo scheme and the free port it is to serve
// at.
func newDemo(ctx context.Context, show *narrator) (*app, net.Listener, error) {
	schemes, err := demo.Set()
	if err != nil {
		return nil, nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("finding a free port: %w", err)
	}
	log := show.serverLog()
	server, err := irmaserver.New(irmaserver.Config{
		URL:     "http://" + listener.Addr().String() + "/irma/",
		Schemes: schemes,
		Logger:  log,
	})
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	s := new(config.Settings)
	s.ShutdownTimeout = 10
	return &app{settings: s, log: log, schemes: fixedSchemes(schemes), irma: server, endpoints: []endpoint.Endpoint{{Name: "server", Handler: newRouter(server, "/")}}}, listener, nil
}

// tell goes through the story.
func tell(ctx context.Context, a *app, url string, show *narrator) error {
	show.say(`This is one issuance and one disclosure, on this machine and without a network.
The server is real, and so is the cryptography; the requestor is this command, and
the wallet a program that does what the app on a phone does. They speak HTTP with
the server at %s . Tokens and large numbers are shortened.`, url)
	r := &demoRequestor{url: url, client: &http.Client{Transport: show.as("requestor")}}
	w, err := wallet.New(a.schemes.Current(), wallet.Config{HTTPClient: &http.Client{Transport: show.as("wallet")}})
	if err != nil {
		return err
	}

	show.say(`
1. ISSUANCE: a government office (the requestor) gives a citizen (the wallet) a
credential with four attributes. The requestor asks the server for a session and
shows the session pointer in the answer to the citizen, mostly as a QR.`)
	if _, err := r.session(ctx, issuance(), w, show); err != nil {
		return fmt.Errorf("issuing %s: %w", demoCredential, err)
	}

	show.say(`
2. DISCLOSURE: a web shop (the requestor) asks whether the citizen is over 18. The
wallet proves that with the credential, without showing the other attributes or
the issuer's signature.`)
	result, err := r.session(ctx, irma.NewDisclosureRequest(demoAttribute), w, show)
	if err != nil {
		return fmt.Errorf("disclosing %s: %w", demoAttribute, err)
	}
	value, err := disclosed(result)
	if err != nil {
		return err
	}
	show.say("\nVerified: %s is %q; the proof is %s.", demoAttribute, value, result.ProofStatus)
	return nil
}

func issuance() *irma.SessionRequest {
	return irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: demoCredential,
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": "no"},
	})
}

// disclosed returns the value of the attribute that was asked for.
func disclosed(result *irma.SessionResult) (string, error) {
	if len(result.Disclosed) != 1 || len(result.Disclosed[0]) != 1 {
		return "", errors.New("the result does not hold exactly the attribute that was asked for")
	}
	attr := result.Disclosed[0][0]
	if attr.Identifier != demoAttribute || attr.RawValue == nil {
		return "", fmt.Errorf("the result holds %s instead of a value of %s", attr.Identifier, demoAttribute)
	}
	return *attr.RawValue, nil
}
