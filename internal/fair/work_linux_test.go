package fair_test

import (
	"runtime"
	"syscall"
	"testing"

	"github.com/irmad/irmaserver/internal/fair"
)

// Where there are more threads than places, computations that had to wait are made on
// one thread per place, which does nothing else.
func TestDoThreads(t *testing.T) { // alone, as it changes the process
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	const n = 100
	threads := map[int]bool{}
	var elsewhere chan int
	doWaiting(t, fair.New(fair.Config{Places: 1, MaxWaiting: n}), n, func(int) {
		threads[syscall.Gettid()] = true
		elsewhere = make(chan int, 1)
		go func() { elsewhere <- syscall.Gettid() }()
		if thread := <-elsewhere; threads[thread] {
			t.Error("what does not compute runs on the thread that does")
		}
	})
	if len(threads) != 1 {
		t.Errorf("computed on %d threads", len(threads))
	}
}
