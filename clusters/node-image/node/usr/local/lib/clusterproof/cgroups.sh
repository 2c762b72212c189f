# shellcheck shell=sh
# kind's configuration makes /kubelet the root of all pods' cgroups: nodes on one host must not see each other's.

prepare_cgroups() {
	# kind waits for this line, or, on cgroup v2, for systemd's "Reached target Multi-User System".
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		log "detected cgroup v2"
		return
	fi
	drop_misc_controller
	mount --make-rprivate /sys/fs/cgroup
	findmnt --list --noheadings --output TARGET --types cgroup | while read -r hierarchy; do
		make_root_of_pods "$hierarchy/kubelet" "$hierarchy"
		make_root_of_pods "$hierarchy/kubelet.slice" "$hierarchy"
	done
	log "detected cgroup v1"
}

make_root_of_pods() {
	mkdir -p "$1"
	if [ -e "$2/cpuset.cpus" ]; then
		# An empty set takes no process.
		cat "$2/cpuset.cpus" >"$1/cpuset.cpus"
		cat "$2/cpuset.mems" >"$1/cpuset.mems"
	fi
	# Mounted onto itself, systemd does not tidy it away before the kubelet has used it.
	mountpoint -q "$1" || mount --bind "$1" "$1"
}

# The misc controller of cgroup v1 is known to systemd and not to runc: a container would be half in it.
drop_misc_controller() {
	if mountpoint -q /sys/fs/cgroup/misc; then
		umount /sys/fs/cgroup/misc || log "the misc controller stays mounted"
	fi
}
