# shellcheck shell=bash
# How a build speaks, measures, and fails. The image that it builds is called $building.

say() { printf '%s: %s\n' "$building" "$*"; }

# fail WHAT COMMAND: one line that says what is wrong and the command that would help.
fail() {
	printf '%s: %s; try: %s\n' "$building" "$1" "$2" >&2
	exit 1
}

# step NAME COMMAND...: runs the command, keeps its output for the case that it fails, and says how long it took.
# The command runs as a job: errexit holds inside of it, and stop_step ends all of it.
step() {
	step_name=$1
	shift
	step_began=$(date +%s)
	say "$step_name ..."
	"$@" >"$work/step.log" 2>&1 </dev/null &
	step_job=$!
	if ! wait "$step_job"; then
		tail -n 40 "$work/step.log" >&2
		fail "$step_name failed after $(($(date +%s) - step_began)) s (its output is above)" "$0 $arguments"
	fi
	step_job=
	say "$step_name: $(($(date +%s) - step_began)) s"
}

# stop_step ends the step that still runs, with its children: a job of bash is a process group of its own under -m.
stop_step() {
	if [ -n "${step_job:-}" ] && kill -- "-$step_job" 2>/dev/null; then wait "$step_job" || true; fi
}

# hash_of PATH...: a name for what these files and folders hold, and for which of the files are programs.
hash_of() {
	sums=sha256sum
	command -v sha256sum >/dev/null || sums='shasum -a 256' # macOS, which builds nothing, but asks for recipes
	{
		# shellcheck disable=SC2086 # words on purpose
		find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 $sums
		find "$@" -type f -perm -u=x | LC_ALL=C sort
	} | sed "s#$here/##" | $sums | cut -c1-16
}

# require_tool TOOL COMMAND [PACKAGE]: the tool is there, or can be installed from the machine's own apt sources.
require_tool() {
	if command -v "$1" >/dev/null; then return; fi
	if [ -n "${3:-}" ] && command -v apt-get >/dev/null; then
		step "installing $3" sh -c 'apt-get install -y --no-install-recommends "$0" || { apt-get update && apt-get install -y --no-install-recommends "$0"; }' "$3"
		return
	fi
	fail "$1 is missing" "$2"
}

# require_space DIRECTORY GIBIBYTES
require_space() {
	free_kib=$(df -Pk "$1" | awk 'NR == 2 { print $4 }')
	if [ "$free_kib" -lt $(($2 * 1024 * 1024)) ]; then
		fail "$1 has $((free_kib / 1024 / 1024)) GiB free, the build needs $2" "CLUSTERPROOF_CACHE=/a/larger/disk $0 $arguments"
	fi
}
