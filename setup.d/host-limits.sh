# What the kernel gives to all nodes together. Read by ../setup.
# shellcheck shell=sh

# All containers' root is one user to the kernel. A node holds about a dozen inotify instances (76 were counted in six
# nodes); past the kernel's default of 128 its programs fail with "too many open files", and kind hangs (a known issue).
fewest_inotify_instances=1024

raise_host_limits() {
	# Where there is no such setting, on macOS, the engine's machine is not this one.
	had=$(inotify_instances) || return 0
	[ "$had" -lt $fewest_inotify_instances ] || return 0
	wanted=fs.inotify.max_user_instances=$fewest_inotify_instances
	# Not every root may, and whether it did is seen only from the setting.
	[ "$(id -u)" != 0 ] || host_sysctl -w "$wanted" >/dev/null 2>&1 || true
	if [ "$(inotify_instances)" != "$had" ]; then
		echo "host: fs.inotify.max_user_instances is $fewest_inotify_instances until the next boot; it was $had"
	else
		echo "host: warning: fs.inotify.max_user_instances is $had; with several clusters nodes fail with \"too many open files\": sudo sysctl -w $wanted"
	fi
}

inotify_instances() {
	host_sysctl -n fs.inotify.max_user_instances 2>/dev/null
}

# Debian's sysctl is not on the PATH of users other than root.
host_sysctl() {
	PATH="$PATH:/usr/sbin:/sbin" sysctl "$@"
}
