package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"k8s.io/klog/v2"
)

// event is one line of its output.
type event struct {
	Time      string  `json:"time"`
	Event     string  `json:"event"`
	Identity  string  `json:"identity"`
	Lock      string  `json:"lock,omitempty"`
	APIServer string  `json:"apiServer,omitempty"`
	Holder    *string `json:"holder,omitempty"`
	N         int     `json:"n,omitempty"`
	Error     string  `json:"error,omitempty"`
	Code      *int    `json:"code,omitempty"`
}

type events struct {
	mutex    sync.Mutex
	encoder  *json.Encoder
	identity string
}

func newEvents(out io.Writer, identity string) *events {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return &events{encoder: encoder, identity: identity}
}

// write adds the time, within the lock: lines are in the order of their times.
func (e *events) write(line event) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	line.Time = time.Now().UTC().Format(time.RFC3339Nano)
	line.Identity = e.identity
	_ = e.encoder.Encode(line)
}

// redirectClientLog makes lines of what client-go complains of: it tells its log alone why an attempt failed.
func redirectClientLog(out *events, c *candidate) {
	klog.SetSlogLogger(slog.New(clientLog{out, c}))
}

type clientLog struct {
	out       *events
	candidate *candidate
}

// What it says of a term that ends is no error to it.
const notRenewed = "failed to renew lease"

func (clientLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }
func (l clientLog) WithAttrs([]slog.Attr) slog.Handler             { return l }
func (l clientLog) WithGroup(string) slog.Handler                  { return l }

func (l clientLog) Handle(_ context.Context, record slog.Record) error {
	if record.Level < slog.LevelError && !strings.HasPrefix(record.Message, notRenewed) {
		return nil
	}
	said := strings.TrimSpace(record.Message)
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == "err" {
			said += ": " + a.Value.String()
		}
		return true
	})
	name := "acquiring-failed"
	if l.candidate.isLeading() {
		name = "renewing-failed"
	}
	l.out.write(event{Event: name, Error: said})
	return nil
}
