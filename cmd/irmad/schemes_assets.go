package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

// copyAssets installs the schemes in the assets directory that are newer than those
// in dir, in the same way as those of a web server: whatever goes wrong, the old
// version stays (spec 10 §8). If readOnly it copies nothing, and returns those that it
// would have added.
func copyAssets(dir, assets string, log *zap.Logger, readOnly bool) ([]update.Source, error) {
	if assets == "" {
		return []update.Source{}, nil
	}
	sources, err := assetSources(assets)
	if err != nil {
		return nil, fmt.Errorf("schemes_assets_path: %w", err)
	}
	if readOnly {
		return notInstalled(dir, sources), nil
	}
	files, narrator := http.NewFileTransport(http.Dir(assets)), newSchemeNarrator(log)
	narrator.assets = true
	updater, err := update.New(update.Config{
		Dir: dir, Schemes: []update.Source{}, HTTPClient: &http.Client{Transport: files},
		Observer: narrator.event,
	})
	if err != nil {
		return nil, err
	}
	for _, source := range sources {
		if err := updater.Install(context.Background(), source); err != nil {
			log.Debug("scheme is not copied from schemes_assets_path", zap.Error(err)) // has been told why
		}
	}
	return []update.Source{}, nil
}

// assetSources returns the schemes in a directory, as sources for the transport
// that reads files.
func assetSources(assets string) ([]update.Source, error) {
	entries, err := os.ReadDir(assets)
	if err != nil {
		return nil, err
	}
	var out []update.Source
	for _, entry := range entries {
		pem, err := os.ReadFile(filepath.Join(assets, entry.Name(), "pk.pem"))
		if err != nil {
			continue // not a scheme
		}
		key, err := scheme.ReadPublicKey(pem)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(entry.Name(), "pk.pem"), err)
		}
		out = append(out, update.Source{ID: irma.SchemeID(entry.Name()), URL: "https://assets.invalid/" + entry.Name(), PublicKey: key})
	}
	return out, nil
}

// notInstalled returns the schemes that are not in dir.
func notInstalled(dir string, sources []update.Source) []update.Source {
	out := []update.Source{}
	for _, source := range sources {
		if info, err := os.Stat(filepath.Join(dir, string(source.ID))); err != nil || !info.IsDir() {
			out = append(out, source)
		}
	}
	return out
}
