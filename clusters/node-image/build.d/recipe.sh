# shellcheck shell=bash
# What an image is made from. The image bears its name as the label clusterproof.recipe: a tree with another recipe tells
# by it that the image is not its own, though the image's name is the same.

# Everything here that decides the content of one Kubernetes version's image; neither `pin` nor another version's pin does.
print_recipe() {
	hash_of "$here/build" "$here/build.d" "$here/archive" "$here/flannel" "$here/node" \
		"$here/go/go.mod" "$here/go/kube" "$here/go/pause" "$modfile" "${modfile%.mod}.sum"
}
