# The npm packages, one of which is the Node.js that runs the project. Read by ../setup.
# shellcheck shell=sh disable=SC2154

# Types are stripped without a flag from 22.18; @kubernetes/client-node needs 22.19.
oldest_node=22.19.0

provide_packages() {
	step_started=$(now_ms)
	[ -f package-lock.json ] ||
		fail 3 "package-lock.json is missing" "git checkout package-lock.json"
	state="match package-lock.json"
	if ! packages_match; then
		# An image that has the packages needs none.
		command -v npm >/dev/null ||
			fail 3 "there is no npm, which is needed to install the packages" \
				"Install Node.js 20 or newer with npm (its packages then bring the Node.js that the project runs on)."
		echo "packages: installing what package-lock.json names"
		# Whatever this user's npm leaves out by default, none of it may be left out here.
		logged npm-ci npm ci --include=dev --include=optional --prefer-offline --no-audit --no-fund --loglevel=error ||
			fail 3 "npm could not install the packages" "npm ci"
		cp package-lock.json node_modules/.clusterproof-lock.json
		state=installed
	fi
	choose_node
	echo "packages: $state, Node.js $node_version $(took "$step_started")"
}

# The copy is made when an installation has ended well, and npm removes it when it begins another.
packages_match() {
	cmp -s package-lock.json node_modules/.clusterproof-lock.json
}

# The packages bring a Node.js for Linux on x64 and arm64; elsewhere the machine's own must do.
choose_node() {
	node=$project/node_modules/.bin/node
	[ -x "$node" ] || node=$(command -v node || true)
	[ -n "$node" ] || fail 3 "there is no Node.js" "Install Node.js $oldest_node or newer."
	node_version=$("$node" -p process.versions.node </dev/null) ||
		fail 3 "$node does not run" "rm -rf node_modules && ./setup"
	at_least "${node_version%%-*}" "$oldest_node" ||
		fail 3 "Node.js $node_version is too old, and the packages bring none for this kind of machine" \
			"Install Node.js $oldest_node or newer and put it first on the PATH."
}
