package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/auth"
)

func TestJWT(t *testing.T) {
	t.Parallel()
	signed := func(header, payload members) string {
		return sealHMAC(secret, encode(t, members{"alg": "HS256"}.with(header), payload))
	}
	good := claims("city")
	for name, test := range map[string]struct{ token, requestor string }{
		"hmac":               {hs256(t, secret, good), "city"},
		"public key":         {rs256(t, rsaKey(), claims("State")), "State"},
		"trailing newline":   {hs256(t, secret, good) + "\r\n", "city"},
		"kid":                {signed(members{"kid": "city"}, good.with(members{"iss": nil})), "city"},
		"kid before iss":     {signed(members{"kid": "city"}, good.with(members{"iss": "bank"})), "city"},
		"lower-cased name":   {rs256(t, rsaKey(), claims("state")), "State"},
		"lower-cased kid":    {sealRSA(t, rsaKey(), encode(t, members{"alg": "RS256", "kid": "state"}, claims("x"))), "State"},
		"no typ":             {signed(nil, good), "city"},
		"audience":           {signed(nil, good.with(members{"aud": "irmaserver"})), "city"},
		"audiences":          {signed(nil, good.with(members{"aud": []string{"a", "b"}})), "city"},
		"fraction of iat":    {signed(nil, good.with(members{"iat": float64(now.Unix()) + 0.75})), "city"},
		"not yet expired":    {signed(nil, good.with(members{"exp": now.Unix() + 1})), "city"},
		"expiry in millis":   {signed(nil, good.with(members{"exp": now.UnixMilli()})), "city"},
		"just valid":         {signed(nil, good.with(members{"nbf": now.Unix()})), "city"},
		"as old as possible": {signed(nil, good.with(members{"iat": now.Unix() - 300})), "city"},
		"disclosing":         {signed(nil, good.with(members{"sub": "disclosing"})), "city"},
		"other claims":       {signed(nil, good.with(members{"x": 1, "absrequest": 5})), "city"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, body := postJWT(test.token)
			expect(t, newAuth(t, config()), r, body, test.requestor, wanted{})
		})
	}
}

func TestJWTRefused(t *testing.T) {
	t.Parallel()
	const cannot = "request could not be authenticated: ..."
	good := claims("city")
	cityWith := func(changes members) string { return hs256(t, secret, good.with(changes)) }
	kid := func(kid any) string {
		return sealHMAC(secret, encode(t, members{"alg": "HS256", "kid": kid}, good))
	}
	for name, test := range map[string]struct {
		token string
		want  wanted
	}{
		"garbage":              {"foo", refused(cannot)},
		"two parts":            {encode(t, members{"alg": "HS256"}, good), refused(cannot)},
		"iat a string":         {cityWith(members{"iat": "1795328318"}), refused("request could not be authenticated: claim iat of the JWT is not a number of seconds")},
		"aud a number":         {cityWith(members{"aud": 1}), refused(cannot)},
		"sub a number":         {cityWith(members{"sub": 1}), refused(cannot)},
		"kid a number":         {kid(5), refused("requestor name was not a string")},
		"kid a list":           {kid([]string{"city"}), refused("requestor name was not a string")},
		"kid null":             {kid(json.RawMessage("null")), refused("requestor name was not a string")},
		"kid unknown":          {kid("nobody"), refused("Unknown requestor: nobody; ...")},
		"kid empty":            {kid(""), refused("Unknown requestor: ; ...")},
		"kid another's":        {kid("bank"), refused("signature is invalid: ...")},
		"iss another's":        {cityWith(members{"iss": "bank"}), refused("signature is invalid: ...")},
		"iss unknown":          {cityWith(members{"iss": "nobody"}), refused("Unknown requestor: nobody; ...")},
		"no name":              {cityWith(members{"iss": nil}), refused("Unknown requestor: ; ...")},
		"name in upper case":   {cityWith(members{"iss": "CITY"}), refused("Unknown requestor: CITY; ...")},
		"of another method":    {cityWith(members{"iss": "State"}), refused("Unknown requestor: State; ...")},
		"of method token":      {hs256(t, []byte(shopToken), claims("shop")), refused("Unknown requestor: shop; ...")},
		"RS256 for hmac":       {rs256(t, rsaKey(), good), refused("Unknown requestor: city; ...")},
		"another secret":       {hs256(t, []byte("guess"), good), refused("signature is invalid: ...")},
		"expired":              {cityWith(members{"exp": now.Unix() - 90}), refused("token is expired by 1m30s: ...")},
		"expires now":          {cityWith(members{"exp": now.Unix()}), refused("token is expired by 0s: ...")},
		"expired in 1970":      {cityWith(members{"exp": 0}), refused("token is expired by 498702h18m38s: ...")},
		"from the future":      {cityWith(members{"iat": now.Unix() + 12}), refused("token used before issued: its iat is 12s ahead of this server's clock")},
		"iat in milliseconds":  {cityWith(members{"iat": now.UnixMilli()}), refused("token used before issued...")},
		"not yet valid":        {cityWith(members{"nbf": now.Unix() + 1}), refused("token is not valid yet: its nbf is 1s ahead of this server's clock")},
		"too old":              {cityWith(members{"iat": now.Unix() - 301}), unauthorized("jwt too old: its iat is 5m1s ago, accepted is 5m0s")},
		"no iat":               {cityWith(members{"iat": nil}), unauthorized("jwt too old: ...")},
		"iat zero":             {cityWith(members{"iat": 0}), unauthorized("jwt too old: ...")},
		"iat far in the past":  {cityWith(members{"iat": -1e300}), unauthorized("jwt too old: ...")},
		"too old with expiry":  {cityWith(members{"iat": now.Unix() - 301, "exp": now.Unix() + 999}), unauthorized("jwt too old: ...")},
		"long unknown name":    {cityWith(members{"iss": strings.Repeat("x", 1000)}), refused("Unknown requestor: " + strings.Repeat("x", 100) + "; ...")},
		"old, with bad secret": {hs256(t, []byte("guess"), good.with(members{"iat": 0})), refused("signature is invalid: ...")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, body := postJWT(test.token)
			expect(t, newAuth(t, config()), r, body, "", test.want)
		})
	}
}

// TestAlgorithms signs for the right requestor, each time with an algorithm that
// an attacker could want the server to use.
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	der, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	published := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	own, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	city, state := claims("city"), claims("State")
	header := func(alg string, payload members) string { return encode(t, members{"alg": alg}, payload) }
	const cannot = "request could not be authenticated: the JWT has algorithm ..."
	for name, test := range map[string]struct {
		token string
		want  wanted
	}{
		"none":                     {header("none", city) + ".", refused(cannot)},
		"None":                     {header("None", city) + ".", refused(cannot)},
		"none with a signature":    {sealHMAC(secret, header("none", city)), refused(cannot)},
		"no algorithm":             {sealHMAC(secret, encode(t, members{}, city)), refused(cannot)},
		"hs256":                    {sealHMAC(secret, header("hs256", city)), refused(cannot)},
		"HS512":                    {sealHMAC(secret, header("HS512", city)), refused(cannot)},
		"RS512":                    {sealRSA(t, rsaKey(), header("RS512", state)), refused(cannot)},
		"PS256":                    {sealRSA(t, rsaKey(), header("PS256", state)), refused(cannot)},
		"ES256":                    {sealRSA(t, rsaKey(), header("ES256", state)), refused(cannot)},
		"unsigned HS256":           {header("HS256", city) + ".", refused("signature is invalid: ...")},
		"unsigned RS256":           {header("RS256", state) + ".", refused("crypto/rsa: verification error: ...")},
		"HS256 with the PEM":       {sealHMAC(published, header("HS256", state)), refused("Unknown requestor: State; ...")},
		"HS256 with the DER":       {sealHMAC(der, header("HS256", state)), refused("Unknown requestor: State; ...")},
		"RS256 with the PEM":       {sealHMAC(published, header("RS256", state)), refused("crypto/rsa: verification error: ...")},
		"RS256 with one's own key": {rs256(t, own, state), refused("crypto/rsa: verification error: ...")},
		"one's own key as jwk":     {sealRSA(t, own, encode(t, members{"alg": "RS256", "jwk": members{"kty": "RSA"}}, state)), refused("crypto/rsa: verification error: ...")},
		"critical extension":       {sealHMAC(secret, encode(t, members{"alg": "HS256", "crit": []string{"x"}}, city)), refused("request could not be authenticated: ...")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, body := postJWT(test.token)
			expect(t, newAuth(t, config()), r, body, "", test.want)
		})
	}
}

func TestJWTRequest(t *testing.T) {
	t.Parallel()
	bare := `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["a.b.c.d"]]]}`
	sign := `{"request":{"@context":"https://irma.app/ld/request/signature/v2","disclose":[[["a.b.c.d"]]],"message":"m"}}`
	issue := `{"request":{"@context":"https://irma.app/ld/request/issuance/v2","credentials":[{"credential":"a.b.c","attributes":{}}]}}`
	old := `{"request":{"type":"signing","message":"m","content":[{"label":"l","attributes":["a.b.c.d"]}]}}`
	for name, test := range map[string]struct {
		sub, claim, request string
		want                wanted
	}{
		"disclosure":          {"verification_request", "sprequest", requestBody, wanted{}},
		"signature":           {"signature_request", "absrequest", sign, wanted{}},
		"issuance":            {"issue_request", "iprequest", issue, wanted{}},
		"signing":             {"signing", "absrequest", sign, wanted{}},
		"issuing":             {"issuing", "iprequest", issue, wanted{}},
		"old form":            {"signing", "absrequest", old, wanted{}},
		"unknown sub":         {"revocation_request", "sprequest", requestBody, refused("Invalid session type: ...")},
		"no sub":              {"", "sprequest", requestBody, refused("Invalid session type: ...")},
		"other claim":         {"signature_request", "sprequest", requestBody, refused("Invalid JWT body: Not a SignatureRequestorRequest: the JWT has no claim absrequest; it has sprequest, which goes with another sub")},
		"no claim":            {"issue_request", "x", requestBody, refused("Invalid JWT body: Not a IdentityProviderRequest: the JWT has no claim iprequest")},
		"null":                {"disclosing", "sprequest", `null`, refused("Invalid JWT body: Not a ServiceProviderRequest...")},
		"bare":                {"disclosing", "sprequest", bare, refused("Invalid JWT body: Not a ServiceProviderRequest: claim sprequest must have the form ...")},
		"other kind in claim": {"disclosing", "sprequest", sign, refused("Invalid JWT body: Not a disclosure request: ...")},
		"other old kind":      {"disclosing", "sprequest", old, refused("not a disclosing session request")},
		"no attributes":       {"disclosing", "sprequest", `{"request":{"@context":"https://irma.app/ld/request/disclosure/v2"}}`, refused("Invalid JWT body: sprequest.request.disclose: Disclosure request had no attributes")},
		"wrong type":          {"disclosing", "sprequest", `{"request":{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":5}}`, refused("Invalid JWT body: sprequest.request.disclose: ...")},
		"text":                {"disclosing", "sprequest", `"x"`, refused("Invalid JWT body: sprequest: ...")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			payload := claims("city").with(members{"sprequest": nil, "sub": test.sub, test.claim: json.RawMessage(test.request)})
			r, body := postJWT(hs256(t, secret, payload))
			requestor := ""
			if test.want == (wanted{}) {
				requestor = "city"
			}
			expect(t, newAuth(t, config()), r, body, requestor, test.want)
		})
	}
}

// TestAliases has names that differ in case only.
func TestAliases(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.Requestors = []auth.Requestor{
		{Name: "Shop", Method: auth.HMAC, HMACKey: secret, Permissions: everything},
		{Name: "SHOP", Method: auth.HMAC, HMACKey: secret, Permissions: everything},
		{Name: "City", Method: auth.HMAC, HMACKey: secret, Permissions: everything},
		{Name: "city", Method: auth.HMAC, HMACKey: bankSecret, Permissions: everything},
		{Name: "Bank", Method: auth.HMAC, HMACKey: bankSecret, Permissions: everything},
	}
	a := newAuth(t, cfg)
	for name, test := range map[string]struct {
		secret    []byte
		requestor string
		want      wanted
	}{
		"Shop": {secret, "Shop", wanted{}},
		"shop": {secret, "", refused("Unknown requestor: shop; ...")},
		"City": {secret, "City", wanted{}},
		"city": {bankSecret, "city", wanted{}},
		"bank": {bankSecret, "Bank", wanted{}},
		"BANK": {bankSecret, "", refused("Unknown requestor: BANK; ...")},
	} {
		r, body := postJWT(hs256(t, test.secret, claims(name)))
		expect(t, a, r, body, test.requestor, test.want)
	}
}

func TestMaxRequestAge(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.MaxRequestAge = time.Hour
	a := newAuth(t, cfg)
	for age, want := range map[time.Duration]wanted{
		time.Hour:               {},
		time.Hour + time.Second: unauthorized("jwt too old: its iat is 1h0m1s ago, accepted is 1h0m0s"),
	} {
		r, body := postJWT(hs256(t, secret, claims("city").with(members{"iat": now.Add(-age).Unix()})))
		requestor := "city"
		if want != (wanted{}) {
			requestor = ""
		}
		expect(t, a, r, body, requestor, want)
	}
}
