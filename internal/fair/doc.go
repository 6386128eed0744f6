// Package fair decides which of many computations run when only some can at
// once. Each belongs to an owner, and owners get equal shares of the time that
// there is: one who asks for thousands makes the own ones wait, while another's
// next one waits for those that run and at most one of each owner. Computations
// of one owner run in the order of their coming.
//
// Do makes the computation when its turn has come, and lets others run after it;
// Enter only tells, for those who compute themselves.
//
// One that would not get its turn before its context's deadline is refused as it
// comes, from how long those before it are expected to take, so that nobody waits
// in vain and those who can still be served are.
package fair
