package idemix

// MessageNonce lets tests compare the nonces of signatures with known ones.
var MessageNonce = messageNonce
