package scheme

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"math/bits"
	"path"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/irmad/irmaserver/internal/caught"
)

// Limits on what is read. The largest files in practice are logos.
const (
	maxFileSize  = 10 << 20
	maxFileCount = 20_000
)

// readFile reads a whole file within the size limit.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	return appendFile(nil, fsys, name)
}

// appendFile reads a file into buf, which it grows when needed.
func appendFile(buf []byte, fsys fs.FS, name string) ([]byte, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // only read from
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", name)
	case info.Size() > maxFileSize:
		return nil, fmt.Errorf("%s is larger than %d MB", name, maxFileSize>>20)
	}
	size := int(info.Size())
	if cap(buf) < size {
		buf = make([]byte, size, roomFor(size))
	}
	// A file that changes its size meanwhile does not have the right hash.
	if _, err := io.ReadFull(file, buf[:size]); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return buf[:size], nil
}

// roomFor returns the least power of two that is enough, so that a buffer grows a few
// times only.
func roomFor(size int) int { return 1 << bits.Len(uint(max(size, 1)-1)) }

// buffers holds *[]byte for files that are hashed and not kept.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// verifiedFile reads the file of an index entry and checks its hash. The result
// is valid until use returns.
func verifiedFile(fsys fs.FS, dir string, e entry, use func([]byte) error) error {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	data, err := appendFile(*buf, fsys, path.Join(dir, e.path))
	if err != nil {
		return fail(InvalidSignature, err)
	}
	*buf = data
	if sha256.Sum256(data) != e.hash {
		return failf(InvalidSignature, "file %s does not have the hash in the index", e.path)
	}
	return use(data)
}

// parallel calls do(0) to do(n-1) on as many goroutines as there are processors, of
// which more do not help, and returns when all calls have. If one panics so does
// parallel, where its caller can do something about it.
func parallel(n int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	var panicked atomic.Pointer[error]
	for range min(n, runtime.GOMAXPROCS(0), runtime.NumCPU()) {
		wg.Go(func() {
			err := caught.Do(func() error {
				for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
					do(i)
				}
				return nil
			})
			if err != nil {
				panicked.Store(&err)
			}
		})
	}
	wg.Wait()
	if err := panicked.Load(); err != nil {
		panic(*err)
	}
}
