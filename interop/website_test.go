package interop_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// website is the requestor's, to which irmad posts results. Each page of it
// belongs to one test.
type website struct {
	server *httptest.Server
	mu     sync.Mutex // guards pages
	pages  map[string]*page
}

// page is a URL that results are posted to.
type page struct {
	url    string
	posts  chan post
	answer http.HandlerFunc // nil answers 204
}

// post is one result as it was posted.
type post struct {
	uri         string
	contentType string
	body        []byte
}

func newWebsite() *website {
	s := &website{pages: make(map[string]*page)}
	s.server = httptest.NewServer(s)
	return s
}

// open adds a page. Its answer comes after the post is recorded.
func (s *website) open(answer http.HandlerFunc) *page {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := fmt.Sprintf("/page%d", len(s.pages))
	p := &page{url: s.server.URL + name, posts: make(chan post, 32), answer: answer}
	s.pages[name] = p
	return p
}

func (s *website) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	p := s.pages[strings.TrimSuffix(r.URL.Path, "/")]
	s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if p == nil || err != nil || r.Method != http.MethodPost {
		http.Error(w, "this is no page for results", http.StatusBadRequest)
		return
	}
	p.posts <- post{r.URL.RequestURI(), r.Header.Get("Content-Type"), body}
	if p.answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	p.answer(w, r)
}

// says answers with a body.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// next waits for the next post.
func (p *page) next(t *testing.T) post {
	t.Helper()
	select {
	case got := <-p.posts:
		return got
	case <-time.After(waitTimeout):
		t.Fatalf("no result was posted within %s", waitTimeout)
	}
	panic("unreachable")
}

// only returns the one post that there has been up to now.
func (p *page) only(t *testing.T) post {
	t.Helper()
	select {
	case got := <-p.posts:
		p.quiet(t)
		return got
	default:
		t.Fatal("no result was posted yet")
	}
	panic("unreachable")
}

// quiet checks that there is no further post.
func (p *page) quiet(t *testing.T) {
	t.Helper()
	select {
	case more := <-p.posts:
		t.Errorf("there is one more post: %s", more.body)
	default:
	}
}

// result decodes a post that is not signed.
func (p post) result(t *testing.T) sessionResult {
	t.Helper()
	if want := "application/json; charset=UTF-8"; p.contentType != want {
		t.Errorf("content type is %q, want %q", p.contentType, want)
	}
	var r sessionResult
	if err := json.Unmarshal(p.body, &r); err != nil {
		t.Fatalf("decoding posted result: %v: %s", err, p.body)
	}
	return r
}
