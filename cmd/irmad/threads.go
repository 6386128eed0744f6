package main

import "runtime"

// spareThreads returns how many threads run Go code besides those that compute: none
// if an administrator has said how many there are.
func spareThreads(setting string) int {
	if setting != "" {
		return 0
	}
	return 2
}

// addThreads lets more threads run Go code than there are processors, where that is
// how many computations are made at once. When all of them compute, a request for
// a status finds a thread that waits for it, and the operating system gives it a
// processor at once; otherwise it would wait for one of the computations to end.
// Before there are requests more threads would only share the same work, which makes
// the start longer.
func addThreads(spare int) {
	if spare > 0 {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + spare)
	}
}
