// Command archive writes the container images of Kubernetes' components into one archive of the form that `docker save`
// makes, without any engine: the node image's containerd imports it.
//
// All components share one layer: the multi-call binary, and links to it by their names.
package main

import (
	"flag"
	"fmt"
	"os"
	"path"
	"strings"
)

const multiCall = "/usr/local/bin/kube"

// proxyTools is what kube-proxy runs; iptables' extensions are loaded by name, so no ELF header mentions them.
var proxyTools = tools{
	programs: []string{"/usr/sbin/xtables-nft-multi", "/usr/sbin/nft", "/usr/sbin/conntrack", "/usr/sbin/ipset"},
	folders:  []string{"xtables"},
	links: links(
		"/usr/sbin/", "xtables-nft-multi",
		"iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore",
	),
}

func main() {
	output := flag.String("o", "images.tar", "the archive to write")
	binaries := flag.String("binaries", ".", "the folder with kube, etcd, etcdctl, etcdutl and pause")
	rootfs := flag.String("rootfs", "/", "the root file system from which kube-proxy's tools are copied")
	flag.Parse()
	if err := run(*output, *binaries, *rootfs, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "archive:", err)
		os.Exit(1)
	}
}

// run writes an image for every name, which must be one that `kubeadm config images list` prints.
func run(output, binaries, rootfs string, names []string) error {
	archive, err := create(output)
	if err != nil {
		return err
	}
	defer archive.file.Close()

	kube := newLayer()
	kube.file(multiCall, binaries+"/kube")
	for _, name := range []string{
		"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubectl", "coredns",
	} {
		kube.link("/usr/local/bin/"+name, "kube")
	}
	kube.link("/coredns", multiCall)

	proxy := newLayer()
	if err := proxyTools.addTo(proxy, rootfs); err != nil {
		return err
	}

	etcd := newLayer()
	for _, name := range []string{"etcd", "etcdctl", "etcdutl"} {
		etcd.file("/usr/local/bin/"+name, binaries+"/"+name)
	}

	pause := newLayer()
	pause.file("/pause", binaries+"/pause")

	for _, name := range names {
		component, _, _ := strings.Cut(path.Base(name), ":")
		switch component {
		case "kube-apiserver", "kube-controller-manager", "kube-scheduler":
			err = archive.image(name, []string{component}, kube)
		case "kube-proxy":
			err = archive.image(name, []string{component}, kube, proxy)
		case "coredns":
			err = archive.image(name, []string{"/coredns"}, kube)
		case "etcd":
			err = archive.image(name, []string{"etcd"}, etcd)
		case "pause":
			err = archive.image(name, []string{"/pause"}, pause)
		default:
			err = fmt.Errorf("no image is known for %q, which kubeadm asks for", name)
		}
		if err != nil {
			return err
		}
	}
	return archive.close()
}
