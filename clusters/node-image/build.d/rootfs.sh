# shellcheck shell=bash
# The Debian root file system below every version of the node image, as a tar archive in the cache.

debian_suite=trixie
debian_packages="systemd systemd-sysv dbus libpam-systemd kmod mount procps util-linux hostname
	iproute2 iptables nftables ipset conntrack ethtool socat
	containerd runc containernetworking-plugins ca-certificates curl jq haproxy"

# The Debian mirror of this machine's own apt configuration; nothing where it has none, and mmdebstrap takes its default.
debian_mirror() {
	apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(COMPONENT) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
		awk '$2 == "Debian" && $3 == "main" && $4 !~ /security|updates|backports/ { print $1; exit }'
}

build_rootfs() {
	rootfs=$cache/rootfs-$(hash_of "$here/build.d/rootfs.sh").tar
	if [ -e "$rootfs" ]; then
		say "root file system: in the cache"
		return
	fi
	require_tool mmdebstrap "apt-get install mmdebstrap" mmdebstrap
	# shellcheck disable=SC2046,SC2086 # words on purpose: packages, and a mirror that may be absent
	step "root file system of Debian $debian_suite" mmdebstrap --quiet --mode=root --variant=minbase \
		--include="$(echo $debian_packages | tr ' ' ',')" \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/zoneinfo/*' \
		--dpkgopt='path-exclude=/usr/share/lintian/*' \
		--customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/cache/debconf/* "$1"/var/log/*' \
		--customize-hook='rm -f "$1"/etc/machine-id "$1"/etc/hostname "$1"/etc/resolv.conf "$1"/usr/share/bash-completion/completions/*' \
		--customize-hook='rm -f "$1"/usr/bin/containerd-shim "$1"/usr/bin/containerd-shim-runc-v1 "$1"/usr/bin/containerd-stress' \
		"$debian_suite" "$work/rootfs.tar" $(debian_mirror)
	mv "$work/rootfs.tar" "$rootfs"
}
