package timestamp

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// ErrNoAnswer says that the timestamp server did not tell whether a key is its
// own, so that nothing is known about the timestamp. A later call may succeed.
var ErrNoAnswer = errors.New("no answer from the timestamp server")

// Algorithms of atum servers.
const (
	algEd25519 = "ed25519"
	algXMSSMT  = "xmssmt"
)

const (
	valueSize      = 32           // stamped values are SHA-256 digests
	latestTime     = 253402300799 // the last second that dates with four digits can express
	defaultTimeout = 3 * time.Second
)

// Config configures a Verifier. The zero Config is ready to use.
type Config struct {
	// HTTPClient asks timestamp servers about keys. Nil means
	// http.DefaultClient.
	HTTPClient *http.Client

	// Timeout bounds how long Verify may take. Zero means 3 seconds.
	Timeout time.Duration

	// Now tells how old remembered answers are. Nil means time.Now.
	Now func() time.Time
}

// Verifier verifies timestamps and remembers which keys servers call their own.
// It is safe for concurrent use, holds no resources besides some memory, and
// needs no closing.
type Verifier struct {
	cfg   Config
	trust *trust
}

// NewVerifier returns a Verifier that remembers nothing yet.
func NewVerifier(cfg Config) *Verifier {
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = http.DefaultClient
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Verifier{cfg: cfg, trust: newTrust(cfg)}
}

// Verify checks that stamp is a timestamp on value, which has 32 bytes, by a key
// that the server at serverURL calls its own and that had not expired at the
// stamped time. The ServerURL in the stamp is ignored, and so is the present
// time: callers decide how far in the past or future a timestamp may be.
//
// The server is asked when its answer about the key is not known, or no longer;
// concurrent calls about one key wait for one request. Verify returns within
// the configured timeout, and as soon as ctx is done. Any error means that the
// timestamp does not count; ErrNoAnswer that it might another time.
func (v *Verifier) Verify(ctx context.Context, serverURL string, stamp *irma.AtumTimestamp, value []byte) error {
	if err := checkSignature(stamp, value); err != nil {
		return fmt.Errorf("verifying timestamp: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, v.cfg.Timeout, errTimeout)
	defer cancel()
	key := signingKey{server: serverURL, alg: stamp.Sig.Alg, public: string(stamp.Sig.PublicKey)}
	expires, err := v.trust.expiry(ctx, key)
	switch {
	case errors.Is(err, errUntrusted):
		return fmt.Errorf("verifying timestamp: %w", err)
	case err != nil:
		return fmt.Errorf("verifying timestamp: %w: %w", ErrNoAnswer, err)
	}
	if at := time.Unix(stamp.Time, 0); expires.Before(at) {
		return fmt.Errorf("verifying timestamp: the key expired %s before the stamped time", at.Sub(expires))
	}
	return nil
}

// checkSignature checks all that can be checked without the server. It comes
// first, so that nobody is asked about keys that signed nothing.
func checkSignature(stamp *irma.AtumTimestamp, value []byte) error {
	switch {
	case stamp == nil:
		return errors.New("no timestamp")
	case len(value) != valueSize:
		return fmt.Errorf("the stamped value has %d bytes, want %d", len(value), valueSize)
	case stamp.Time <= 0 || stamp.Time > latestTime:
		return fmt.Errorf("time %d is not a date", stamp.Time)
	case stamp.Sig.Alg == algXMSSMT:
		return errors.New("XMSS-MT signatures are not supported, only Ed25519")
	case stamp.Sig.Alg != algEd25519:
		return fmt.Errorf("unknown signature algorithm %.20q", stamp.Sig.Alg)
	case len(stamp.Sig.PublicKey) != ed25519.PublicKeySize:
		return fmt.Errorf("the public key has %d bytes, want %d", len(stamp.Sig.PublicKey), ed25519.PublicKeySize)
	case !ed25519.Verify(stamp.Sig.PublicKey, stampedBytes(stamp.Time, value), stamp.Sig.Data):
		return errors.New("the signature is not over this time and value")
	}
	return nil
}

// stampedBytes returns what a timestamp server signs.
func stampedBytes(at int64, value []byte) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(at)), value...)
}
