package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

const (
	// The ConfigMap of the image's default-cni.yaml. Where kind was told to install no CNI it is missing, and flannel
	// waits for it without touching the node.
	configNamespace = "kube-system"
	configName      = "kube-flannel-cfg"
	configKey       = "net-conf.json"

	// pollInterval is how often the API is asked for what is not there yet: a node's start waits for it.
	pollInterval = 250 * time.Millisecond
)

// kubeAPI is the Kubernetes API as this node's kubelet reaches it.
type kubeAPI struct {
	client   kubernetes.Interface
	server   *url.URL
	nodeName string
}

func connect(kubeconfig string) (*kubeAPI, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", kubeconfig, err)
	}
	server, err := url.Parse(config.Host)
	if err != nil {
		return nil, fmt.Errorf("reading the API's address %q of %s: %w", config.Host, kubeconfig, err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client from %s: %w", kubeconfig, err)
	}
	nodeName, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("reading the host name: %w", err)
	}
	return &kubeAPI{client: client, server: server, nodeName: nodeName}, nil
}

// awaitNetworkConfig waits for the network's configuration and writes it to path.
func (api *kubeAPI) awaitNetworkConfig(ctx context.Context, path string) error {
	var content string
	err := api.await(ctx, "the ConfigMap "+configNamespace+"/"+configName, func() (bool, error) {
		configMap, err := api.client.CoreV1().ConfigMaps(configNamespace).Get(ctx, configName, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		content = configMap.Data[configKey]
		return content != "", nil
	})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}

// awaitPodCIDR waits until the controller-manager has given this node its part of the pod network, and returns it.
func (api *kubeAPI) awaitPodCIDR(ctx context.Context) (string, error) {
	var podCIDR string
	err := api.await(ctx, "the podCIDR of node "+api.nodeName, func() (bool, error) {
		node, err := api.client.CoreV1().Nodes().Get(ctx, api.nodeName, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		podCIDR = node.Spec.PodCIDR
		return podCIDR != "", nil
	})
	return podCIDR, err
}

// await polls until done says so; an error is not the end, it is logged when it changes.
func (api *kubeAPI) await(ctx context.Context, what string, done func() (bool, error)) error {
	last := ""
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(context.Context) (bool, error) {
		ok, err := done()
		if err != nil && err.Error() != last {
			last = err.Error()
			klog.InfoS("Waiting for "+what, "seen", last)
		}
		return ok && err == nil, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for %s (last seen: %s): %w", what, last, err)
	}
	return nil
}

// localAddress returns the address from which this node reaches the control plane. It sends nothing, and does not need
// a default route.
func (api *kubeAPI) localAddress() (string, error) {
	connection, err := net.Dial("udp4", api.server.Host)
	if err != nil {
		return "", fmt.Errorf("looking for the way to %s: %w", api.server.Host, err)
	}
	defer connection.Close()
	host, _, err := net.SplitHostPort(connection.LocalAddr().String())
	return host, err
}
