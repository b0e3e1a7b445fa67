// Package health tells operators and their machines how the process is: /healthz, /readyz and /metrics.
// It listens apart from the public address, because what it says is nobody else's business.
package health

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// checkTime is how long one check may take.
const checkTime = 3 * time.Second

// Check is one thing that must hold before the process can serve. Its error is shown to operators, so it carries no
// personal data and no password.
type Check struct {
	Name string
	Run  func(ctx context.Context) error
	Last func() time.Time // when it was last seen to work; nil where the check itself is that. The zero time is never.
}

// Handler serves:
//
//	/healthz  200 while the process runs: restart it only when this fails
//	/readyz   200 when every check holds, else 503, with one line for each in JSON
//	/metrics  Prometheus
func Handler(metrics prometheus.Gatherer, checks ...Check) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"process": "ok"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		status, lines := examine(r.Context(), checks)
		answer(w, status, lines)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	return mux
}

func examine(ctx context.Context, checks []Check) (int, map[string]string) {
	status, lines := http.StatusOK, map[string]string{}
	for _, c := range checks {
		lines[c.Name] = "ok" + lastOf(c)
		limited, cancel := context.WithTimeout(ctx, checkTime)
		if err := c.Run(limited); err != nil {
			status, lines[c.Name] = http.StatusServiceUnavailable, err.Error()+lastOf(c)
		}
		cancel()
	}
	return status, lines
}

// lastOf is ", last at ..." in UTC, where a check knows.
func lastOf(c Check) string {
	switch {
	case c.Last == nil:
		return ""
	case c.Last().IsZero():
		return ", none yet"
	default:
		return ", last at " + c.Last().UTC().Format(time.RFC3339)
	}
}

func answer(w http.ResponseWriter, status int, lines map[string]string) {
	body, err := json.Marshal(lines)
	if err != nil {
		http.Error(w, "internal", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := w.Write(append(body, '\n')); err != nil {
		return // whoever asked has gone
	}
}
