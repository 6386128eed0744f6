package memory_test

import (
	"testing"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
	"github.com/irmad/irmaserver/store/storetest"
)

func open(*testing.T) store.Store { return memory.New(memory.Config{}) }

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.RunVirtual(t, open)
}

// TestContractRealTime runs the same tests as any other store's, so that they
// are known to hold outside bubbles too.
func TestContractRealTime(t *testing.T) {
	t.Parallel()
	storetest.Run(t, open)
}
