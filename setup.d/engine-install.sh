# Installs a Docker engine with apt, as root on Debian or Ubuntu. Read by ../setup.
# shellcheck shell=sh disable=SC2154,SC2046

install_engine() {
	# shellcheck source=/dev/null
	system=$(. /etc/os-release 2>/dev/null && echo "${ID:-} ${VERSION_ID:-}") || system=
	command -v apt-get >/dev/null || system=
	case $system in
	"debian 12" | "debian 13"* | "debian 14"* | "ubuntu "*) ;;
	*) fail 3 "no Docker engine answers, and ./setup can install one only on Debian 12 or newer and on Ubuntu" \
		"Install Docker Engine 23 or newer with this system's package manager, start it, and run ./setup again." ;;
	esac
	install_started=$(now_ms)
	refresh_package_lists
	if [ "$system" = "debian 12" ] && ! root_may_raise_limits; then
		echo "engine: installing Debian 13's docker.io: without CAP_SYS_RESOURCE Debian 12's refuses privileged containers"
		add_suite bookworm trixie
		add_packages docker.io/trixie $(missing_client /trixie) $(missing_apparmor)
	else
		echo "engine: installing this system's docker.io"
		add_packages docker.io $(missing_client '') $(missing_apparmor)
	fi
	echo "engine: docker.io is installed $(took "$install_started")"
}

add_packages() { # PACKAGE...
	apt_get install -y --no-install-recommends "$@" ||
		fail 3 "apt-get could not install $*" "apt-get install --no-install-recommends $*"
}

# Another apt-get may be at work (unattended upgrades): its lock is waited for.
apt_get() { # SUBCOMMAND ARGUMENT...
	logged "apt-$1" env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"
}

# An update fails as a whole where any one source fails, also one that nothing here needs; so only the install decides.
refresh_package_lists() {
	echo "engine: refreshing the package lists"
	apt_get update || true
}

# In Debian 13 the client is a package of its own; before, docker.io has it. One that is there already stays.
missing_client() { # RELEASE
	command -v docker >/dev/null || ! apt-cache show docker-cli >/dev/null 2>&1 || echo "docker-cli$1"
}

# Where the kernel enforces AppArmor, the engine needs its parser to start any container.
missing_apparmor() {
	[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" != Y ] ||
		command -v apparmor_parser >/dev/null || echo apparmor
}

# Makes another release's packages available, at a priority so low that only what is asked for by name comes from it.
# Mirror, keyring and options are those of this machine's own entry for its release.
add_suite() { # OWN-CODENAME OTHER-CODENAME
	parts='' preferences=''
	eval "$(apt-config shell parts Dir::Etc::sourceparts/d preferences Dir::Etc::preferencesparts/d)"
	entry=$(debian_entry "$1")
	[ -n "$entry" ] ||
		fail 3 "apt's sources on this machine have no entry for Debian's $1" \
			"Install Docker Engine 23 or newer by hand, start it, and run ./setup again."
	suite=${entry%%|*}
	place=${entry#*|}
	file=${place%:*}
	case $file in
	*.sources) entry_in_stanza "$file" "${place##*:}" "$2" >"${parts}clusterproof-$2.sources" ;;
	*) entry_in_line "$file" "${place##*:}" "$suite" "$2" >"${parts}clusterproof-$2.list" ;;
	esac
	printf 'Package: *\nPin: release n=%s\nPin-Priority: 90\n' "$2" >"${preferences}clusterproof-$2"
	refresh_package_lists
}

# `SUITE|FILE:NUMBER` of the entry that a Debian release comes from, as apt itself understands its sources.
debian_entry() { # CODENAME
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(COMPONENT)|$(RELEASE)|$(SOURCESENTRY)' \
		'Created-By: Packages' | sed -n "s/^Debian|$1|main|//p" | head -n 1
}

# The NUMBER-th paragraph of a deb822 file, with another suite.
entry_in_stanza() { # FILE NUMBER CODENAME
	grep -v '^#' "$1" | awk -v RS= -v number="$2" 'NR == number' | sed "s/^[Ss]uites:.*/Suites: $3/"
}

# The NUMBER-th line of a one-line file, with another suite.
entry_in_line() { # FILE NUMBER SUITE CODENAME
	sed -n "$2s/ $3 / $4 /p" "$1"
}
