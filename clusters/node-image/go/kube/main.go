// Command kube is every Kubernetes component of a node in one binary: it becomes the one whose name it is called by.
//
// One binary instead of eight keeps the node image small (the components share nearly all of their code) and needs one
// link step instead of eight.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/coredns/coredns/coremain"
	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	kubeproxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubeadm "k8s.io/kubernetes/cmd/kubeadm/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

func main() {
	switch name := filepath.Base(os.Args[0]); name {
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "kube-scheduler":
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	case "kube-proxy":
		os.Exit(cli.Run(kubeproxy.NewProxyCommand()))
	case "kubelet":
		os.Exit(cli.Run(newKubeletCommand(kubelet.NewKubeletCommand)))
	case "kubectl":
		if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "kubeadm":
		if err := kubeadm.Run(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "coredns":
		coremain.Run()
	case "crictl":
		os.Exit(runCrictl())
	default:
		fmt.Fprintf(os.Stderr, "kube: no component is called %q; call it by the name of a Kubernetes component\n", name)
		os.Exit(2)
	}
}

// newKubeletCommand calls the kubelet's constructor, which takes a context only from Kubernetes 1.34 on.
func newKubeletCommand(constructor any) *cobra.Command {
	switch construct := constructor.(type) {
	case func() *cobra.Command:
		return construct()
	case func(context.Context) *cobra.Command:
		return construct(context.Background())
	default:
		panic(fmt.Sprintf("kube: the kubelet's constructor is a %T, which this image does not know", constructor))
	}
}
