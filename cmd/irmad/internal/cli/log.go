package cli

import (
	"io"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// LogStyle says what is logged, and how. The zero value logs what operators should
// know, for people.
type LogStyle struct {
	Quiet   bool // nothing
	Verbose int  // more than usual, if above zero
	JSON    bool // JSON on each line
}

// NewLogger returns a logger of this style, which writes a line at a time.
func NewLogger(s LogStyle, w io.Writer) *zap.Logger {
	if s.Quiet {
		return zap.NewNop()
	}
	level := zapcore.InfoLevel
	if s.Verbose > 0 {
		level = zapcore.DebugLevel
	}
	cfg := zap.NewProductionEncoderConfig()
	cfg.EncodeTime = zapcore.RFC3339TimeEncoder
	encoder := zapcore.NewJSONEncoder(cfg)
	if !s.JSON {
		cfg.EncodeLevel = zapcore.CapitalLevelEncoder
		cfg.ConsoleSeparator = " "
		encoder = zapcore.NewConsoleEncoder(cfg)
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(w)), level))
}

// CommandLogger returns the logger of a command that speaks for itself: warnings,
// and more when -v is repeated.
func CommandLogger(verbose int, w io.Writer) *zap.Logger {
	log := NewLogger(LogStyle{Verbose: verbose - 1}, w)
	if verbose == 0 {
		return log.WithOptions(zap.IncreaseLevel(zap.WarnLevel))
	}
	return log
}
