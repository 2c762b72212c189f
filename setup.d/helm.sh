# The helm CLI, for harness/helm-binary.ts. Read by ../setup.
# shellcheck shell=sh disable=SC2034,SC2154

# `helm uninstall --ignore-not-found` is older; helm 4 has other flags.
oldest_helm=3.14.0

provide_helm() {
	program=helm
	variable=CLUSTERPROOF_HELM named=${CLUSTERPROOF_HELM:-}
	folder=tools/helm module=helm.sh/helm/v3
	package=$module/cmd/helm version_variable=$module/internal/version.version
	provide_program
}

helm_on_path() {
	found=$(helm version --template '{{.Version}}' </dev/null 2>/dev/null) || return 1
	found=${found#v}
	case $found in
	3.*) at_least "${found%%[!0-9.]*}" "$oldest_helm" ;;
	*) return 1 ;;
	esac
}

helm_url() { # PLATFORM
	echo "https://get.helm.sh/helm-v$version-$1.tar.gz"
}

# The program is in a folder that is named after the platform.
helm_unpack() { # FILE
	tar -xzf "$1" -O "$platform/helm" >"$pinned.$$"
}
