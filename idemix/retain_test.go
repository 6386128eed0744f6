package idemix_test

import (
	"bytes"
	"testing"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
)

// Tables survive a new set with the same key, and end with the last set that has
// it.
func TestRetain(t *testing.T) {
	t.Parallel()
	e := must(idemix.NewEngine(idemix.EngineConfig{}))
	req := request("irmad-demo.gov.root.bsn")
	list := prove(show{shared().root, []int{1, 2}})
	same := variant(t, "irmad-demo", func(path string, data []byte) []byte {
		return bytes.ReplaceAll(data, []byte("Demo government"), []byte("Demo state"))
	}, nil)
	without := variant(t, "irmad-demo", func(path string, data []byte) []byte {
		if path == "irmad-demo/gov/PublicKeys/0.xml" || path == "irmad-demo/gov/PrivateKeys/0.xml" {
			return nil
		}
		return data
	}, nil)
	verify := func() {
		t.Helper()
		if got := must(e.VerifyDisclosure(same, req, disclosure(list, at(0, 2)), now)); got.Status != irma.ProofValid {
			t.Errorf("status %s (%s)", got.Status, got.Reason)
		}
	}
	if got := must(e.VerifyDisclosure(demoSet(), req, disclosure(list, at(0, 2)), now)); got.Status != irma.ProofValid {
		t.Fatalf("status %s (%s)", got.Status, got.Reason)
	}
	before, keys := idemix.TablesInUse(e)
	if keys != 1 || !idemix.HasTables(e, publicKey(root)) {
		t.Fatalf("tables of %d keys", keys)
	}
	e.Retain(same)
	verify()
	if after, keys := idemix.TablesInUse(e); after != before || keys != 1 {
		t.Errorf("with the same key in a new set: %d bytes of %d keys, want %d of 1", after, keys, before)
	}
	if key := must(same.PublicKey("irmad-demo.gov", 0)); !idemix.HasTables(e, key) || idemix.HasTables(e, publicKey(root)) {
		t.Error("the tables are not found under the key in use")
	}
	e.Retain(without, same)
	if after, _ := idemix.TablesInUse(e); after != before {
		t.Errorf("one of two sets has the key, but tables went from %d to %d bytes", before, after)
	}
	e.Retain(without)
	if after, keys := idemix.TablesInUse(e); after != 0 || keys != 0 {
		t.Errorf("no set has the key: %d bytes of %d keys", after, keys)
	}
	verify()
	new(idemix.Engine).Retain(without)
}
