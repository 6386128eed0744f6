package devpage

import (
	"container/list"
	"crypto/rand"
	"net/http"
	"sync"
)

// secretHeader names the wallet of a browser. Pages of other origins can neither
// guess the secret nor send the header.
const secretHeader = "X-Irmad-Phone"

// maxPhones bounds the wallets; the one that was not used for the longest time
// makes place.
const maxPhones = 32

// phones has the wallets of browsers by secret.
type phones struct {
	mu       sync.Mutex
	bySecret map[string]*list.Element // guarded by mu
	used     *list.List               // guarded by mu; of *phone, last used first
}

func newPhones() *phones { return &phones{bySecret: map[string]*list.Element{}, used: list.New()} }

// find returns the wallet with this secret, or nil.
func (ps *phones) find(secret string) *phone {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	element := ps.bySecret[secret]
	if element == nil {
		return nil
	}
	ps.used.MoveToFront(element)
	ph, _ := element.Value.(*phone)
	return ph
}

// add returns the wallet that had to make place, or nil.
func (ps *phones) add(ph *phone) (evicted *phone) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.bySecret[ph.secret] = ps.used.PushFront(ph)
	if ps.used.Len() <= maxPhones {
		return nil
	}
	evicted, _ = ps.used.Remove(ps.used.Back()).(*phone)
	delete(ps.bySecret, evicted.secret)
	return evicted
}

// newPhone makes a wallet for a browser.
func (p *Page) newPhone(_ http.ResponseWriter, r *http.Request) (any, error) {
	if _, err := readBody(r); err != nil {
		return nil, err
	}
	ph, err := newPhone(p, rand.Text())
	if err != nil {
		return nil, err
	}
	if evicted := p.phones.add(ph); evicted != nil {
		evicted.cancel()
	}
	return struct {
		Secret string `json:"secret"`
	}{ph.secret}, nil
}
