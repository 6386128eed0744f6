package main

import "runtime"

// spareThreads is how many threads run Go code besides those that compute.
const spareThreads = 2

// reserveThreads lets more threads run Go code than there are processors and
// returns the number of processors, which is how many computations are to be made
// at once. When all of them compute, a request for a status finds a thread that
// waits for it, and the operating system gives it a processor at once; otherwise
// it would wait for one of the computations to end. An administrator's setting
// is left alone.
func reserveThreads(setting string) int {
	processors := runtime.GOMAXPROCS(0)
	if setting == "" {
		runtime.GOMAXPROCS(processors + spareThreads)
	}
	return processors
}
