package modexp

import (
	"fmt"
	"slices"
)

// Arithmetic names a way to multiply. All give the same results.
type Arithmetic string

const (
	// Best is the fastest one that the processor has instructions for.
	Best Arithmetic = ""

	// Portable is Go without assembly. It exists everywhere.
	Portable Arithmetic = "portable"

	// ADX needs an amd64 processor with the instructions MULX, ADCX and ADOX.
	ADX Arithmetic = "adx"

	// IFMA needs an amd64 processor and operating system with the AVX-512
	// instructions IFMA and VL.
	IFMA Arithmetic = "ifma"

	// ARM64 needs an arm64 processor, any of them.
	ARM64 Arithmetic = "arm64"
)

// MaxBits is the length of the longest modulus.
const MaxBits = 4096

// Available reports whether this machine has an arithmetic for moduli of this
// length.
func (a Arithmetic) Available(bits int) bool {
	switch a {
	case Best, Portable:
		return bits <= MaxBits
	case ADX:
		return bits <= MaxBits && hasADX()
	case IFMA:
		return bits <= ifmaBits && hasIFMA()
	case ARM64:
		return bits <= MaxBits && hasARM64
	}
	return false
}

// resolve replaces Best by the one it stands for, and by a slower one what is
// not available for the length.
func (a Arithmetic) resolve(bits int) (Arithmetic, error) {
	switch a {
	case Best, Portable, ADX, IFMA, ARM64:
	default:
		return "", fmt.Errorf("unknown arithmetic %q: it is %s, %s, %s, %s, or empty for the best one", string(a), Portable, ADX, IFMA, ARM64)
	}
	if bits > MaxBits {
		return "", fmt.Errorf("modulus of %d bits, at most %d are supported", bits, MaxBits)
	}
	preference := []Arithmetic{IFMA, ADX, ARM64, Portable}
	if a != Best {
		preference = preference[slices.Index(preference, a):]
	}
	for _, candidate := range preference {
		if candidate.Available(bits) {
			return candidate, nil
		}
	}
	return Portable, nil
}

// Check returns an error for names that are none of the constants.
func (a Arithmetic) Check() error {
	_, err := a.resolve(0)
	return err
}
