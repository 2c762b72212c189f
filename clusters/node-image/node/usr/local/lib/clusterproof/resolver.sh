# shellcheck shell=sh
# Names for pods. The engine's resolver is at 127.0.0.11, which in a pod would be the pod itself, and CoreDNS ends when
# it finds such a loop. So the node's own address answers for it: kube-proxy and other pods of the host's network find
# the control plane by its name there, and CoreDNS has an upstream.

# offer_resolver ADDRESS: pods ask ADDRESS, and the question reaches the resolver that the engine gave this node.
offer_resolver() {
	awk '$1 == "nameserver" && $2 !~ /^127\./' /etc/resolv.conf >/kind/resolv.conf
	[ ! -s /kind/resolv.conf ] || return 0
	echo "nameserver $1" >/kind/resolv.conf
	rules="$(resolver_port "$1" udp) $(resolver_port "$1" tcp)"
	if [ "$rules" = " " ]; then
		log "the engine's resolver is not to be found: pods cannot look up names outside the cluster"
		return
	fi
	# A packet that comes from a pod may go to a loopback address.
	echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet
	nft -f - <<-RULES
		table ip node-resolver
		delete table ip node-resolver
		table ip node-resolver {
			chain from-node { type nat hook output priority dstnat - 10; $rules }
			chain from-pods { type nat hook prerouting priority dstnat - 10; $rules }
		}
	RULES
}

# resolver_port ADDRESS PROTOCOL: the rule that leads to the port which the engine's own rules name. Those are of either
# kind of iptables; the legacy one is asked second, because asking creates its tables.
resolver_port() {
	for kind in nft legacy; do
		rule=$("iptables-$kind-save" -t nat 2>/dev/null | sed -n "s/^-A DOCKER_OUTPUT .*-p $2 .*--to-destination \\(127[0-9.]*:[0-9]*\\).*/ip daddr $1 $2 dport 53 dnat to \\1;/p" | head -n 1)
		[ -z "$rule" ] || { echo "$rule" && return; }
	done
}
