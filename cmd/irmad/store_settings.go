package main

// storeSettings say where sessions are kept.
type storeSettings struct {
	StoreType     string   `koanf:"store_type"`
	StorePath     string   `koanf:"store_path"`
	StoreKeys     []string `koanf:"store_keys"`
	StoreKeysFile string   `koanf:"store_keys_file"`
}

// storeOptions are the options behind storeSettings.
var storeOptions = []option{
	{name: "store_type", kind: text, initial: "memory", usage: "`kind` of store that keeps the sessions: memory, file, or redis, which any number of servers may share"},
	{name: "store_path", kind: text, initial: "", usage: "`file` in which the file store keeps them"},
	{name: "store_keys", kind: list, initial: []string{}, secret: true, usage: "`keys` that encrypt what is stored, 32 bytes each in base64: the first encrypts, all decrypt"},
	{name: "store_keys_file", kind: text, initial: "", usage: "`file` with these keys, one on each line"},
}
