// Command slog logs what the server does with the log/slog logger of the
// application. The server speaks zap; core hands on what it says.
package main

import (
	"context"
	"log"
	"log/slog"
	"net/http"
	"os"

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
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("service", "shop")
	server, err := irmaserver.New(irmaserver.Config{
		Schemes: schemes,
		URL:     "http://localhost:8080/irma/",
		Logger:  zap.New(core{logger.Handler()}),
	})
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/irma/", server.Handler())
	logger.Info("listening", "address", "localhost:8080")
	log.Fatal(http.ListenAndServe("localhost:8080", nil))
}

// core is a zapcore.Core that writes to a slog.Handler.
type core struct{ handler slog.Handler }

var _ zapcore.Core = core{}

// level maps names, as zap counts by one and slog by four.
func level(l zapcore.Level) slog.Level { return slog.Level(l) * 4 }

// Enabled implements zapcore.LevelEnabler.
func (c core) Enabled(l zapcore.Level) bool { return c.handler.Enabled(context.Background(), level(l)) }

// With implements zapcore.Core.
func (c core) With(fields []zapcore.Field) zapcore.Core {
	return core{c.handler.WithAttrs(attrs(fields))}
}

// Check implements zapcore.Core.
func (c core) Check(entry zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(entry.Level) {
		return to.AddCore(entry, c)
	}
	return to
}

// Write implements zapcore.Core.
func (c core) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	record := slog.NewRecord(entry.Time, level(entry.Level), entry.Message, entry.Caller.PC)
	if entry.LoggerName != "" {
		record.AddAttrs(slog.String("logger", entry.LoggerName))
	}
	record.AddAttrs(attrs(fields)...)
	return c.handler.Handle(context.Background(), record)
}

// Sync implements zapcore.Core.
func (core) Sync() error { return nil }

// attrs lets zap make values of the fields, one at a time to keep their order.
func attrs(fields []zapcore.Field) []slog.Attr {
	out := make([]slog.Attr, 0, len(fields))
	for _, field := range fields {
		values := zapcore.NewMapObjectEncoder()
		field.AddTo(values)
		for name, value := range values.Fields {
			out = append(out, slog.Any(name, value))
		}
	}
	return out
}
