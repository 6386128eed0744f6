package walletapi

// Parse is for the fuzz target.
var Parse = parse
