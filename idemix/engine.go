package idemix

import (
	"fmt"
	"math/big"
	"time"

	"github.com/irmad/irmaserver/idemix/internal/modexp"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/privacybydesign/gabi/gabikeys"
)

// DefaultTableBudget is the memory for tables when none was configured. It
// holds the tables of about 60 keys of 2048 bits.
const DefaultTableBudget = 64 << 20

// EngineConfig says how an Engine computes.
type EngineConfig struct {
	// TableBudget is how many bytes the tables may take. They make verification
	// two to three times as fast. Zero is DefaultTableBudget, and a negative
	// number is no tables.
	TableBudget int64

	// Arithmetic is "portable", "arm64", "adx" or "ifma", to compare them or to
	// rule one out. What the processor does not have is replaced by the next best.
	// Empty is the best one.
	Arithmetic string

	// PrimePool is how many prime numbers are kept ready. Every signature takes
	// one, of a length that depends on the key, and finding one takes most of
	// the time that issuing takes. The first signature of a length starts the
	// search for this many of them in the background, and every further one the
	// search for a replacement. While the Engine verifies or issues and half of
	// them are there, the search waits. Zero keeps none.
	PrimePool int
}

// Engine verifies and issues like the functions of this package, with the same
// results, but faster: it keeps tables of powers of the numbers in public keys.
// The tables of a key are made when it is first used, those of other keys are
// dropped when the budget is used up.
//
// An Engine is safe for concurrent use. The zero Engine keeps no tables and no
// primes; it is what the functions use. Close an Engine with a PrimePool.
type Engine struct {
	arithmetic modexp.Arithmetic
	tables     *tableCache // nil for none
	primes     *primePool  // nil for none
}

// NewEngine makes an Engine. It fails if the arithmetic is unknown.
func NewEngine(cfg EngineConfig) (*Engine, error) {
	e := &Engine{arithmetic: modexp.Arithmetic(cfg.Arithmetic)}
	if err := e.arithmetic.Check(); err != nil {
		return nil, fmt.Errorf("EngineConfig.Arithmetic: %w", err)
	}
	switch {
	case cfg.TableBudget == 0:
		e.tables = newTableCache(DefaultTableBudget)
	case cfg.TableBudget > 0:
		e.tables = newTableCache(cfg.TableBudget)
	}
	if cfg.PrimePool > 0 {
		e.primes = newPrimePool(cfg.PrimePool)
	}
	return e, nil
}

// Close stops the search for primes and returns once it has stopped, which
// takes milliseconds. The Engine can still be used; it then finds primes when
// they are needed.
func (e *Engine) Close() {
	if e.primes != nil {
		e.primes.close()
	}
}

// Retain drops the tables of keys that are in none of the sets, for programs that
// have replaced a set. Tables of a key that is also in a new set serve that set
// from its first use on, whether Retain is called or not. Retain may take some
// milliseconds; the Engine can be used meanwhile.
func (e *Engine) Retain(sets ...*scheme.Set) {
	if e.tables != nil {
		e.tables.retain(sets)
	}
}

// VerifyDisclosure is the function of the same name.
func (e *Engine) VerifyDisclosure(set *scheme.Set, req *irma.SessionRequest, d *irma.Disclosure, now time.Time) (*Verdict, error) {
	if d == nil {
		return nil, irma.ErrMalformedInput.With("Missing disclosure")
	}
	defer e.busy()()
	m := newMessage(set, req, d.Proofs, d.Indices)
	m.engine = e
	m.unknownKey = irma.ErrUnknownPublicKey
	return m.judge(now)
}

// VerifyCommitments is the function of the same name.
func (e *Engine) VerifyCommitments(set *scheme.Set, req *irma.SessionRequest, m *irma.IssueCommitment, now time.Time) (*Verdict, error) {
	verdict, _, err := e.ProveIssuance(set, req, m, now)
	return verdict, err
}

// ProveIssuance is VerifyCommitments for who issues then, which the second result is
// for. It is nil if the verdict is not VALID.
func (e *Engine) ProveIssuance(set *scheme.Set, req *irma.SessionRequest, m *irma.IssueCommitment, now time.Time) (*Verdict, *Issuance, error) {
	msg, err := newCommitmentMessage(set, req, m)
	if err != nil {
		return nil, nil, err
	}
	if err := checkNonce2(m.Nonce2); err != nil {
		verdict, err := invalid(err)
		return verdict, nil, err
	}
	defer e.busy()()
	msg.engine = e
	verdict, err := msg.judge(now)
	if err != nil || verdict.Status != irma.ProofValid {
		return verdict, nil, err
	}
	return verdict, &Issuance{message: msg, nonce2: m.Nonce2}, nil
}

// Issue is the function of the same name.
func (e *Engine) Issue(set *scheme.Set, req *irma.SessionRequest, m *irma.IssueCommitment, now time.Time) ([]irma.IssueSignature, error) {
	msg, err := newCommitmentMessage(set, req, m)
	if err != nil {
		return nil, err
	}
	defer e.busy()()
	msg.engine = e
	return msg.issueAll(m.Nonce2, now)
}

// busy has the search for primes wait until the result is called; e may be nil.
func (e *Engine) busy() (done func()) {
	if e == nil || e.primes == nil {
		return func() {}
	}
	return e.primes.hold()
}

// using returns the arithmetic; e may be nil.
func (e *Engine) using() modexp.Arithmetic {
	if e == nil {
		return modexp.Best
	}
	return e.arithmetic
}

// prime returns a prime e for a signature, which no other signature has.
func (e *Engine) prime(params *gabikeys.SystemParameters) (*big.Int, error) {
	search := &primeSearch{start: params.Le - 1, length: params.LePrime - 1, arithmetic: e.using()}
	if e == nil || e.primes == nil {
		return search.next()
	}
	return e.primes.take(search)
}
