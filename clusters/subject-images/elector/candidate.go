package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordination "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// actEvery is how often it does its work while it leads.
const actEvery = 250 * time.Millisecond

// candidate is this process in the election.
type candidate struct {
	options
	out *events

	// Guards what follows, and orders the lines: no line of work comes after stopped-leading.
	mutex   sync.Mutex
	known   bool // whether there has been a leader
	leader  string
	leading bool
}

func dialer(timeout time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}
}

// campaign takes part until the context ends, or until it has led and does not lead any more, unless it stays.
func (c *candidate) campaign(ctx context.Context, config *rest.Config) error {
	client, err := coordination.NewForConfig(config)
	if err != nil {
		return err
	}
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: c.lockNamespace, Name: c.lockName},
		Client:     client,
		LockConfig: resourcelock.ResourceLockConfig{Identity: c.identity},
	}
	for {
		elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
			Lock:            lock,
			LeaseDuration:   c.leaseDuration,
			RenewDeadline:   c.renewDeadline,
			RetryPeriod:     c.retryPeriod,
			ReleaseOnCancel: c.release,
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: c.work,
				OnStoppedLeading: c.stopped,
				OnNewLeader:      c.newLeader,
			},
		})
		if err != nil {
			return err
		}
		elector.Run(ctx)
		if ctx.Err() != nil || c.stepDown == "exit" {
			return nil
		}
	}
}

// work is what only the leader may do; it ends with its term.
func (c *candidate) work(term context.Context) {
	if !c.during(term, func() {
		c.leading, c.known, c.leader = true, true, c.identity
		c.out.write(event{Event: "leading"})
	}) {
		return
	}
	ticks := time.NewTicker(actEvery)
	defer ticks.Stop()
	for n := 1; c.during(term, func() { c.out.write(event{Event: "acting", N: n}) }); n++ {
		select {
		case <-ticks.C:
		case <-term.Done():
		}
	}
}

// during does it if the term lasts. The term ends before `stopped` is called.
func (c *candidate) during(term context.Context, do func()) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if term.Err() != nil {
		return false
	}
	do()
	return true
}

// stopped is also called where it never led.
func (c *candidate) stopped() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.leading {
		c.leading = false
		c.out.write(event{Event: "stopped-leading"})
	}
}

// newLeader is told of each holder; an empty one has released the lock.
func (c *candidate) newLeader(holder string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.leader, c.known = holder, c.known || holder != ""
	c.out.write(event{Event: "new-leader", Holder: &holder})
}

func (c *candidate) isLeading() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.leading
}

// handler answers /healthz and /readyz with 200 once there has been a leader, as Spegel did while it elected one.
func (c *candidate) handler() http.Handler {
	mux := http.NewServeMux()
	health := func(w http.ResponseWriter, _ *http.Request) {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		if !c.known {
			http.Error(w, "no leader yet", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	}
	mux.HandleFunc("/healthz", health)
	mux.HandleFunc("/readyz", health)
	mux.HandleFunc("/state", func(w http.ResponseWriter, _ *http.Request) {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"identity": c.identity, "leader": c.leader, "leading": c.leading})
	})
	return mux
}
