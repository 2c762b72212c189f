# What every step of ./setup uses: time, messages, logs and the lock. Read by ../setup.
# shellcheck shell=sh disable=SC2034

# Ends ./setup. 2: it was used wrongly. 3: this machine is not ready, and the hint says what would help.
fail() { # EXIT-CODE MESSAGE HINT
	printf 'error: %s\n  what to do: %s\n' "$2" "$3" >&2
	exit "$1"
}

# Milliseconds of the wall clock. Where `date` knows no nanoseconds, whole seconds.
now_ms() {
	nanoseconds=$(date +%s%N)
	case $nanoseconds in
	*[!0-9]*) echo "$(date +%s)000" ;;
	*) echo "${nanoseconds%??????}" ;;
	esac
}

took() { # START
	elapsed=$(($(now_ms) - $1))
	printf '(%d.%d s)' $((elapsed / 1000)) $((elapsed % 1000 / 100))
}

# harness/images/settings.ts has the same rule.
prepare_cache() {
	[ -n "${CLUSTERPROOF_CACHE:-}${XDG_CACHE_HOME:-}${HOME:-}" ] ||
		fail 3 "there is no place to keep things: HOME is not set" "CLUSTERPROOF_CACHE=/some/folder ./setup"
	cache=${CLUSTERPROOF_CACHE:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/clusterproof}
	mkdir -p "$cache/bin" "$cache/logs" 2>/dev/null ||
		fail 3 "the folder $cache cannot be made" "CLUSTERPROOF_CACHE=/some/folder ./setup"
	cache=$(cd "$cache" && pwd)
	logs=$cache/logs
}

# Two setups at once would install twice: the second waits. The lock ends with this process, however it ends.
take_lock() {
	if command -v flock >/dev/null; then
		exec 9>"$cache/setup.lock"
		flock -n 9 && return
		echo "setup: another ./setup is running, waiting for it to end"
		flock 9
	else
		take_lock_without_flock
	fi
}

# A symbolic link is made whole or not at all, and holds the process's id.
take_lock_without_flock() {
	lock=$cache/setup.pid
	waiting=
	until ln -s "$$" "$lock" 2>/dev/null; do
		holder=$(readlink "$lock" || true)
		if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null && remove_dead_lock; then continue; fi
		[ -n "$waiting" ] || echo "setup: another ./setup is running, waiting for it to end"
		waiting=yes
		sleep 1
	done
	trap 'rm -f "$lock"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# One at a time, and only what is still the dead one's: what another has put in its place meanwhile is a lock that holds.
remove_dead_lock() {
	mkdir "$lock.removal" 2>/dev/null || return 1
	[ "$(readlink "$lock" || true)" != "$holder" ] || rm -f "$lock"
	rmdir "$lock.removal"
}

# Runs a command that takes long, with what it says in a log; shows the log's end where it fails.
# Descriptor 9 is the lock, which no service that is started on the way may keep.
logged() { # LOG COMMAND...
	log=$logs/$1.log
	shift
	"$@" >"$log" 2>&1 </dev/null 9>&- && return
	printf '  %s\n' "$*" "  …" >&2
	tail -n 15 "$log" | sed 's/^/    /' >&2
	echo "  (all of it: $log)" >&2
	return 1
}

# Runs a command that must answer within some seconds, where this system can hold it to that.
limited() { # SECONDS COMMAND...
	if command -v timeout >/dev/null; then
		timeout "$@"
	else
		shift
		"$@"
	fi
}

# Whether the version A is B or newer; both are numbers with points between them.
at_least() { # A B
	oldest=$(printf '%s\n%s\n' "$1" "$2" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)
	[ "$oldest" = "$2" ]
}
