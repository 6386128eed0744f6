package idemix

import (
	stdbig "math/big"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi/big"
)

// gabi makes the signatures. It gets copies, so that the wallet's message stays as
// it was whatever gabi does with its arguments.

func toGabi(i *irma.Int) *big.Int { return copyToGabi(i.Big()) }

func copyToGabi(i *stdbig.Int) *big.Int { return big.Convert(new(stdbig.Int).Set(i)) }

func fromGabi(i *big.Int) *irma.Int { return (*irma.Int)(i.Go()) }
