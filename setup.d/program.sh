# A program that ./setup provides: the one that is named, else the pinned one in the cache, else the one on the PATH where
# it suits, else one that is built with Go or downloaded. harness/provided-program.ts looks for it in the same order.
# Read by ../setup.
# shellcheck shell=sh disable=SC2154

# What differs between programs is set by who calls this:
#   program           its name
#   variable, named   the variable that names another one, and what it holds
#   folder, module    the folder of the go.mod that pins it, and the module in there
#   package           what is built of that module
#   version_variable  what in it holds the version that it shows, where that has to be set
# and by three functions that bear its name:
#   PROGRAM_on_path       sets `found` to the version on the PATH, or fails where that one does not suit
#   PROGRAM_url PLATFORM  prints where it is published; its checksum is there too, with .sha256sum behind the name
#   PROGRAM_unpack FILE   makes $pinned.$$ of what was downloaded
provide_program() {
	step_started=$(now_ms)
	version=$(sed -n "s|.*[[:space:]]$module v\([0-9.]*\).*|\1|p" "$folder/go.mod")
	pinned=$cache/bin/$program-$version
	if [ -n "$named" ]; then
		[ -x "$named" ] || fail 2 "$variable names $named, and that is no program" "unset $variable"
		state="$named, as $variable says"
	elif [ -x "$pinned" ]; then
		state="$version, from $pinned"
	elif command -v "$program" >/dev/null && "${program}_on_path"; then
		state="$found, from the PATH"
	elif go_suits; then
		build_program
		state="$version, built with Go"
	else
		download_program
		state="$version, downloaded"
	fi
	echo "$program: $state $(took "$step_started")"
}

# The Go that the go.mod asks for, or a newer one: it is not made to fetch another.
go_suits() {
	oldest_go=$(sed -n 's/^go \([0-9.]*\)$/\1/p' "$folder/go.mod")
	command -v go >/dev/null || return 1
	go_version=$(cd "$folder" && GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
	go_version=${go_version#go}
	at_least "${go_version%%[!0-9.]*}" "$oldest_go"
}

build_program() {
	echo "$program: building $version with Go $go_version"
	(cd "$folder" && logged "$program" env CGO_ENABLED=0 GOWORK=off \
		go build -mod=readonly -trimpath -ldflags "-s -w ${version_variable:+-X $version_variable=v$version}" -o "$pinned.$$" "$package") ||
		fail 3 "$program $version could not be built" "cd $folder && go build $package"
	mv "$pinned.$$" "$pinned"
}

# Written without a network that reaches the publishers' pages, so not run yet. The checksum is the one published beside
# the file: it shows a broken download, and no more trust is put into it than into the page.
download_program() {
	platform=$(this_platform)
	url=$("${program}_url" "$platform")
	echo "$program: downloading $url"
	if ! { download "$url" "$pinned.$$.file" && download "$url.sha256sum" "$pinned.$$.sha256sum"; }; then
		rm -f "$pinned.$$".*
		fail 3 "$program $version could not be downloaded from $url" \
			"Install Go $oldest_go or newer, or $program $version yourself, and run ./setup again."
	fi
	expected=$(cut -d' ' -f1 "$pinned.$$.sha256sum")
	actual=$(sha256 "$pinned.$$.file")
	if [ "$expected" != "$actual" ]; then
		rm -f "$pinned.$$".*
		fail 3 "what was downloaded from $url has the checksum $actual, not $expected" "Run ./setup again."
	fi
	"${program}_unpack" "$pinned.$$.file" ||
		fail 3 "there is no $program in what was downloaded from $url" "Run ./setup again."
	rm -f "$pinned.$$".*
	chmod +x "$pinned.$$"
	mv "$pinned.$$" "$pinned"
}

# `linux-amd64`, as Go has it, and with it the names of what is published.
this_platform() {
	system=$(uname -s | tr '[:upper:]' '[:lower:]')
	case $(uname -m) in
	x86_64 | amd64) echo "$system-amd64" ;;
	aarch64 | arm64) echo "$system-arm64" ;;
	*) fail 3 "$program is not published for $(uname -m)" "Install Go $oldest_go or newer and run ./setup again." ;;
	esac
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
