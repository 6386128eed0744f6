package main

import "time"

// size says how much to measure.
type size struct {
	rounds     int
	starts     int // of a process
	sessions   int // per phase and kind
	sweep      int // per number of attributes or credentials
	attributes []int
	live       []int // sessions
	liveOther  int   // at most, of the other server: each look costs it more
	polls      int
	idle       int // seconds
	streams    []int
	crowd      int // sessions whose proofs come at once
	profile    time.Duration
}

var full = size{
	rounds:     3,
	starts:     5,
	sessions:   500,
	sweep:      100,
	attributes: []int{1, 2, 4, 8, 12, 16, 20},
	live:       []int{1_000, 10_000, 100_000, 300_000, 1_000_000},
	liveOther:  300_000,
	polls:      3_000,
	idle:       10,
	streams:    []int{100, 1_000, 5_000, 20_000},
	crowd:      5_000,
	profile:    30 * time.Second,
}

var small = size{
	rounds:     1,
	starts:     1,
	sessions:   30,
	sweep:      10,
	attributes: []int{1, 20},
	live:       []int{1_000, 5_000},
	liveOther:  5_000,
	polls:      500,
	idle:       1,
	streams:    []int{100, 2_000},
	crowd:      300,
	profile:    10 * time.Second,
}
