# The kind CLI. harness/kind-binary.ts looks for it in the same places, in the same order. Read by ../setup.
# shellcheck shell=sh disable=SC2154

provide_kind() {
	step_started=$(now_ms)
	kind_version=$(sed -n 's/.*sigs\.k8s\.io\/kind v\([0-9.]*\).*/\1/p' tools/go.mod)
	pinned=$cache/bin/kind-$kind_version
	if [ -n "${CLUSTERPROOF_KIND:-}" ]; then
		[ -x "$CLUSTERPROOF_KIND" ] ||
			fail 2 "CLUSTERPROOF_KIND names $CLUSTERPROOF_KIND, and that is no program" "unset CLUSTERPROOF_KIND"
		state="$CLUSTERPROOF_KIND, as CLUSTERPROOF_KIND says"
	elif [ -x "$pinned" ]; then
		state="$kind_version, from $pinned"
	elif kind_on_path; then
		state="$found, from the PATH"
	elif go_suits; then
		build_kind
		state="$kind_version, built with Go"
	else
		download_kind
		state="$kind_version, downloaded"
	fi
	echo "kind: $state $(took "$step_started")"
}

kind_on_path() {
	command -v kind >/dev/null || return 1
	found=$(kind version -q </dev/null 2>/dev/null) || return 1
	at_least "${found%%[!0-9.]*}" "$kind_version"
}

# `tool` directives are of Go 1.24.
go_suits() {
	command -v go >/dev/null || return 1
	go_version=$(cd tools && GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
	go_version=${go_version#go}
	at_least "${go_version%%[!0-9.]*}" 1.24
}

build_kind() {
	echo "kind: building $kind_version with Go $go_version"
	(cd tools && logged kind env CGO_ENABLED=0 GOWORK=off \
		go build -mod=readonly -trimpath -ldflags '-s -w' -o "$pinned.$$" sigs.k8s.io/kind) ||
		fail 3 "kind $kind_version could not be built" "cd tools && go build sigs.k8s.io/kind"
	mv "$pinned.$$" "$pinned"
}

# Written without a network that reaches the release page, so not run yet. The checksum is the one published beside
# the program: it shows a broken download, and no more trust is put into it than into the page.
download_kind() {
	system=$(uname -s | tr '[:upper:]' '[:lower:]')
	case $(uname -m) in
	x86_64 | amd64) machine=amd64 ;;
	aarch64 | arm64) machine=arm64 ;;
	*) fail 3 "kind publishes no program for $(uname -m)" "Install Go 1.24 or newer and run ./setup again." ;;
	esac
	url=https://github.com/kubernetes-sigs/kind/releases/download/v$kind_version/kind-$system-$machine
	echo "kind: downloading $url"
	if ! { download "$url" "$pinned.$$" && download "$url.sha256sum" "$pinned.$$.sha256sum"; }; then
		fail 3 "kind $kind_version could not be downloaded from $url" \
			"Install Go 1.24 or newer, or kind $kind_version yourself, and run ./setup again."
	fi
	expected=$(cut -d' ' -f1 "$pinned.$$.sha256sum")
	actual=$(sha256 "$pinned.$$")
	rm -f "$pinned.$$.sha256sum"
	if [ "$expected" != "$actual" ]; then
		rm -f "$pinned.$$"
		fail 3 "what was downloaded from $url has the checksum $actual, not $expected" "Run ./setup again."
	fi
	chmod +x "$pinned.$$"
	mv "$pinned.$$" "$pinned"
}

download() { # URL FILE
	if command -v curl >/dev/null; then
		logged download curl -fsSL --retry 3 -o "$2" "$1"
	else
		logged download wget -q -O "$2" "$1"
	fi
}

sha256() { # FILE
	if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d' ' -f1
}
