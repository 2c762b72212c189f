# The kind CLI, for harness/kind-binary.ts. Read by ../setup.
# shellcheck shell=sh disable=SC2034,SC2154

provide_kind() {
	program=kind
	variable=CLUSTERPROOF_KIND named=${CLUSTERPROOF_KIND:-}
	folder=tools module=sigs.k8s.io/kind
	package=$module version_variable=
	provide_program
}

kind_on_path() {
	found=$(kind version -q </dev/null 2>/dev/null) || return 1
	at_least "${found%%[!0-9.]*}" "$version"
}

kind_url() { # PLATFORM
	echo "https://github.com/kubernetes-sigs/kind/releases/download/v$version/kind-$1"
}

kind_unpack() { # FILE
	mv "$1" "$pinned.$$"
}
