// Package manual makes the manual page and the completion of shells of what help prints,
// so that they tell the same.
package manual
