package transport_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails when a goroutine outlives the tests: a stream that has ended
// leaves none.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
