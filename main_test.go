package irmaserver_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails when a goroutine outlives the tests: a closed server has none.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
