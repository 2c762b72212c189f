# shellcheck shell=bash
# The components' container images, in the node's own containerd: imported and unpacked, so that no boot has to.

import_component_images() {
	# shellcheck disable=SC2086 # words on purpose: image names hold no blanks
	step "component images" "$binaries/archive" -o "$work/images.tar" -binaries "$binaries" -rootfs "$root" $component_images
	mkdir "$root/import"
	mv "$work/images.tar" "$root/import/images.tar"
	cp "$here/build.d/import-in-node" "$root/import/run"
	# Namespaces of its own: whatever is left of it, processes and mounts, ends with it.
	# shellcheck disable=SC2086
	step "images unpacked" unshare --mount --pid --fork --kill-child sh "$root/import/run" "$root" $component_images
	rm -rf "$root/import" "$root/run" "$root/var/log/containerd"
	mkdir "$root/run"
	share_binaries
}

# The large binaries are in the node and in a component's layer: the same file is stored once.
share_binaries() {
	for copy in "$root"/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/*/fs/usr/local/bin/{kube,etcd,etcdctl,etcdutl}; do
		[ ! -f "$copy" ] || ln -f "$copy" "$root/usr/bin/${copy##*/}"
	done
}
