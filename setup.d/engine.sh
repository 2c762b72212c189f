# A Docker engine that answers. Read by ../setup.
# shellcheck shell=sh disable=SC2154

provide_engine() {
	step_started=$(now_ms)
	if engine_answers; then
		echo "engine: Docker $engine_version answers $(took "$step_started")"
		return
	fi
	refuse_to_touch_the_engine
	engine_suits || install_engine
	engine_answers || start_engine
	echo "engine: Docker $engine_version was started and answers $(took "$step_started")"
}

# An engine that is well answers in 20 ms; one that hangs never does.
engine_answers() {
	engine_version=$(limited 15 docker version --format '{{.Server.Version}}' 2>"$logs/docker.log" </dev/null) &&
		[ -n "$engine_version" ]
}

# Where an engine is not this script's to install or start, says whose it is.
refuse_to_touch_the_engine() {
	if grep -qi 'permission denied' "$logs/docker.log"; then
		fail 3 "this user may not speak to the Docker engine" \
			"sudo usermod -aG docker \"\$USER\", then log in again and run ./setup."
	fi
	case ${DOCKER_HOST:-} in
	'' | unix:///var/run/docker.sock | unix:///run/docker.sock) ;;
	*) fail 3 "no Docker engine answers at $DOCKER_HOST (DOCKER_HOST)" \
		"Start that engine, or unset DOCKER_HOST and run ./setup again." ;;
	esac
	context=$(docker context inspect --format '{{.Name}}' 2>/dev/null) || context=${DOCKER_CONTEXT:-default}
	[ "$context" = default ] ||
		fail 3 "no Docker engine answers in the context $context" \
			"Start that engine, or choose another (docker context use default) and run ./setup again."
	[ "$(uname -s)" = Linux ] ||
		fail 3 "no Docker engine answers" "Install and start Docker Desktop, then run ./setup again."
	[ "$(id -u)" = 0 ] ||
		fail 3 "no Docker engine answers, and only root can install or start one" \
			"sudo apt-get install docker.io && sudo usermod -aG docker \"\$USER\" (or your system's way), log in again, run ./setup."
}

# Whether the engine that is installed is worth starting.
engine_suits() {
	command -v dockerd >/dev/null || return 1
	root_may_raise_limits && return
	# 20.10 asks for every capability there is; later engines for those that root has.
	at_least "$(dockerd --version | sed 's/[^0-9]*\([0-9.]*\).*/\1/')" 23.0
}

# CAP_SYS_RESOURCE, number 24. Containers and small virtual machines often run without it.
root_may_raise_limits() {
	capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
	[ $((0x$capabilities >> 24 & 1)) = 1 ]
}

start_engine() {
	if [ -d /run/systemd/system ]; then
		echo "engine: starting docker.service"
		logged systemctl systemctl start docker ||
			fail 3 "systemd did not start the Docker engine" "journalctl -u docker says why."
		wait_for_engine "" "journalctl -u docker"
	else
		echo "engine: starting dockerd (its log: $logs/dockerd.log)"
		# Lives on after this process and its terminal, and must not keep the lock (9).
		setsid nohup dockerd >"$logs/dockerd.log" 2>&1 </dev/null 9>&- &
		wait_for_engine $! "tail $logs/dockerd.log"
	fi
}

# A first start took 1 to 4 s where this was measured; a disk full of containers makes it longer.
wait_for_engine() { # PID-OR-NOTHING COMMAND-THAT-SAYS-WHY
	deadline=$(($(now_ms) + 60000))
	until engine_answers; do
		if [ -n "$1" ] && ! kill -0 "$1" 2>/dev/null && ! engine_answers; then
			tail -n 5 "$logs/dockerd.log" | sed 's/^/    /' >&2
			fail 3 "the Docker engine ended right after its start" "$2"
		fi
		[ "$(now_ms)" -lt "$deadline" ] ||
			fail 3 "the Docker engine did not answer within 60 s of its start" "$2"
		sleep 0.1
	done
}
