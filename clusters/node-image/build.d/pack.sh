# shellcheck shell=bash
# The image in the engine: one layer, without a build.

pack_image() {
	step "image $image" import_into_engine
	# What had the name before has none now: it goes, unless a container needs it.
	docker image prune --force --filter "label=clusterproof.kubernetes=v$kubernetes" >/dev/null 2>&1 || true
}

import_into_engine() {
	tar -C "$root" --numeric-owner --xattrs --xattrs-include='*' --sort=name -c . |
		docker import \
			--change 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]' \
			--change 'STOPSIGNAL SIGRTMIN+3' \
			--change 'ENV container=docker' \
			--change "LABEL clusterproof.kubernetes=v$kubernetes" \
			--change "LABEL clusterproof.recipe=$recipe" \
			--message "clusterproof: Kubernetes v$kubernetes from source" \
			- "$image"
}
