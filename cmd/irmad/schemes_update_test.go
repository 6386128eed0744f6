package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/internal/schemetest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

// indexes counts the requests for the index since the last call.
func indexes(p *schemetest.Publisher) int {
	return len(slices.DeleteFunc(p.Asked(), func(file string) bool { return file != "index" }))
}

// TestFirstDownload starts without anything. The server serves the demo scheme
// while the others are on their way, from their own web server and from a mirror.
func TestFirstDownload(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"own web server": nil, "mirror": {"--schemes-mirror", "WEB/mirror/"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			town, city := schemetest.NewPublisher(t, "town"), schemetest.NewPublisher(t, "city")
			release := make(chan struct{})
			wrap := func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					path, mirrored := strings.CutPrefix(r.URL.Path, "/mirror")
					if mirrored != (args != nil) {
						http.NotFound(w, r)
						return
					}
					select {
					case <-release:
					case <-r.Context().Done(): // the test has failed
					}
					r.URL.Path = path
					next.ServeHTTP(w, r)
				})
			}
			home := t.TempDir()
			site := startSite(t, siteConfig{args: args, env: []string{"HOME=" + home}, publishers: []*schemetest.Publisher{town, city}, wrap: wrap})
			site.log.await(t, `fetching schemes in the background {"schemes": ["city","town"]}`, 1)
			if _, err := doSessions(t.Context(), site.url+"/"); err != nil {
				t.Errorf("before the download: %v", err)
			}
			if status := site.try(askAge(town)); status == http.StatusOK {
				t.Error("a scheme is known before it was fetched")
			}
			close(release)
			site.log.await(t, "scheme installed", 2)
			site.awaitSession(askAge(city))
			w := newWalletOf(t, town)
			site.perform(w, site.begin(issueAge(town)))
			site.perform(w, site.begin(askAge(town)))
			if _, err := os.Stat(filepath.Join(home, ".local", "share", "irma", "irma_configuration", "town", "index")); err != nil {
				t.Error(err)
			}
			if code := site.stopOnce(); code != cli.ExitOK {
				t.Errorf("exit status %d", code)
			}
			for _, want := range []string{`fetching scheme {"scheme": "town"`, `serving schemes {"schemes": ["irmad-demo"]}`, `serving schemes {"schemes": ["city", "town", "irmad-demo"]}`} {
				if !strings.Contains(site.log.String(), want) {
					t.Errorf("the log lacks %s:\n%s", want, site.log)
				}
			}
		})
	}
}

// TestSchemeUpdates publishes new versions, good and bad, while sessions run. What is
// not known has the server look for it, once.
func TestSchemeUpdates(t *testing.T) {
	t.Parallel()
	town := schemetest.NewPublisher(t, "town")
	site := startSite(t, siteConfig{publishers: []*schemetest.Publisher{town}})
	site.log.await(t, "serving schemes", 2) // after the first, without town
	w := newWalletOf(t, town)
	site.perform(w, site.begin(issueAge(town)))
	before := []*irma.SessionPackage{site.begin(askAge(town)), site.begin(issueAge(town))}
	first := askAge(town)

	town.Remove("gov/Issues/ageLimits")
	parking := addType(town, "parking")
	town.Asked()
	if status := site.try(parking); status == http.StatusOK {
		t.Fatal("a type is known before it is there")
	}
	site.log.await(t, "serving schemes", 3)
	site.begin(parking)
	if n := indexes(town); n != 1 {
		t.Errorf("%d attempts at an update after one unknown name, want 1", n)
	}
	if status := site.try(first); status == http.StatusOK {
		t.Error("a new session has the old schemes")
	}
	for _, session := range before {
		site.perform(w, session)
	}

	old := map[string]string{"index": "", "index.sig": "", "timestamp": ""}
	for file := range old {
		old[file] = town.Read(file)
	}
	serve := func(contents string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(contents)) }
	}
	addType(town, "bicycle")
	site.awaitSession(addType(town, "car"))
	// The last of the attempts that this has caused may still be to come: what is
	// wrong with the next version is wrong from the start, and until something else is.
	town.On("gov/Issues/boat/description.xml", serve("<x/>"))
	boat := addType(town, "boat")
	refused := func(part string) {
		t.Helper()
		site.try(boat)
		site.log.await(t, part, 1)
		if status := site.try(parking); status != http.StatusOK {
			t.Errorf("after %q the old schemes are not served", part)
		}
	}
	refused("gov/Issues/boat/description.xml: the file does not have the hash in the index")
	for file, contents := range old {
		town.On(file, serve(contents))
	}
	town.On("gov/Issues/boat/description.xml", nil)
	refused("the published version is not newer than the installed one")
	for file := range old {
		town.On(file, nil)
	}
	site.awaitSession(boat) // with the attempts it causes
	if n := strings.Count(site.log.String(), "the published version is not newer"); n != 1 {
		t.Errorf("the same failure is in the log %d times", n)
	}
}

// TestProxy updates schemes through the proxy of the environment, in a process of its
// own, and adds no others to a directory that has some.
func TestProxy(t *testing.T) {
	t.Parallel()
	town := schemetest.NewPublisher(t, "town")
	hosts := make(chan string, 1000)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hosts <- r.Host
		town.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	town.Write("description.xml", strings.ReplaceAll(town.Read("description.xml"), "https://irmad.example", "http://schemes.example"))
	town.Publish()
	dir := t.TempDir()
	install(t, dir, town)
	// The folders of the URL are not those of the publisher.
	proxy.Config.Handler = http.StripPrefix("/schemes", proxy.Config.Handler)
	town.Rename("Town")

	child := launchIn(t, []string{"HTTP_PROXY=" + proxy.URL, "NO_PROXY=", "IRMASERVER_SCHEMES_UPDATE=60"}, "-s", dir)
	want := "irmad_scheme_timestamp_seconds{scheme=\"town\"} " + strconv.FormatFloat(float64(town.At.Unix()), 'g', -1, 64)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	must(t, awaitText(ctx, child.admin+"/metrics", want))
	close(hosts)
	for host := range hosts {
		if host != "schemes.example" {
			t.Errorf("the proxy was asked for %s", host)
		}
	}
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, entry := range entries {
		if entry.IsDir() && entry.Name() != "town" {
			t.Errorf("there is a folder %s", entry.Name())
		}
	}
}

// TestKeysFromSecrets has issuers' keys in a folder as Kubernetes mounts them, which
// change with a link. A wrong one leaves the old one in use.
func TestKeysFromSecrets(t *testing.T) {
	t.Parallel()
	for name, watch := range map[string]time.Duration{"signal": time.Hour, "file": 10 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schemes, keys := installReal(t)
			key, err := os.ReadFile(filepath.Join(keys, "real.gov.xml"))
			must(t, err)
			mount := t.TempDir()
			project := func(version, contents string) {
				t.Helper()
				data := filepath.Join(mount, ".."+version)
				must(t, os.Mkdir(data, 0o700))
				must(t, os.WriteFile(filepath.Join(data, "real.gov.xml"), []byte(contents), 0o600))
				must(t, os.Symlink(".."+version, filepath.Join(mount, "..data_tmp")))
				must(t, os.Rename(filepath.Join(mount, "..data_tmp"), filepath.Join(mount, "..data")))
			}
			must(t, os.Mkdir(filepath.Join(mount, "..empty"), 0o700))
			must(t, os.Symlink("..empty", filepath.Join(mount, "..data")))
			site := startSite(t, siteConfig{args: []string{"-s", schemes, "-k", mount, "--schemes-update=0"}, watch: watch})
			change := func(version, contents string) {
				project(version, contents)
				if watch == time.Hour {
					site.reload <- syscall.SIGHUP
				}
			}
			issue := irma.NewIssuanceRequest(irma.CredentialRequest{CredentialTypeID: "real.gov.root", Attributes: map[string]string{"bsn": "1"}})
			if status := site.try(issue); status == http.StatusOK {
				t.Fatal("issuing works without a key")
			}
			must(t, os.Symlink("..data/real.gov.xml", filepath.Join(mount, "real.gov.xml")))
			change("one", string(key))
			site.awaitSession(issue)
			change("two", "<IssuerPrivateKey/>")
			site.log.await(t, "schemes and issuers' keys are not reloaded, the old ones stay", 1)
			if status := site.try(issue); status != http.StatusOK {
				t.Error("a wrong key takes away the old one")
			}
			if strings.Contains(site.log.String(), string(key[:200])) {
				t.Error("a key is in the log")
			}
			must(t, os.Remove(filepath.Join(mount, "real.gov.xml")))
			change("three", string(key))
			site.until("the key is gone", func() bool { return site.try(issue) != http.StatusOK })
		})
	}
}

// TestSchemesOnDisk puts a new version of a scheme into the directory by hand, and
// then damages it.
func TestSchemesOnDisk(t *testing.T) {
	t.Parallel()
	town := schemetest.NewPublisher(t, "town")
	dir := t.TempDir()
	install(t, dir, town)
	site := startSite(t, siteConfig{args: []string{"-s", dir, "--schemes-update=0"}, watch: 10 * time.Millisecond})
	site.begin(askAge(town))
	parking := addType(town, "parking")
	must(t, os.RemoveAll(filepath.Join(dir, "town")))
	install(t, dir, town)
	site.awaitSession(parking)
	must(t, os.WriteFile(filepath.Join(dir, "town", "gov", "description.xml"), []byte("<Issuer/>"), 0o600))
	site.log.await(t, "scheme town: not used", 1)
	if status := site.try(parking); status != http.StatusOK {
		t.Error("damage on disk takes a scheme away")
	}
	if n := indexes(town); n > 0 {
		t.Errorf("%d attempts to update although that is turned off", n)
	}
}

// TestAssets copies schemes from a directory where they are newer.
func TestAssets(t *testing.T) {
	t.Parallel()
	town := schemetest.NewPublisher(t, "town")
	assets, dir := t.TempDir(), t.TempDir()
	install(t, assets, town)
	args := []string{"-s", dir, "--schemes-assets-path", assets, "--schemes-update=0"}
	keys := t.TempDir()
	must(t, os.WriteFile(filepath.Join(keys, "town.gov.xml"), []byte(town.Read("gov/PrivateKeys/0.xml")), 0o600))
	p := &process{Process: cli.Process{Args: append(args, "-k", keys, "--disclose-perms=town.gov.*", "--production", "--no-auth"), Env: []string{"HOME=" + t.TempDir()}, Stderr: newAwaitedLog()}}
	_, a, err := configure(p, true)
	must(t, err)
	must(t, a.close())
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("a check copies schemes, or leaves something else: %v %v", entries, err)
	}
	site := startSite(t, siteConfig{args: slices.Clone(args)})
	site.perform(newWalletOf(t, town), site.begin(issueAge(town)))
	site.stopOnce()

	older := filepath.Join(t.TempDir(), "town")
	must(t, os.Rename(filepath.Join(assets, "town"), older))
	parking := addType(town, "parking")
	install(t, assets, town)
	site = startSite(t, siteConfig{args: slices.Clone(args)})
	site.begin(parking)
	site.stopOnce()

	must(t, os.RemoveAll(filepath.Join(assets, "town")))
	must(t, os.Rename(older, filepath.Join(assets, "town")))
	site = startSite(t, siteConfig{args: slices.Clone(args)})
	site.begin(parking)
	site.stopOnce()
	if strings.Contains(site.log.String(), "WARN\tschemes") || strings.Contains(site.log.String(), "not newer") {
		t.Errorf("an older asset is warned about:\n%s", site.log)
	}
}

// TestUnsafeSchemes fetches a scheme with which strangers could issue, as there is a
// key for it and no authentication: it is not put into use before nobody may issue.
func TestUnsafeSchemes(t *testing.T) {
	t.Parallel()
	town := schemetest.NewPublisher(t, "town")
	town.Write("description.xml", strings.ReplaceAll(town.Read("description.xml"), "<Demo>true</Demo>", "<Demo>false</Demo>"))
	keys := t.TempDir()
	must(t, os.WriteFile(filepath.Join(keys, "town.gov.xml"), []byte(town.Read("gov/PrivateKeys/0.xml")), 0o600))
	town.Remove("gov/PrivateKeys")
	town.Remove("vote/PrivateKeys")
	town.Publish()
	path := write(t, "irmad.yaml", `issue_perms: ["*"]`)
	args := []string{"--production", "--no-auth", "-u", "https://irma.example", "-k", keys, "--schemes-mirror", "WEB", "-c", path}
	site := startSite(t, siteConfig{args: args, watch: 10 * time.Millisecond, publishers: []*schemetest.Publisher{town}})
	site.log.await(t, "the new schemes and keys are not used, the old ones stay", 1)
	site.log.await(t, "requestor authentication must be enabled", 1)
	if status, _ := get(t.Context(), site.url+"/ready"); status != http.StatusServiceUnavailable {
		t.Errorf("a server without schemes is ready: %d", status)
	}
	if status := site.try(askAge(town)); status == http.StatusOK {
		t.Error("the scheme is used")
	}
	overwrite(t, path, "issue_perms: []")
	site.awaitSession(askAge(town))
	site.until("the server is ready", func() bool {
		status, _ := get(t.Context(), site.url+"/ready")
		return status == http.StatusOK
	})
}

// TestSchemesDuringReload has the private key of a real issuer arrive after a
// configuration was read with which strangers could issue.
func TestSchemesDuringReload(t *testing.T) {
	t.Parallel()
	schemes, keys := installReal(t)
	args := []string{"--production", "--no-auth", "-u", "https://irma.example", "--issue-perms=*", "--schemes-update=0", "-s", schemes}
	s, a, err := configure(&process{Process: cli.Process{Args: args, Env: []string{"HOME=" + t.TempDir()}, Stderr: newAwaitedLog()}}, false)
	must(t, err)
	defer func() { must(t, a.close()) }()
	before := a.live.inUse.Load()
	n, err := prepare(s, a.schemes, a.live.replays)
	must(t, err)
	set, err := scheme.LoadDir(schemes, scheme.Options{PrivateKeys: os.DirFS(keys)})
	must(t, err)
	a.schemes.current.Store(set)
	if err := a.replace(n); err == nil || !strings.Contains(err.Error(), "requestor authentication must be enabled") {
		t.Errorf("put into use: %v", err)
	}
	if a.live.inUse.Load() != before {
		t.Error("the new configuration is in use")
	}
}

// TestPermissionsForAwaitedSchemes starts with permissions for a scheme that is still
// to be fetched. Those that it turns out not to have are told.
func TestPermissionsForAwaitedSchemes(t *testing.T) {
	t.Parallel()
	town := schemetest.NewPublisher(t, "town")
	perms := func(list string) []string { return []string{"--disclose-perms", list} }
	site := startSite(t, siteConfig{args: perms("town.gov.ageLimits.*,town.gov.nothing.*"), publishers: []*schemetest.Publisher{town}})
	site.awaitSession(askAge(town))
	site.log.await(t, "Global disclosing permission 'town.gov.nothing.*': unknown credential type", 1)
	if strings.Contains(site.log.String(), "'town.gov.ageLimits.*'") {
		t.Errorf("a good permission is complained about:\n%s", site.log)
	}
	site.stopOnce()

	p := &process{Process: cli.Process{Args: append(perms("city.*"), "-l", "127.0.0.1"), Env: []string{"HOME=" + t.TempDir()}, Stderr: newAwaitedLog()}, defaultSchemes: []update.Source{sourceOf(town, "http://127.0.0.1:1")}}
	if _, _, err := configure(p, true); err == nil || !strings.Contains(err.Error(), "unknown scheme") {
		t.Errorf("a scheme that nobody publishes: %v", err)
	}
}

// TestExpiringKeys warns about keys that operators can do something about.
func TestExpiringKeys(t *testing.T) {
	t.Parallel()
	for name, demo := range map[string]bool{"real": false, "demo": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			town := schemetest.NewPublisher(t, "town")
			const file = "gov/PublicKeys/0.xml"
			expiry := time.Now().AddDate(0, 0, 10).Truncate(time.Second)
			town.Write(file, expiryDate.ReplaceAllString(town.Read(file), "<ExpiryDate>"+strconv.FormatInt(expiry.Unix(), 10)+"</ExpiryDate>"))
			town.Write("description.xml", strings.ReplaceAll(town.Read("description.xml"), "<Demo>true</Demo>", "<Demo>"+strconv.FormatBool(demo)+"</Demo>"))
			town.Publish()
			dir := t.TempDir()
			install(t, dir, town)
			site := startSite(t, siteConfig{args: []string{"-s", dir, "--schemes-update=0"}})
			const warning = `an issuer key expires`
			if !demo {
				site.log.await(t, warning, 1)
				site.log.await(t, `"issuer": "town.gov", "counter": 0, "expires": "`+expiry.UTC().Format("2006-01-02T"), 1)
			}
			site.stopOnce()
			if n := strings.Count(site.log.String(), warning); demo && n > 0 || n > 1 {
				t.Errorf("%d warnings:\n%s", n, site.log)
			}
		})
	}
}

var expiryDate = regexp.MustCompile(`<ExpiryDate>[0-9]+</ExpiryDate>`)
