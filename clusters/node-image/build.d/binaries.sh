# shellcheck shell=bash
# The Go binaries of one Kubernetes version, built once for each state of their sources.

# version_of MODULE: the version that this Kubernetes minor's go.mod pins, without the v.
version_of() { awk -v module="$1" '$1 == "require" { $1 = $2; $2 = $3 } $1 == module { sub(/^v/, "", $2); print $2; exit }' "$modfile"; }

find_pin() {
	modfile=$here/go/versions/$minor.mod
	if [ ! -e "$modfile" ]; then
		known=$(cd "$here/go/versions" && ls ./*.mod | sed 's#./##; s/.mod//' | tr '\n' ' ')
		fail "Kubernetes $minor is not pinned; known: $known" "$0 1.34"
	fi
}

read_versions() {
	kubernetes=$(version_of k8s.io/kubernetes)
	etcd=$(version_of go.etcd.io/etcd/server/v3)
	coredns=$(version_of github.com/coredns/coredns)
}

build_binaries() {
	binaries=$cache/binaries-$kubernetes-$(hash_of "$here/go/kube" "$here/go/pause" "$modfile" "${modfile%.mod}.sum" "$here/flannel" "$here/archive" "$here/build.d/binaries.sh")
	if [ -d "$binaries" ]; then
		say "binaries of Kubernetes $kubernetes: in the cache"
		return
	fi
	require_tool go "https://go.dev/dl/ (Go 1.26 or newer)"
	mkdir "$work/bin"
	step "Kubernetes $kubernetes, etcd $etcd and CoreDNS $coredns from source" go_build "$here/go" \
		-modfile="versions/$minor.mod" -ldflags "-s -w $(kubernetes_version_flags)" \
		./kube ./pause go.etcd.io/etcd/server/v3 go.etcd.io/etcd/etcdctl/v3 go.etcd.io/etcd/etcdutl/v3
	mv "$work/bin/server" "$work/bin/etcd"
	step "flannel from source" go_build "$here/flannel" -ldflags "-s -w" .
	step "the archiver of component images" go_build "$here/archive" -ldflags "-s -w" .
	mv "$work/bin" "$binaries"
}

# go_build MODULE ARGUMENT...: static binaries into $work/bin; go.sum is law.
go_build() (
	cd "$1" || exit
	shift
	CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -trimpath -o "$work/bin/" "$@"
)

# Without these, kubeadm refuses to work: it compares its own version with the one that it installs.
kubernetes_version_flags() {
	for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
		printf -- '-X %s.gitVersion=v%s -X %s.gitMajor=%s -X %s.gitMinor=%s -X %s.gitTreeState=clean -X %s.gitCommit=clusterproof ' \
			"$package" "$kubernetes" "$package" "${minor%.*}" "$package" "${minor#*.}" "$package" "$package"
	done
}
