# shellcheck shell=bash
# The node's root file system: Debian, the files of node/, and the binaries.

# What a container must not do (the kernel's settings are the host's), or has no use for.
masked_units="systemd-sysctl.service systemd-binfmt.service systemd-modules-load.service systemd-firstboot.service
	systemd-pstore.service systemd-remount-fs.service console-getty.service getty.target
	dev-hugepages.mount dev-mqueue.mount sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount
	apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer
	haproxy.service"
enabled_units="containerd.service kubelet.service flannel.path"

make_node() {
	root=$work/root
	mkdir "$root"
	step "node's file system" fill_node
	component_images=$(chroot "$root" kubeadm config images list --kubernetes-version "v$kubernetes")
	pause_image=$(echo "$component_images" | grep '/pause:')
	sed -i "s#@PAUSE_IMAGE@#$pause_image#" "$root/etc/containerd/config.toml"
}

fill_node() {
	tar -C "$root" -xf "$rootfs"
	# Nothing is installed on a node, and each machine's copy of /var would have 800 files for that: ext4 looks for an inode
	# that was not used in the last minute, and where clusters come and go finds each one late (fs/ext4/ialloc.c).
	rm -rf "$root"/var/lib/dpkg/info "$root"/var/lib/apt "$root"/var/cache/*
	mkdir "$root/var/lib/dpkg/info"
	cp -R "$here/node/." "$root/"
	for name in kube etcd etcdctl etcdutl; do
		install -m 755 "$binaries/$name" "$root/usr/bin/$name"
	done
	for component in kubelet kubeadm kubectl crictl; do
		ln -s kube "$root/usr/bin/$component"
	done
	install -m 755 "$binaries/flannel" "$root/usr/local/bin/flannel"
	mkdir -p "$root/opt/cni" "$root/etc/cni/net.d" "$root/etc/containerd/certs.d" "$root/etc/kubernetes/manifests" \
		"$root/var/log/journal"
	ln -s ../../usr/lib/cni "$root/opt/cni/bin"
	echo "v$kubernetes" >"$root/kind/version"
	echo kind >"$root/kind/product_name"
	# shellcheck disable=SC2086 # words on purpose
	chroot "$root" systemctl --quiet mask $masked_units
	# shellcheck disable=SC2086
	chroot "$root" systemctl --quiet enable $enabled_units
	chroot "$root" systemctl --quiet set-default multi-user.target
}
