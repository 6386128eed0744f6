package idemix

import (
	"container/list"
	"sync"

	"github.com/privacybydesign/gabi/gabikeys"
)

// tableCache keeps the tables of the keys that were used last, within a budget.
// It is safe for concurrent use. Its lock is never held while a table is made,
// so keys do not wait for each other.
type tableCache struct {
	budget int64

	mu   sync.Mutex // guards the fields below, and size and dropped of all keys
	used int64
	keys map[*gabikeys.PublicKey]*list.Element // of *keyTables
	same map[keyDigest]*list.Element           // the same elements
	age  *list.List                            // the key used last is in front
}

func newTableCache(budget int64) *tableCache {
	return &tableCache{
		budget: budget,
		keys:   map[*gabikeys.PublicKey]*list.Element{},
		same:   map[keyDigest]*list.Element{},
		age:    list.New(),
	}
}

// get returns the tables of a key, which now is the one used last. A scheme set
// hands out the same key every time, so mostly its address is its identity; a set
// that was loaded later has the same numbers at another address. A budget that is
// too small for anything keeps nothing.
func (c *tableCache) get(key *gabikeys.PublicKey) *keyTables {
	if k := c.find(key); k != nil {
		return k
	}
	digest := digestKey(key)
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.same[digest]; ok {
		k := element.Value.(*keyTables)
		delete(c.keys, k.known)
		k.known, c.keys[key] = key, element
		c.age.MoveToFront(element)
		return k
	}
	k := &keyTables{cache: c, key: key, digest: digest, known: key}
	if !c.reserve(k, keyOverhead) {
		return &keyTables{key: key}
	}
	element := c.age.PushFront(k)
	c.keys[key], c.same[digest] = element, element
	return k
}

// find returns the tables of the key at this address, or nil.
func (c *tableCache) find(key *gabikeys.PublicKey) *keyTables {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.keys[key]
	if !ok {
		return nil
	}
	c.age.MoveToFront(element)
	return element.Value.(*keyTables)
}

// claim sets memory aside for a table of k and reports whether there is any.
func (c *tableCache) claim(k *keyTables, bytes int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reserve(k, bytes)
}

// reserve drops the keys that were not used for longest until there is room. A
// key that was dropped itself gets no more: nobody would find its tables. The
// caller holds mu.
func (c *tableCache) reserve(k *keyTables, bytes int64) bool {
	if k.dropped || k.size+bytes > c.budget {
		return false
	}
	for element := c.age.Back(); c.used+bytes > c.budget && element != nil; element = c.age.Back() {
		oldest := element.Value.(*keyTables)
		if oldest == k {
			c.age.MoveToFront(element)
			continue
		}
		c.drop(element)
	}
	c.used += bytes
	k.size += bytes
	return true
}

// drop forgets a key. Whoever is using its tables can go on. The caller holds
// mu.
func (c *tableCache) drop(element *list.Element) {
	k := element.Value.(*keyTables)
	k.dropped = true
	c.used -= k.size
	delete(c.keys, k.known)
	delete(c.same, k.digest)
	c.age.Remove(element)
}
