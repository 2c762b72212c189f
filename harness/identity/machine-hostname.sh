#!/bin/sh
# Emulates how a machine in a cloud comes to its host name (Talos on Hetzner Cloud). Called as
#   machine-hostname establish    before containerd, kubelet and etcd: returns once the machine has a name
#   machine-hostname rename       beside them, where a name may have been made up: goes on asking for the real one
set -eu
export LC_ALL=C
mode=$HOSTNAME_MODE
# How long after its first question a machine asks before a name is made up or, where it has had one, kept.
patience_ms=$FALLBACK_AFTER_MS
interval_s=${ASK_INTERVAL_S:-0.5}
# A slower answer is none.
answer_limit_ms=${ANSWER_LIMIT_MS:-2000}
url=http://169.254.169.254/hetzner/v1/metadata/hostname

# Other places than a machine's, for tests.
root=${MACHINE_ROOT:-}
state=$root/var/lib/clusterproof run=$root/run/clusterproof etc=$root/etc kubelet=$root/var/lib/kubelet

now_ms() { date +%s%3N; }

# note EVENT NAME DETAIL: for the journal, and for who reads what happened in this boot and when.
note() {
	printf '{"at":%s,"event":"%s","name":"%s","detail":"%s"}\n' "$(now_ms)" "$1" "$2" "$3" >>"$run/boot.log"
	echo "clusterproof (emulation): $1${2:+ $2}${3:+: $3}"
}

# What went wrong is noted once, not as often as it goes wrong.
last_problem=
problem() {
	[ "$1" = "$last_problem" ] || note no-name '' "$1"
	last_problem=$1
	return 1
}

# ask LIMIT: asks once, for LIMIT milliseconds at most; the name is then in $answer.
ask() {
	reply=$(curl --silent --noproxy '*' --max-time "$(($1 / 1000)).$(printf %03d $(($1 % 1000)))" \
		--header "X-Clusterproof-Asking-Since: $asking_since" --write-out '\n%{http_code}' "$url") ||
		problem "no answer (curl's exit code $?)" || return 1
	status=${reply##*
}
	answer=$(printf %s "${reply%
*}")
	[ "$status" = 200 ] || problem "HTTP status $status" || return 1
	case $answer in
	'') problem 'an empty answer' || return 1 ;;
	*[!a-z0-9-]* | -* | *-) problem 'an answer that is no DNS label' || return 1 ;;
	esac
	[ ${#answer} -le 63 ] || problem 'an answer that is no DNS label' || return 1
}

ask_for_ever() {
	until ask "$answer_limit_ms"; do sleep "$interval_s"; done
}

# ask_until DEADLINE: in epoch milliseconds.
ask_until() {
	while left=$(($1 - $(now_ms))) && [ "$left" -gt 0 ]; do
		[ "$left" -lt "$answer_limit_ms" ] || left=$answer_limit_ms
		! ask "$left" || return 0
		sleep "$interval_s"
	done
	return 1
}

# As Talos' stable host name: from the machine's identity, the same at every boot. (Talos has base 36, this has base 16.)
made_up() {
	hash=$(sha256sum "$etc/machine-id")
	echo "talos-$(echo "$hash" | cut -c 1-3)-$(echo "$hash" | cut -c 4-6)"
}

# take NAME SOURCE EVENT DETAIL
take() {
	hostname "$1"
	echo "$1" >"$etc/hostname"
	# Both files are the engine's mounts: they can be written, not replaced.
	address=$(ip -4 -o address show dev eth0 scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
	others=$(grep -v '# clusterproof$' "$etc/hosts" || true)
	printf '%s\n%s\t%s # clusterproof\n' "$others" "$address" "$1" >"$etc/hosts"
	[ "$2" != metadata ] || { echo "$1" >"$state/hostname.new" && mv "$state/hostname.new" "$state/hostname"; }
	note "$3" "$1" "$4"
	printf '{"at":%s,"name":"%s","source":"%s"}\n' "$(now_ms)" "$1" "$2" >"$run/hostname.new"
	mv "$run/hostname.new" "$run/hostname"
}

refuse() {
	note refused "$answer" "this machine is $known"
	echo "<3>clusterproof (emulation): the metadata service calls this machine $answer, but it is $known: not started" >&2
	exit 1
}

establish() {
	known=$(cat "$state/hostname" 2>/dev/null || true)
	note asking '' "mode $mode"
	deadline=$((asking_since + patience_ms))
	# However little patience there is, one answer is waited for.
	soonest=$(($(now_ms) + answer_limit_ms / 2))
	[ "$deadline" -gt "$soonest" ] || deadline=$soonest
	if [ "$mode" = wait-for-metadata ] && [ -z "$known" ]; then
		ask_for_ever
	elif ! ask_until "$deadline"; then
		if [ -n "$known" ]; then
			take "$known" known named 'no answer, the name of the boot before'
		else
			take "$(made_up)" made-up named 'no answer, made up from the machine ID'
		fi
		return
	elif [ "$mode" = wait-for-metadata ] && [ "$answer" != "$known" ]; then
		refuse
	fi
	take "$answer" metadata named 'the answer of the metadata service'
}

# As Talos: the kubelet starts anew under the new name, and asks for a certificate for it where it has what that takes.
# etcd goes on as it was started.
rename() {
	current=$(hostname)
	ask_for_ever
	if [ "$answer" = "$current" ]; then
		note confirmed "$answer" ''
		return
	fi
	if [ -e "$etc/kubernetes/bootstrap-kubelet.conf" ]; then
		rm -rf "$kubelet/pki" "$etc/kubernetes/kubelet.conf"
	fi
	take "$answer" metadata renamed "it was $current"
	if systemctl is-active --quiet kubelet.service; then
		note kubelet-restart "$answer" ''
		systemctl restart kubelet.service
	fi
}

mkdir -p "$state" "$run"
# Epoch milliseconds of this boot's first question. Counted from the start of PID 1 it would depend on how long a busy host
# takes to boot a machine whether a service that is late is too late.
[ "$1" != establish ] || now_ms >"$run/asking-since"
asking_since=$(cat "$run/asking-since")
ip route replace 169.254.169.254/32 dev eth0
case $1 in
establish) establish ;;
rename) rename ;;
esac
