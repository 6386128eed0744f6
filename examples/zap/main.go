// Command zap logs what the server does with the logger of the application: JSON
// lines with the application's own fields, warnings and errors counted.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"sync/atomic"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/scheme/demo"
)

func main() {
	schemes, err := demo.Set()
	if err != nil {
		log.Fatal(err)
	}
	var problems atomic.Int64
	logger := newLogger(os.Stderr, zap.InfoLevel, &problems)
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: "http://localhost:8080/irma/", Logger: logger})
	if err != nil {
		logger.Fatal("starting", zap.Error(err))
	}
	http.Handle("/irma/", server.Handler())
	logger.Info("listening", zap.String("address", "localhost:8080"))
	logger.Fatal("stopped", zap.Error(http.ListenAndServe("localhost:8080", nil)))
}

// newLogger returns a logger for the whole program. What the server logs has no
// attribute values and no whole tokens, at any level; its "logger" says which part
// of the server speaks.
func newLogger(out io.Writer, level zapcore.Level, problems *atomic.Int64) *zap.Logger {
	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	core := zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(out)), level)
	count := func(entry zapcore.Entry) error {
		if entry.Level >= zap.WarnLevel {
			problems.Add(1)
		}
		return nil
	}
	return zap.New(core, zap.Hooks(count), zap.Fields(zap.String("service", "shop")))
}
