// Command flannel is the pod network of a node: flannel's packages with its VXLAN backend, and the CNI configuration
// that lets containerd use it.
//
// It is a main of its own because flannel's imports a backend whose module cannot be had, and because it runs as a
// systemd unit, not as a pod: a DaemonSet would share the back-off that clusterproof's suites measure. It is the
// kubelet's identity that it uses, and the control plane's own address: the API's ClusterIP needs kube-proxy, and
// kube-proxy needs a network.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/flannel-io/flannel/pkg/backend"
	_ "github.com/flannel-io/flannel/pkg/backend/vxlan"
	"github.com/flannel-io/flannel/pkg/ip"
	"github.com/flannel-io/flannel/pkg/ipmatch"
	"github.com/flannel-io/flannel/pkg/subnet/kube"
	"github.com/flannel-io/flannel/pkg/trafficmngr/nftables"
	"k8s.io/klog/v2"
)

// firewallResyncSeconds is flannel's own default of --iptables-resync.
const firewallResyncSeconds = 5

func main() {
	kubeconfig := flag.String("kubeconfig", "/etc/kubernetes/kubelet.conf", "the kubelet's kubeconfig")
	netConf := flag.String("net-conf", "/run/flannel/net-conf.json", "where the network's configuration is kept")
	cniConf := flag.String("cni-conf", "/etc/cni/net.d/10-flannel.conflist", "the CNI configuration to write")
	flag.Parse()

	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx, *kubeconfig, *netConf, *cniConf); err != nil && ctx.Err() == nil {
		klog.ErrorS(err, "flannel stops")
		os.Exit(1)
	}
}

// run sets the network up, keeps it up until the context ends, and returns the first error that it cannot outlive.
func run(ctx context.Context, kubeconfig, netConf, cniConf string) error {
	api, err := connect(kubeconfig)
	if err != nil {
		return err
	}
	if err := api.awaitNetworkConfig(ctx, netConf); err != nil {
		return err
	}
	podCIDR, err := api.awaitPodCIDR(ctx)
	if err != nil {
		return err
	}

	// kube.NewSubnetManager takes the node's name from here.
	if err := os.Setenv("NODE_NAME", api.nodeName); err != nil {
		return err
	}
	const annotations = "flannel.alpha.coreos.com"
	subnets, err := kube.NewSubnetManager(ctx, "", kubeconfig, annotations, netConf, false)
	if err != nil {
		return fmt.Errorf("starting flannel's subnet manager: %w", err)
	}
	config, err := subnets.GetNetworkConfig(ctx)
	if err != nil {
		return fmt.Errorf("reading the network's configuration: %w", err)
	}

	address, err := api.localAddress()
	if err != nil {
		return err
	}
	family, err := ipmatch.GetIPFamily(config.EnableIPv4, config.EnableIPv6)
	if err != nil {
		return err
	}
	external, err := ipmatch.LookupExtIface(address, "", "", family, ipmatch.PublicIPOpts{PublicIP: address})
	if err != nil {
		return fmt.Errorf("looking for the interface that has %s: %w", address, err)
	}
	vxlan, err := backend.NewManager(ctx, subnets, external).GetBackend(config.BackendType)
	if err != nil {
		return fmt.Errorf("looking for the backend %q: %w", config.BackendType, err)
	}
	var running sync.WaitGroup
	network, err := vxlan.RegisterNetwork(ctx, &running, config)
	if err != nil {
		return fmt.Errorf("registering the network: %w", err)
	}

	firewall := &nftables.NFTablesManager{}
	if err := firewall.Init(ctx); err != nil {
		return fmt.Errorf("preparing nftables: %w", err)
	}
	err = firewall.SetupAndEnsureMasqRules(ctx, config.Network, ip.IP4Net{}, ip.IP4Net{},
		config.IPv6Network, ip.IP6Net{}, ip.IP6Net{}, network.Lease(), firewallResyncSeconds, false)
	if err != nil {
		return fmt.Errorf("writing masquerade rules: %w", err)
	}
	firewall.SetupAndEnsureForwardRules(ctx, config.Network, config.IPv6Network, firewallResyncSeconds)

	if err := writeCNI(cniConf, podCIDR, network.MTU()); err != nil {
		return err
	}
	klog.InfoS("The pod network is up", "node", api.nodeName, "address", address, "podCIDR", podCIDR, "mtu", network.MTU())
	if _, err := daemon.SdNotify(false, daemon.SdNotifyReady); err != nil {
		return fmt.Errorf("telling systemd: %w", err)
	}
	network.Run(ctx)
	running.Wait()
	return nil
}
