package bot

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The outcomes of an update.
const (
	outcomeDone     = "done"
	outcomeIgnored  = "ignored"   // of a kind that has no use here
	outcomeShed     = "shed"      // one person sent more than can wait; he was told
	outcomeSetAside = "set_aside" // failed again and again; he was told
	outcomeFailed   = "failed"    // not done and not confirmed: it comes again
)

// Metrics counts what happens at the edge. It holds nothing about any person.
type Metrics struct {
	registry *prometheus.Registry
	updates  *prometheus.CounterVec
	toScreen prometheus.Histogram
	waiting  prometheus.Gauge
	errors   *prometheus.CounterVec
	notYet   prometheus.Counter
	redraws  prometheus.Counter
	paused   prometheus.Counter
	store    *prometheus.HistogramVec
	last     prometheus.Gauge
	lastAt   atomic.Int64 // Unix seconds; 0 before the first
}

// NewMetrics makes the collectors in a registry of their own.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		updates:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kinerja_updates_total", Help: "Updates by kind and outcome."}, []string{"kind", "outcome"}),
		toScreen: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "kinerja_update_to_screen_seconds", Help: "Time from taking an update to showing its screen.", Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}}),
		waiting:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "kinerja_updates_waiting", Help: "Updates that were taken and are not done."}),
		errors:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kinerja_telegram_errors_total", Help: "Failed calls to Telegram by meaning and code."}, []string{"kind", "code"}),
		notYet:   prometheus.NewCounter(prometheus.CounterOpts{Name: "kinerja_not_stored_yet_total", Help: "How often a person was told that his input is not stored yet."}),
		redraws:  prometheus.NewCounter(prometheus.CounterOpts{Name: "kinerja_screens_owed_total", Help: "Screens that could not be shown and were left to the courier."}),
		store:    prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "kinerja_store_seconds", Help: "Time of database statements by kind.", Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .5, 1, 5}}, []string{"kind"}),
		paused:   prometheus.NewCounter(prometheus.CounterOpts{Name: "kinerja_telegram_pauses_total", Help: "How often Telegram asked to send nothing for a while."}),
	}
	m.last = prometheus.NewGauge(prometheus.GaugeOpts{Name: "kinerja_last_received_timestamp_seconds", Help: "When Telegram last answered getUpdates or delivered an update."})
	m.registry.MustRegister(m.last, m.updates, m.toScreen, m.waiting, m.errors, m.notYet, m.redraws, m.paused, m.store)
	return m
}

// Registry is for /metrics, and for others who count.
func (m *Metrics) Registry() *prometheus.Registry { return m.registry }

// received notes that Telegram answered getUpdates or delivered an update.
func (m *Metrics) received() {
	m.lastAt.Store(time.Now().Unix())
	m.last.SetToCurrentTime()
}

// LastReceived is when Telegram last answered getUpdates or delivered an update to this process; the zero time before the first.
func (m *Metrics) LastReceived() time.Time {
	if at := m.lastAt.Load(); at != 0 {
		return time.Unix(at, 0)
	}
	return time.Time{}
}

// Statement notes one database statement.
func (m *Metrics) Statement(kind string, took time.Duration) {
	m.store.WithLabelValues(kind).Observe(took.Seconds())
}

func (m *Metrics) update(kind, outcome string) { m.updates.WithLabelValues(kind, outcome).Inc() }

func (m *Metrics) shown(after time.Duration) { m.toScreen.Observe(after.Seconds()) }

func (m *Metrics) telegramError(f *Failure) {
	m.errors.WithLabelValues(string(f.Kind), strconv.Itoa(f.Code)).Inc()
	if f.Kind == Flood {
		m.paused.Inc()
	}
}
