package issuerkey

import (
	"errors"
	"fmt"
	"math/big"

	gabi "github.com/privacybydesign/gabi/big"

	"github.com/irmad/irmaserver/scheme"
)

// Check reports what is wrong with a key pair: whether the modulus is the product
// of two safe primes, all numbers of the public key generate the squares modulo it,
// both keys support revocation or neither does, and servers read the pair. It takes
// a second.
func (k *Pair) Check() error {
	public, private, err := k.Marshal()
	if err != nil {
		return err
	}
	if err := scheme.CheckKeyPair(public, private); err != nil {
		return err
	}
	n, p, q := k.Public.N.Go(), k.Private.P.Go(), k.Private.Q.Go()
	check := func(name string, x *gabi.Int) error {
		if x == nil {
			return nil // as without revocation
		}
		square := big.Jacobi(x.Go(), p) == 1 && big.Jacobi(x.Go(), q) == 1
		if !square || !generates(x.Go(), n) {
			return fmt.Errorf("%s does not generate the squares modulo n", name)
		}
		return nil
	}
	errs := []error{check("Z", k.Public.Z), check("S", k.Public.S), check("G", k.Public.G), check("H", k.Public.H)}
	for i, base := range k.Public.R {
		errs = append(errs, check(fmt.Sprintf("base %d", i), base))
	}
	return errors.Join(errs...)
}
