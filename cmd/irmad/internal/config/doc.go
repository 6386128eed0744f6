// Package config reads the configuration of irmad: options that are flags, environment
// variables and keys of a file at once, in the format that the README documents and
// docs/configuration.md lists. It alone knows the library that combines them.
//
// Read returns the Settings with a value of the right type for every option, and says
// where each comes from. What options mean together is checked by the Check methods,
// in the order of spec 06 §4, which the server decides. Other methods make of the
// settings what the library of irmaserver takes: keys, certificates, who may start
// sessions, and where schemes are. Nothing here listens, serves, or opens a store.
package config
