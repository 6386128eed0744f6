package devpage_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Who may use the page: browsers on this machine or at its address, with scripts
// of its own origin, and for a phone with its secret.
func TestGuard(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	ph := s.newPhone(t)
	for name, tt := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		error              string // empty for success
	}{
		"localhost":            {"GET", "/dev/", "", []string{"Host: localhost:8088"}, 200, ""},
		"below localhost":      {"GET", "/dev/api/info", "", []string{"Host: shop.localhost"}, 200, ""},
		"address":              {"GET", "/dev/", "", []string{"Host: 192.0.2.7:8088"}, 200, ""},
		"IPv6 address":         {"GET", "/dev/", "", []string{"Host: [2001:db8::1]:8088"}, 200, ""},
		"IPv6 without port":    {"GET", "/dev/", "", []string{"Host: [::1]"}, 200, ""},
		"another name":         {"GET", "/dev/", "", []string{"Host: evil.example:8088"}, 403, "UNKNOWN_HOST"},
		"almost localhost":     {"GET", "/dev/main.js", "", []string{"Host: localhost.evil.example"}, 403, "UNKNOWN_HOST"},
		"almost an address":    {"POST", "/dev/api/phone", "{}", []string{"Host: 127.0.0.1.evil.example"}, 403, "UNKNOWN_HOST"},
		"own origin":           {"POST", "/dev/api/phone", "{}", []string{"Host: localhost:1", "Origin: http://localhost:1"}, 200, ""},
		"own origin, fetched":  {"POST", "/dev/api/phone", "{}", []string{"Sec-Fetch-Site: same-origin"}, 200, ""},
		"another origin":       {"POST", "/dev/api/phone", "{}", []string{"Host: localhost:1", "Origin: http://localhost:2"}, 403, "CROSS_ORIGIN"},
		"origin null":          {"POST", "/dev/api/explain", "{}", []string{"Origin: null"}, 403, "CROSS_ORIGIN"},
		"another site":         {"POST", "/dev/api/explain", "{}", []string{"Sec-Fetch-Site: cross-site"}, 403, "CROSS_ORIGIN"},
		"same site":            {"POST", "/dev/api/phone/scan", "{}", []string{"Sec-Fetch-Site: same-site", "X-Irmad-Phone: " + ph.secret}, 403, "CROSS_ORIGIN"},
		"a form":               {"POST", "/dev/api/phone", "a=b", []string{"Content-Type: application/x-www-form-urlencoded"}, 415, "UNSUPPORTED"},
		"text":                 {"POST", "/dev/api/explain", "{}", []string{"Content-Type: text/plain"}, 415, "UNSUPPORTED"},
		"no secret":            {"GET", "/dev/api/phone", "", nil, 403, "UNKNOWN_PHONE"},
		"wrong secret":         {"POST", "/dev/api/phone/answer", "{}", []string{"X-Irmad-Phone: " + strings.ToLower(ph.secret)}, 403, "UNKNOWN_PHONE"},
		"body too long":        {"POST", "/dev/api/explain", strings.Repeat(" ", 256<<10+1), nil, 413, "MALFORMED_INPUT"},
		"no JSON":              {"POST", "/dev/api/phone/scan", "{", []string{"X-Irmad-Phone: " + ph.secret}, 400, "MALFORMED_INPUT"},
		"no pointer":           {"POST", "/dev/api/phone/scan", `{"u":""}`, []string{"X-Irmad-Phone: " + ph.secret}, 400, "MALFORMED_INPUT"},
		"nothing asked":        {"POST", "/dev/api/phone/answer", `{"question":1}`, []string{"X-Irmad-Phone: " + ph.secret}, 409, "UNEXPECTED_REQUEST"},
		"stop needs JSON":      {"POST", "/dev/api/phone/stop", "x", []string{"X-Irmad-Phone: " + ph.secret}, 400, "MALFORMED_INPUT"},
		"QR of nothing":        {"GET", "/dev/api/qr", "", nil, 400, "MALFORMED_INPUT"},
		"QR of a book":         {"GET", "/dev/api/qr?text=" + strings.Repeat("x", 1001), "", nil, 400, "MALFORMED_INPUT"},
		"unknown endpoint":     {"GET", "/dev/api/nothing", "", nil, 404, "INVALID_REQUEST"},
		"wrong method":         {"DELETE", "/dev/api/info", "", nil, 404, "INVALID_REQUEST"},
		"writing to the page":  {"POST", "/dev/", "{}", nil, 405, "INVALID_REQUEST"},
		"pages of other sites": {"GET", "/dev/api/info", "", []string{"Origin: https://evil.example"}, 200, ""}, // cannot read it: there is no CORS
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.send(t, tt.method, tt.path, tt.body, tt.headers...)
			if tt.error != "" {
				got.refused(t, name, tt.status, tt.error)
			} else if got.status != tt.status {
				t.Errorf("%d %s", got.status, got.body)
			}
			if got.header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("other origins may read the answer")
			}
			for header, want := range map[string]string{
				"Content-Security-Policy": "default-src 'none'; ", "X-Content-Type-Options": "nosniff",
				"Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
			} {
				if !strings.HasPrefix(got.header.Get(header), want) {
					t.Errorf("%s: %q", header, got.header.Get(header))
				}
			}
		})
	}
}

// The policy has no exceptions, and the page needs none: no scripts and styles in
// its text, and nothing from elsewhere.
func TestPolicy(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	policy := s.send(t, "GET", "/dev/", "").header.Get("Content-Security-Policy")
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || strings.Contains(policy, "http") {
		t.Errorf("policy has exceptions: %s", policy)
	}
	forbidden := regexp.MustCompile(`(?i)<script>|<style|\sstyle="|\son[a-z]+="|innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|@import|(src|href)="(https?:)?//`)
	files := os.DirFS("assets")
	names, err := fs.Glob(files, "*")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		if found := forbidden.Find(text); found != nil {
			t.Errorf("%s has %s", name, found)
		}
		if strings.HasSuffix(name, ".css") && strings.Contains(string(text), "url(") {
			t.Errorf("%s loads something", name)
		}
	}
}

// Browsers keep the parts of the page as long as they are those of this program.
func TestFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for path, want := range map[string]string{
		"/dev/": "text/html; charset=utf-8", "/dev/page.css": "text/css; charset=utf-8",
		"/dev/main.js": "text/javascript; charset=utf-8", "/dev/icon.svg": "image/svg+xml",
	} {
		got := s.send(t, "GET", path, "")
		if got.status != http.StatusOK || got.header.Get("Content-Type") != want || len(got.body) == 0 {
			t.Errorf("%s: %d %s, %d bytes", path, got.status, got.header.Get("Content-Type"), len(got.body))
		}
		if again := s.send(t, "GET", path, "", "If-None-Match: "+got.header.Get("ETag")); again.status != http.StatusNotModified {
			t.Errorf("%s again: %d", path, again.status)
		}
	}
	for path, want := range map[string]bool{
		"/dev": true, "/dev/": true, "/dev/main.js": true, "/dev/api/info": true,
		"/": false, "/dev/session": false, "/dev/irma/session/x": false, "/device": false, "/dev/index.html": false,
	} {
		if got := s.page.Serves(path); got != want {
			t.Errorf("serves %s: %t", path, got)
		}
	}
	if got := s.send(t, "GET", "/dev", ""); got.status != http.StatusOK || !strings.Contains(string(got.body), "irmad dev") {
		t.Errorf("/dev: %d", got.status)
	}
}

// The wallet that was not used for the longest time makes place.
func TestManyPhones(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	first, second := s.newPhone(t), s.newPhone(t)
	second.sees(t, "home")
	for i := range 31 {
		if i == 15 {
			first.screen.Revision = 0
			first.sees(t, "home")
		}
		s.newPhone(t)
	}
	first.screen.Revision = 0
	first.sees(t, "home")
	gone := s.send(t, "GET", fmt.Sprintf("/dev/api/phone?after=%d", second.screen.Revision), "", "X-Irmad-Phone: "+second.secret)
	gone.refused(t, "second phone", http.StatusForbidden, "UNKNOWN_PHONE")
}
