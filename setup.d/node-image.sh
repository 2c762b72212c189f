# The images that cluster nodes are made of. harness/images/ knows the ways to them. Read by ../setup.
# shellcheck shell=sh disable=SC2154

# The Kubernetes versions stand in these files' names, so that a wrong one is told before anything is installed.
check_kubernetes() {
	versions=clusters/node-image/go/versions
	for minor in $(echo "$kubernetes" | tr ',' ' '); do
		[ -f "$versions/${minor#v}.mod" ] ||
			fail 2 "Kubernetes $minor is not supported" "Choose one of $(supported_kubernetes): ./setup --kubernetes MINOR"
	done
}

supported_kubernetes() {
	for file in "$versions"/*.mod; do basename "$file" .mod; done | sort -t. -k1,1n -k2,2n | paste -sd, - | sed 's/,/, /g'
}

# It prints its own lines and its own errors, and its exit code is the one of ./setup.
# With its compiled modules kept, it starts in half the time.
provide_node_images() {
	NODE_COMPILE_CACHE="$cache/node-compile" "$node" harness/images/cli.ts \
		${kubernetes:+--kubernetes "$kubernetes"} ${offline:+--offline} </dev/null 9>&- || exit $?
}
