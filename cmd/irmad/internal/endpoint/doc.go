// Package endpoint serves HTTP at an address as irmad does it everywhere: with limits
// on headers, bodies and idle connections that phones on bad networks can keep to, and
// with what goes wrong on connections in the log.
package endpoint
