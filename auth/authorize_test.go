package auth_test

import (
	"testing"

	"github.com/irmad/irmaserver/auth"
	"github.com/irmad/irmaserver/irma"
)

func disclosure(attrs ...irma.AttributeTypeID) *irma.SessionRequest {
	return irma.NewDisclosureRequest(attrs...)
}

func issuance(types ...irma.CredentialTypeID) *irma.SessionRequest {
	var creds []irma.CredentialRequest
	for _, typ := range types {
		creds = append(creds, irma.CredentialRequest{CredentialTypeID: typ})
	}
	return irma.NewIssuanceRequest(creds...)
}

// shopWith has one requestor, "shop", with these permissions.
func shopWith(tb testing.TB, own, global auth.Permissions) *auth.Authenticator {
	tb.Helper()
	return newAuth(tb, auth.Config{
		Requestors:  []auth.Requestor{{Name: "shop", Method: auth.Token, Token: shopToken, Permissions: own}},
		Global:      global,
		DefaultHost: defaultHost,
	})
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern string
		attr    irma.AttributeTypeID
		want    bool
	}{
		{"*", "a.b.c.d", true},
		{"*", "a.b.c", true},
		{"a.*", "a.b.c.d", true},
		{"a.*", "a.b.c", true},
		{"a.b.*", "a.b.c.d", true},
		{"a.b.c.*", "a.b.c.d", true},
		{"a.b.c.*", "a.b.c", true},
		{"a.b.c.d", "a.b.c.d", true},

		{"a.b.c.d", "a.b.c", false},
		{"a.b.c.d", "a.b.c.dd", false},
		{"a.b.c.dd", "a.b.c.d", false},
		{"a.b.c.d", "a.b.c.D", false},
		{"A.*", "a.b.c.d", false},
		{"a.*", "aa.b.c.d", false},
		{"aa.*", "a.b.c.d", false},
		{"a.b.*", "a.bb.c.d", false},
		{"a.bb.*", "a.b.c.d", false},
		{"a.b.*", "ab.b.c.d", false},
		{"a.b.*", "x.a.b.c", false},
		{"b.*", "a.b.c.d", false},
		{"a.b.c.*", "a.b.cc.d", false},
		{"a.b.c.*", "a.b.cc", false},
		{"a.b.c.*", "a.b.d.c", false},
		{"a.b.c.d", "*", false},
		{"a.b.c.*", "a.b.*", false},
		{"a.b.c.*", "a.b.*.d", false},
		{"a.b.c.d", "", false},
		{"a.b.c.d", "...", false},
		{"a.b.c.*", "a.b..c", false},
	} {
		for _, side := range []string{"own", "global"} {
			own, global := auth.Permissions{Disclose: []string{test.pattern}}, auth.Permissions{}
			if side == "global" {
				own, global = global, own
			}
			want := wanted{}
			if !test.want {
				want = unauthorized(string(test.attr))
			}
			t.Run(side+" "+test.pattern+" "+string(test.attr), func(t *testing.T) {
				t.Parallel()
				want.check(t, authorize(shopWith(t, own, global), "shop", disclosure(test.attr)))
			})
		}
	}
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	type perms = auth.Permissions
	list := func(patterns ...string) []string { return patterns }
	branches := &irma.SessionRequest{LDContext: irma.ContextDisclosureRequest, Disclose: irma.ConDisCon{
		{{{Type: "a.b.c.d"}}, {}},
		{{{Type: "a.b.c.e"}}, {{Type: "a.b.c.d"}, {Type: "x.b.c.d"}}, {{Type: "y.b.c.d"}}},
	}}
	combined := issuance("a.b.c")
	combined.Disclose = disclosure("a.b.c.d").Disclose
	smuggled := disclosure("a.b.c.d")
	smuggled.Credentials = issuance("a.b.c").Credentials
	unknownKind := disclosure("a.b.c.d")
	unknownKind.LDContext = ""
	for name, test := range map[string]struct {
		own, global perms
		requestor   string
		request     *irma.SessionRequest
		want        wanted
	}{
		"nothing":                    {perms{}, perms{}, "shop", disclosure("a.b.c.d"), unauthorized("")},
		"nothing of this verb":       {perms{Sign: list("*"), Issue: list("*"), Revoke: list("*")}, perms{}, "shop", disclosure("a.b.c.d"), unauthorized("")},
		"union":                      {perms{Disclose: list("a.b.c.d")}, perms{Disclose: list("a.b.c.e")}, "shop", disclosure("a.b.c.d", "a.b.c.e"), wanted{}},
		"neither of the union":       {perms{Disclose: list("a.b.c.d")}, perms{Disclose: list("a.b.c.e")}, "shop", disclosure("a.b.c.d", "a.b.c.f"), unauthorized("a.b.c.f")},
		"first in any branch":        {perms{Disclose: list("a.*")}, perms{}, "shop", branches, unauthorized("x.b.c.d")},
		"all branches":               {perms{Disclose: list("a.*", "x.*", "y.b.c.d")}, perms{}, "shop", branches, wanted{}},
		"signature":                  {perms{Sign: list("a.*")}, perms{}, "shop", irma.NewSignatureRequest("m", "a.b.c.d"), wanted{}},
		"signature by disclose":      {perms{Disclose: list("*")}, perms{}, "shop", irma.NewSignatureRequest("m", "a.b.c.d"), unauthorized("")},
		"signature, other":           {perms{Sign: list("x.*")}, perms{}, "shop", irma.NewSignatureRequest("m", "a.b.c.d"), unauthorized("a.b.c.d")},
		"issuance":                   {perms{Issue: list("a.b.c")}, perms{}, "shop", issuance("a.b.c"), wanted{}},
		"issuance by issuer":         {perms{Issue: list("a.b.*")}, perms{}, "shop", issuance("a.b.c", "a.b.d"), wanted{}},
		"issuance by scheme":         {perms{Issue: list("a.*")}, perms{}, "shop", issuance("a.b.c"), wanted{}},
		"issuance by all":            {perms{}, perms{Issue: list("*")}, "shop", issuance("a.b.c"), wanted{}},
		"issuance, nothing":          {perms{Disclose: list("*")}, perms{}, "shop", issuance("a.b.c"), unauthorized("No issuer permissions configured")},
		"issuance, second":           {perms{Issue: list("a.b.c")}, perms{}, "shop", issuance("a.b.c", "a.b.cc"), unauthorized("No issuer permissions configured for credential 'a.b.cc'")},
		"issuance before disclosing": {perms{}, perms{}, "shop", combined, unauthorized("No issuer permissions configured")},
		"issuance with disclosure":   {perms{Issue: list("*"), Disclose: list("x.*")}, perms{}, "shop", combined, unauthorized("a.b.c.d")},
		"both":                       {perms{Issue: list("*"), Disclose: list("a.*")}, perms{}, "shop", combined, wanted{}},
		"credentials in disclosure":  {perms{Disclose: list("*")}, perms{}, "shop", smuggled, unauthorized("No issuer permissions configured")},
		"unknown kind":               {perms{Sign: list("*")}, perms{}, "shop", unknownKind, unauthorized("")},
		"no attributes at all":       {perms{}, perms{}, "shop", &irma.SessionRequest{}, wanted{}},
		"empty conjunction only":     {perms{}, perms{}, "shop", &irma.SessionRequest{Disclose: irma.ConDisCon{{{}}}}, unauthorized("")},
		"nameless, global":           {perms{}, perms{Disclose: list("a.*")}, "", disclosure("a.b.c.d"), wanted{}},
		"nameless, not shop's":       {perms{Disclose: list("*")}, perms{}, "", disclosure("a.b.c.d"), unauthorized("")},
		"unknown name":               {perms{Disclose: list("*")}, perms{Disclose: list("*")}, "gone", disclosure("a.b.c.d"), unauthorized("the requestor of this session is not configured")},
		"name in other case":         {perms{Disclose: list("*")}, perms{Disclose: list("*")}, "Shop", disclosure("a.b.c.d"), unauthorized("the requestor of this session is not configured")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.want.check(t, authorize(shopWith(t, test.own, test.global), test.requestor, test.request))
		})
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	denied := unauthorized("requestor not allowed to use the requested host")
	for name, test := range map[string]struct {
		patterns []string
		host     string
		want     wanted
	}{
		"default":                      {nil, "", wanted{}},
		"default by name":              {nil, defaultHost, wanted{}},
		"other":                        {nil, "evil.com", denied},
		"default with a port":          {nil, defaultHost + ":80", denied},
		"exact":                        {[]string{"a.com", "b.com:88"}, "b.com:88", wanted{}},
		"exact, other port":            {[]string{"b.com:88"}, "b.com:89", denied},
		"exact, no port":               {[]string{"b.com:88"}, "b.com", denied},
		"default, but not permitted":   {[]string{"a.com"}, "", denied},
		"default by name, the same":    {[]string{"a.com"}, defaultHost, denied},
		"default, permitted":           {[]string{"*.example.com"}, "", wanted{}},
		"glob":                         {[]string{"*.example.com"}, "a.example.com", wanted{}},
		"glob over several parts":      {[]string{"*.example.com"}, "a.b.example.com", wanted{}},
		"glob and port":                {[]string{"*.example.com"}, "a.example.com:88", denied},
		"glob of port":                 {[]string{"*.example.com:*"}, "a.example.com:88", wanted{}},
		"glob needs its dot":           {[]string{"*.example.com"}, "badexample.com", denied},
		"glob to the end":              {[]string{"*.example.com"}, "a.example.com.evil.com", denied},
		"glob in other case":           {[]string{"*.example.com"}, "a.EXAMPLE.com", denied},
		"one character":                {[]string{"a?.com"}, "ab.com", wanted{}},
		"one character, none":          {[]string{"a?.com"}, "a.com", denied},
		"class":                        {[]string{"a[0-9].com"}, "a7.com", wanted{}},
		"class, other":                 {[]string{"a[0-9].com"}, "ax.com", denied},
		"malformed never matches":      {[]string{"a[.com"}, "a[.com", denied},
		"malformed besides good":       {[]string{"a[.com", "b*"}, "b.com", wanted{}},
		"asterisk does not match path": {[]string{"*.example.com"}, "evil.com/.example.com", denied},
		"everything":                   {[]string{"*"}, "evil.com:1", wanted{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config()
			cfg.Requestors[0].Hosts = test.patterns
			request := disclosure("a.b.c.d")
			request.Host = test.host
			test.want.check(t, authorize(newAuth(t, cfg), "shop", request))
		})
	}
}

// Sessions without requestor use the default host and no other, whatever
// requestors may do.
func TestHostNameless(t *testing.T) {
	t.Parallel()
	a := newAuth(t, auth.Config{NoAuth: true, Global: everything, DefaultHost: defaultHost})
	request := disclosure("a.b.c.d")
	wanted{}.check(t, authorize(a, "", request))
	request.Host = "evil.com"
	unauthorized("requestor not allowed to use the requested host").check(t, authorize(a, "", request))
}
