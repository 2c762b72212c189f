# shellcheck shell=sh
# What Kubernetes on this node must know of the machine below it, at this boot.

# CAP_SYS_RESOURCE is bit 24 of the capabilities (linux/capability.h).
may_raise_limits() {
	capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
	[ $(((0x$capabilities >> 24) & 1)) = 1 ]
}

# Without CAP_SYS_RESOURCE no process may lower its oom_score_adj, which containerd and the kubelet otherwise insist on.
adapt_to_capabilities() {
	if may_raise_limits; then restricted=false; else restricted=true; fi
	sed -i "s/restrict_oom_score_adj = .*/restrict_oom_score_adj = $restricted/" /etc/containerd/config.toml
	mkdir -p /kind/kubelet.conf.d
	{
		echo "apiVersion: kubelet.config.k8s.io/v1beta1"
		echo "kind: KubeletConfiguration"
		echo "resolvConf: /kind/resolv.conf"
		# Kubernetes 1.35 and later refuse cgroup v1 unless told not to.
		[ -e /sys/fs/cgroup/cgroup.controllers ] || echo "failCgroupV1: false"
		[ $restricted = false ] || printf 'featureGates:\n  KubeletInUserNamespace: true\n'
	} >/kind/kubelet.conf.d/10-machine.conf
}

# An engine may give the node another address at a restart. What kubeadm wrote with the old one follows.
follow_address() {
	address=$(getent ahostsv4 "$(hostname)" | awk 'NR == 1 { print $1 }')
	if [ -z "$address" ]; then
		log "this host name has no IPv4 address"
		return
	fi
	offer_resolver "$address"
	previous=$(cat /kind/address 2>/dev/null || true)
	if [ -n "$previous" ] && [ "$previous" != "$address" ]; then
		log "address changed from $previous to $address"
		pattern=$(echo "$previous" | sed 's/\./\\./g')
		for file in /kind/kubeadm.conf /var/lib/kubelet/kubeadm-flags.env /etc/kubernetes/*.conf /etc/kubernetes/manifests/*.yaml; do
			[ ! -f "$file" ] || sed -i "s/\b$pattern\b/$address/g" "$file"
		done
		if [ -f /etc/kubernetes/pki/apiserver.key ]; then
			rm -f /etc/kubernetes/pki/apiserver.crt /etc/kubernetes/pki/apiserver.key
			kubeadm init phase certs apiserver --config /kind/kubeadm.conf >&2
		fi
	fi
	echo "$address" >/kind/address
}
