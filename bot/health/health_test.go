package health_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kinerja/bot/health"
)

func get(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil))
	body, err := io.ReadAll(rec.Result().Body)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return rec.Code, string(body)
}

func TestReadyTellsWhichCheckFailsWhileTheProcessStaysHealthy(t *testing.T) {
	broken := false
	h := health.Handler(prometheus.NewRegistry(),
		health.Check{Name: "database", Run: func(context.Context) error { return nil }},
		health.Check{Name: "telegram", Run: func(context.Context) error {
			if broken {
				return errors.New("401 Unauthorized")
			}
			return nil
		}})
	if code, body := get(t, h, "/readyz"); code != http.StatusOK {
		t.Fatalf("ready: %d %s, want 200", code, body)
	}
	broken = true
	code, body := get(t, h, "/readyz")
	var lines map[string]string
	if err := json.Unmarshal([]byte(body), &lines); err != nil {
		t.Fatalf("body: %v", err)
	}
	if diff := cmp.Diff(map[string]string{"database": "ok", "telegram": "401 Unauthorized"}, lines); diff != "" || code != http.StatusServiceUnavailable {
		t.Errorf("ready: %d (-want +got):\n%s", code, diff)
	}
	if code, _ := get(t, h, "/healthz"); code != http.StatusOK {
		t.Errorf("healthz: %d, want 200", code)
	}
}

func TestReadyTellsWhenSomethingLastWorked(t *testing.T) {
	var last time.Time
	h := health.Handler(prometheus.NewRegistry(), health.Check{Name: "updates", Run: func(context.Context) error { return nil }, Last: func() time.Time { return last }})
	if _, body := get(t, h, "/readyz"); !strings.Contains(body, "ok, none yet") {
		t.Errorf("before the first: %s", body)
	}
	last = time.Date(2027, 1, 4, 9, 0, 0, 0, time.FixedZone("WIB", 7*3600))
	if _, body := get(t, h, "/readyz"); !strings.Contains(body, "ok, last at 2027-01-04T02:00:00Z") {
		t.Errorf("after it: %s", body)
	}
}

func TestMetricsAreServed(t *testing.T) {
	registry := prometheus.NewRegistry()
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "kinerja_test_total", Help: "test"})
	registry.MustRegister(counter)
	counter.Inc()
	if _, body := get(t, health.Handler(registry), "/metrics"); !strings.Contains(body, "kinerja_test_total 1") {
		t.Errorf("metrics: %s", body)
	}
}
