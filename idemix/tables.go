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
	age  *list.List                            // the key used last is in front
}

func newTableCache(budget int64) *tableCache {
	return &tableCache{budget: budget, keys: map[*gabikeys.PublicKey]*list.Element{}, age: list.New()}
}

// get returns the tables of a key, which now is the one used last. A scheme set
// hands out the same key every time, so its address is its identity. A budget
// that is too small for anything keeps nothing.
func (c *tableCache) get(key *gabikeys.PublicKey) *keyTables {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.keys[key]; ok {
		c.age.MoveToFront(element)
		return element.Value.(*keyTables)
	}
	k := &keyTables{cache: c, key: key}
	if !c.reserve(k, keyOverhead) {
		return &keyTables{key: key}
	}
	c.keys[key] = c.age.PushFront(k)
	return k
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
	delete(c.keys, k.key)
	c.age.Remove(element)
}
