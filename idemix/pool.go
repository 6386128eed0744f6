package idemix

import (
	"math/big"
	"sync"
)

// primePool keeps primes ready, per range to find them in. Each prime is handed
// out once. It is safe for concurrent use.
type primePool struct {
	size int

	mu      sync.Mutex // guards the fields below
	ready   map[primeRange][]*big.Int
	filling map[primeRange]bool // whether a goroutine is
	closed  bool
	running sync.WaitGroup // the goroutines
}

type primeRange struct{ start, length uint }

func newPrimePool(size int) *primePool {
	return &primePool{size: size, ready: map[primeRange][]*big.Int{}, filling: map[primeRange]bool{}}
}

// take returns a prime, and has one found in its place. If none is ready it
// finds one itself.
func (p *primePool) take(search *primeSearch) (*big.Int, error) {
	if prime := p.pop(search); prime != nil {
		return prime, nil
	}
	return search.next()
}

func (p *primePool) pop(search *primeSearch) *big.Int {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := primeRange{search.start, search.length}
	if !p.closed && !p.filling[id] {
		p.filling[id] = true
		p.running.Go(func() { p.fill(id, search) })
	}
	list := p.ready[id]
	if len(list) == 0 {
		return nil
	}
	p.ready[id] = list[:len(list)-1]
	return list[len(list)-1]
}

// fill finds primes until there are enough, one at a time: requests have the
// other processors.
func (p *primePool) fill(id primeRange, search *primeSearch) {
	for p.wanted(id) {
		prime, err := search.next()
		if err != nil {
			p.stop(id) // the next request tries again, and reports it
			return
		}
		p.push(id, prime)
	}
}

// wanted reports whether to go on; if not, the goroutine counts as gone.
func (p *primePool) wanted(id primeRange) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.filling[id] = !p.closed && len(p.ready[id]) < p.size
	return p.filling[id]
}

func (p *primePool) stop(id primeRange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.filling[id] = false
}

func (p *primePool) push(id primeRange, prime *big.Int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ready[id] = append(p.ready[id], prime)
}

// close returns when no goroutine is left.
func (p *primePool) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.running.Wait()
}
