// Package shape checks JSON against a description of what it should look like
// and explains, by JSON path, where it does not.
//
// It exists because requestors write session requests by hand: the decoder's
// own messages name Go types, and a misspelt member would pass unnoticed. A
// description can also bound the size of what strangers send.
//
// Messages name members, paths and kinds of values, never the values.
package shape
