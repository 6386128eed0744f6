package main

import (
	"context"
	"net/http"
	"strings"
)

// endStreams returns a handler whose event streams end with ctx, so that a
// server that stops need not wait for sessions to end. Readers then poll.
func endStreams(ctx context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(strings.TrimSuffix(r.URL.Path, "/"), "/statusevents") {
			next.ServeHTTP(w, r)
			return
		}
		streaming, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		next.ServeHTTP(w, r.WithContext(streaming))
	})
}
