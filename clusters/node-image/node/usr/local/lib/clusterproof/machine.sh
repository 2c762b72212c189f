# shellcheck shell=sh
# What makes the container a machine: mounts as systemd wants them, and an identity.

prepare_mounts() {
	# systemd in a container expects /sys read-only; pods' volumes need shared mounts.
	mount -o remount,ro /sys || log "/sys stays writable"
	mount --make-rshared /
}

# The machine's ID and product UUID are made once, so that a reboot does not make another machine.
give_identity() {
	if [ ! -s /etc/machine-id ]; then
		tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
	fi
	[ -s /kind/product_uuid ] || cat /proc/sys/kernel/random/uuid >/kind/product_uuid
	for name in product_name product_uuid; do
		for folder in /sys/class/dmi/id /sys/devices/virtual/dmi/id; do
			if [ -e $folder/$name ]; then
				mount -o ro,bind /kind/$name $folder/$name || log "$folder/$name stays the host's"
			fi
		done
	done
}
