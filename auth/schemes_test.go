package auth_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/auth"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// demoSet returns the demo scheme with its private keys.
func demoSet(tb testing.TB) *scheme.Set {
	tb.Helper()
	set, err := demo.Set()
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func TestCheckPermissions(t *testing.T) {
	t.Parallel()
	with, without, lesser := demoSet(t), withoutKeys(t), withoutRevocation(t)
	attributes := []string{
		"*", "irmad-demo.*", "irmad-demo.gov.*", "irmad-demo.gov.root.*", "irmad-demo.gov.root.bsn",
	}
	types := []string{"*", "irmad-demo.*", "irmad-demo.gov.*", "irmad-demo.gov.root"}
	good := auth.Config{Global: auth.Permissions{Disclose: attributes, Sign: attributes, Issue: types}}
	bad := auth.Config{
		Global: auth.Permissions{Disclose: []string{"x.*", "irmad-demo.x.*", "irmad-demo.gov.x.*", "irmad-demo.gov.root.x", "a.*.c"}},
		Requestors: []auth.Requestor{{Name: "shop", Permissions: auth.Permissions{
			Issue:  []string{"x.b.c", "irmad-demo.gov.x", "irmad-demo.gov.root", "irmad-demo.gov"},
			Revoke: []string{"irmad-demo.gov.root", "irmad-demo.gov.*"},
		}}},
	}
	unknown := []string{
		"Global disclosing permission 'x.*': unknown scheme",
		"Global disclosing permission 'irmad-demo.x.*': unknown issuer",
		"Global disclosing permission 'irmad-demo.gov.x.*': unknown credential type",
		"Global disclosing permission 'irmad-demo.gov.root.x': unknown attribute type",
		"Global disclosing permission 'a.*.c' contains asterisk not at end of line",
		"Requestor shop issuing permission 'x.b.c': unknown scheme",
		"Requestor shop issuing permission 'irmad-demo.gov.x': unknown credential type",
	}
	const (
		noKey     = "Requestor shop issuing permission 'irmad-demo.gov.root': failed to load private key: issuer private key not found: file does not exist"
		parts     = "Requestor shop issuing permission 'irmad-demo.gov' should have 3 parts"
		noKey2    = "Requestor shop revoking permission 'irmad-demo.gov.root': failed to load private key: issuer private key not found: file does not exist"
		noSupport = "Requestor shop revoking permission 'irmad-demo.gov.root': private key does not support revocation (key 0 of irmad-demo.gov)"
	)
	for name, test := range map[string]struct {
		cfg  auth.Config
		set  *scheme.Set
		keys bool
		want []string
	}{
		"good":                    {good, with, true, nil},
		"good, keys not needed":   {good, without, false, nil},
		"bad, keys there":         {bad, with, true, append(unknown[:7:7], parts)},
		"bad, keys not there":     {bad, without, true, append(unknown[:7:7], noKey, parts, noKey2)},
		"bad, no revocation":      {bad, lesser, true, append(unknown[:7:7], parts, noSupport)},
		"bad, keys not looked at": {bad, without, false, append(unknown[:7:7], parts)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := auth.CheckPermissions(test.cfg, test.set, test.keys)
			var got []string
			if problems := new(auth.PermissionsError); errors.As(err, &problems) {
				got = problems.Problems
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got)\n%s", diff)
			}
		})
	}
}

func TestAuthorizeRevocation(t *testing.T) {
	t.Parallel()
	with, without, lesser := demoSet(t), withoutKeys(t), withoutRevocation(t)
	own := auth.Permissions{Revoke: []string{"irmad-demo.gov.root"}}
	a := shopWith(t, own, auth.Permissions{})
	for name, test := range map[string]struct {
		requestor string
		set       *scheme.Set
		typ       irma.CredentialTypeID
		want      wanted
	}{
		"permitted":      {"shop", with, "irmad-demo.gov.root", wanted{}},
		"another type":   {"shop", with, "irmad-demo.gov.ageLimits", unauthorized("irmad-demo.gov.ageLimits")},
		"no support":     {"shop", lesser, "irmad-demo.gov.root", unauthorized("private key does not support revocation...")},
		"no key":         {"shop", without, "irmad-demo.gov.root", unauthorized("failed to load private key: ...")},
		"unknown issuer": {"shop", with, "irmad-demo.x.y", unauthorized("failed to load private key: ...")},
		"no type":        {"shop", with, "", unauthorized("failed to load private key: ...")},
		"nothing":        {"", with, "irmad-demo.gov.root", unauthorized("")},
		"unknown name":   {"gone", with, "irmad-demo.gov.root", unauthorized("the requestor of this session is not configured")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.want.check(t, a.AuthorizeRevocation(context.Background(), test.requestor, test.set, test.typ))
		})
	}
}
