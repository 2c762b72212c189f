// Command elector takes part in one leader election, as client-go does it, and says on stdout what it sees: the smallest
// thing that fails where a component's election fails. README.md names its lines and its addresses.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/client-go/rest"
)

// Defaults are Spegel's up to v0.0.28, which had 10 s, 5 s and 2 s.
type options struct {
	lockNamespace, lockName, lockKind         string
	leaseDuration, renewDeadline, retryPeriod time.Duration
	apiServer                                 string
	requestTimeout                            time.Duration
	listen, identity, stepDown                string
	release                                   bool
}

func parse(arguments []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("elector", flag.ContinueOnError)
	flags.StringVar(&o.lockNamespace, "lock-namespace", "default", "namespace of the lock")
	flags.StringVar(&o.lockName, "lock-name", "elector", "name of the lock")
	flags.StringVar(&o.lockKind, "lock-kind", "leases", "kind of the lock: leases")
	flags.DurationVar(&o.leaseDuration, "lease-duration", 10*time.Second, "others wait this long for a holder that is silent")
	flags.DurationVar(&o.renewDeadline, "renew-deadline", 5*time.Second, "a holder that cannot renew for this long stops leading")
	flags.DurationVar(&o.retryPeriod, "retry-period", 2*time.Second, "between two attempts")
	flags.StringVar(&o.apiServer, "api-server", "", "URL of the API server; default: the Service's address, as a pod's environment has it")
	flags.DurationVar(&o.requestTimeout, "request-timeout", 5*time.Second, "of one request; a connection may take four fifths of it")
	flags.StringVar(&o.listen, "listen", ":8080", "address of /healthz, /readyz and /state")
	flags.StringVar(&o.identity, "identity", os.Getenv("POD_NAME"), "what it is called in the lock; default: $POD_NAME")
	flags.StringVar(&o.stepDown, "step-down", "exit", "what follows when it no longer leads: exit (with 1), or stay")
	flags.BoolVar(&o.release, "release", false, "release the lock on SIGTERM")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("what is %q?", flags.Arg(0))
	case o.identity == "":
		return o, errors.New("--identity is missing, and $POD_NAME is not set")
	case o.lockKind != "leases":
		return o, fmt.Errorf("--lock-kind %s: client-go has leases only", o.lockKind)
	case o.stepDown != "exit" && o.stepDown != "stay":
		return o, fmt.Errorf("--step-down %s: it is exit or stay", o.stepDown)
	}
	return o, nil
}

func main() {
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "elector:", err)
		os.Exit(2)
	}
	out := newEvents(os.Stdout, o.identity)
	code := run(o, out)
	out.write(event{Event: "exiting", Code: &code})
	os.Exit(code)
}

// run returns the exit code: 0 after a signal, 1 when it no longer leads or cannot begin.
func run(o options, out *events) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	config, err := apiConfig(o)
	if err != nil {
		out.write(event{Event: "failed", Error: err.Error()})
		return 1
	}
	candidate := &candidate{options: o, out: out}
	redirectClientLog(out, candidate)
	server := &http.Server{Addr: o.listen, Handler: candidate.handler(), ReadHeaderTimeout: time.Second}
	failed := make(chan error, 2)
	go func() { failed <- server.ListenAndServe() }()
	go func() { failed <- candidate.campaign(ctx, config) }()

	out.write(event{Event: "started", Lock: o.lockNamespace + "/" + o.lockName, APIServer: config.Host})
	switch err := <-failed; {
	case err == nil && ctx.Err() != nil:
		return 0
	case err != nil:
		out.write(event{Event: "failed", Error: err.Error()})
	}
	return 1
}

// apiConfig is that of a pod. Connections have a limit of their own below the request's, so that an error says which
// address was dialled, or which name looked up, and not only that time was up.
func apiConfig(o options) (*rest.Config, error) {
	config, err := rest.InClusterConfig()
	if err != nil {
		return nil, fmt.Errorf("it is no pod with a service account: %w", err)
	}
	if o.apiServer != "" {
		config.Host = o.apiServer
	}
	config.UserAgent = "clusterproof-elector"
	config.Timeout = o.requestTimeout
	config.Dial = dialer(o.requestTimeout * 4 / 5).DialContext
	return config, nil
}
