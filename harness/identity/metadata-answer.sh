#!/bin/sh
# Emulates a cloud's metadata service: answers one request, read on the standard input, as socat hands it over. Who asks
# is known by the address alone. What is answered is read anew each time, so that it can be changed while machines boot.
set -u
home=${METADATA_HOME:-/etc/clusterproof/metadata}
asker=${SOCAT_PEERADDR:-}
case $asker in '' | *[!0-9.]*) exit 0 ;; esac
return=$(printf '\r')

is_number() { case $1 in '' | *[!0-9]*) return 1 ;; esac; }

# The kind of answer for this machine, and its value: its own, else everyone's.
read_behaviour() {
	kind=answers value='' bound=''
	for file in "$home/behaviours/$asker" "$home/behaviours/all"; do
		[ ! -f "$file" ] || { read -r kind value bound <"$file" && return; }
	done
}

# The machine says with its request since when it asks; a request without that is of the same boot as the last with.
read_headers() {
	while IFS= read -r line; do
		line=${line%"$return"}
		case $line in
		'') return ;;
		[Xx]-[Cc]lusterproof-[Aa]sking-[Ss]ince:*)
			asking_since=${line#*:}
			asking_since=${asking_since# }
			if is_number "$asking_since"; then
				mkdir -p "$home/asking-since"
				echo "$asking_since" >"$home/asking-since/$asker"
			fi
			;;
		esac
	done
}

# Epoch milliseconds before which this machine has no answer; 0: it has one.
first_answer() {
	case $value in
	until) echo "$bound" ;;
	after)
		asking_since=$(cat "$home/asking-since/$asker" 2>/dev/null)
		if is_number "$asking_since"; then echo $((asking_since + bound)); else echo $((at + 1)); fi
		;;
	esac
}

instance_id() {
	IFS=.
	# shellcheck disable=SC2086 # the four numbers of the address
	set -- $asker
	echo $(((($1 * 256 + $2) * 256 + $3) * 256 + $4))
}

# log STATUS BODY DELAY: a line as soon as it is decided, so that there is one even where the machine does not wait.
log() {
	printf '{"at":%s,"address":"%s","path":"%s","status":%s,"body":"%s","delayMs":%s}\n' \
		"$at" "$asker" "$path" "$1" "$2" "$3" >>"$home/requests.jsonl"
}

# answer STATUS REASON BODY [DELAY]
answer() {
	log "$1" "$3" "${4:-0}"
	[ -z "${4:-}" ] || sleep "$(($4 / 1000)).$(printf %03d $(($4 % 1000)))"
	printf 'HTTP/1.1 %s %s\r\nServer: clusterproof-metadata-emulation\r\nConnection: close\r\n' "$1" "$2"
	[ "$1" = 204 ] || printf 'Content-Type: text/plain\r\nContent-Length: %s\r\n' "${#3}"
	printf '\r\n%s' "$3"
	exit
}

silence() {
	log null '' 0
	exit
}

read -r _ path _ || exit 0
at=$(date +%s%3N)
path=$(printf %s "$path" | tr -cd 'A-Za-z0-9/._-')
read_headers
read_behaviour
name=$(cat "$home/hostnames/$asker" 2>/dev/null)
delay=
case $kind in
gone) silence ;;
late) [ "$at" -ge "$(first_answer)" ] || silence ;;
status)
	case $value in
	204) answer 204 'No Content' '' ;;
	404) answer 404 'Not Found' 'not found' ;;
	*) answer 500 'Internal Server Error' 'internal error' ;;
	esac
	;;
slow) delay=$value ;;
renamed) name=$value ;;
esac
[ -n "$name" ] || answer 404 'Not Found' 'not found'
case $path in
/hetzner/v1/metadata/hostname) answer 200 OK "$name" "$delay" ;;
/hetzner/v1/metadata/instance-id) answer 200 OK "$(instance_id)" "$delay" ;;
*) answer 404 'Not Found' 'not found' "$delay" ;;
esac
