package idemix

import (
	"errors"
	"math/big"
	"sync"

	"github.com/irmad/irmaserver/internal/caught"
)

// primePool keeps primes ready, per range to find them in. Each prime is handed
// out once. It is safe for concurrent use.
//
// As long as at least half of the primes are there, it searches when nothing else
// is being computed: two threads of one processor core would take each other's
// multipliers, and a wallet is waiting for one of them.
type primePool struct {
	size int

	mu      sync.Mutex // guards the fields below
	ready   map[primeRange][]*big.Int
	filling map[primeRange]bool // whether a goroutine is
	broken  error               // a panic of a search, for the next request to tell
	closed  bool
	busy    int       // requests that are being computed
	change  sync.Cond // of busy, closed, or ready, for the goroutines; its lock is mu
	running sync.WaitGroup
}

type primeRange struct{ start, length uint }

func newPrimePool(size int) *primePool {
	p := &primePool{size: size, ready: map[primeRange][]*big.Int{}, filling: map[primeRange]bool{}}
	p.change.L = &p.mu
	return p
}

// hold tells that a request is being computed, until the result is called.
func (p *primePool) hold() (release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.busy--
		p.change.Broadcast()
	}
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
	if err := p.broken; err != nil {
		p.broken = nil
		panic(err)
	}
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
	p.change.Broadcast()
	return list[len(list)-1]
}

// fill finds primes until there are enough, one at a time. Of what goes wrong the next
// request tells: it tries again, and panics if this did.
func (p *primePool) fill(id primeRange, search *primeSearch) {
	for p.wanted(id) {
		var prime *big.Int
		err := caught.Do(func() (err error) {
			prime, err = search.next()
			return err
		})
		if err != nil {
			p.stop(id, err)
			return
		}
		p.push(id, prime)
	}
}

// wanted returns when it is time for another prime, and reports whether one is
// wanted at all; if not, the goroutine counts as gone.
func (p *primePool) wanted(id primeRange) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.closed && p.busy > 0 && len(p.ready[id]) >= (p.size+1)/2 {
		p.change.Wait()
	}
	p.filling[id] = !p.closed && len(p.ready[id]) < p.size
	return p.filling[id]
}

func (p *primePool) stop(id primeRange, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.filling[id] = false
	if panicked := (*caught.Panic)(nil); errors.As(err, &panicked) {
		p.broken = panicked
	}
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
	p.change.Broadcast()
	p.mu.Unlock()
	p.running.Wait()
}
