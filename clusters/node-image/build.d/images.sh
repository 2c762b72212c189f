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
	move_layers
	share_binaries
}

# /var is a volume, and the engine copies what the image has below it for every machine that it makes: 225 MB, and a
# second and a half of a processor. The layers are never written to: they stay in the image, shared by all machines with
# the memory that holds them, and the snapshotter finds them by a link. They are the lowest of two overlays, the most that
# the kernel stacks (FILESYSTEM_MAX_STACK_DEPTH in fs/overlayfs): the engine's own is the other.
layers=/usr/lib/clusterproof/layers
move_layers() {
	mkdir -p "$root$layers"
	for layer in "$root"/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/*; do
		mv "$layer" "$root$layers/"
		ln -s "$layers/${layer##*/}" "$layer"
	done
}

# The large binaries are in the node and in a component's layer: the same file is stored once.
share_binaries() {
	for copy in "$root$layers"/*/fs/usr/local/bin/{kube,etcd,etcdctl,etcdutl}; do
		[ ! -f "$copy" ] || ln -f "$copy" "$root/usr/bin/${copy##*/}"
	done
}
