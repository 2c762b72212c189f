import type { MachineFile } from '../../nodes/machine-container.ts'
import { logFile } from './paths.ts'

/**
 * Programs that probes and bundles call on machines and that the image does not have: it has busybox, whose wget speaks
 * no TLS, and k3s itself. An image that has them keeps its own.
 */
export function toolFiles(): MachineFile[] {
  const tools = { curl, bash, journalctl }
  return Object.entries(tools).map(([name, content]) => ({
    // The last folder of the image's PATH.
    path: `/bin/aux/${name}`,
    content,
    mode: 0o755,
  }))
}

/**
 * curl as harness/probes/http-on-node.ts and harness/workloads/service-traffic.ts call it. kubectl gives no status but
 * says which error it was; with a client's certificate it asks as that client, else as the cluster's admin.
 * Source of etcd's port: k3s-io/k3s pkg/etcd/etcd.go, listenClientHTTPURLs.
 */
const curl = `#!/bin/sh
data= limit=2 output= report= tls=
while [ $# -gt 0 ]; do
	case $1 in
	--silent | --insecure) shift ;;
	--max-time) limit=$2 && shift 2 ;;
	--output) output=$2 && shift 2 ;;
	--write-out) report=yes && shift 2 ;;
	--data) data=$2 && shift 2 ;;
	--cacert) tls="$tls --certificate-authority=$2" && shift 2 ;;
	--cert) tls="$tls --client-certificate=$2" && shift 2 ;;
	--key) tls="$tls --client-key=$2" && shift 2 ;;
	-*) echo "curl: this one does not know $1" >&2 && exit 2 ;;
	*) break ;;
	esac
done
# The admin's kubeconfig must not stand in for the client that was asked for.
[ -z "$tls" ] || export KUBECONFIG=/dev/null
said=$(mktemp)
trap 'rm -f "$said"' EXIT

ask() {
	server=$1
	path=/\${server#*://*/}
	server=\${server%"$path"}
	# k3s keeps etcd's client port for gRPC, and has its JSON gateway beside it.
	[ "$server" != https://127.0.0.1:2379 ] || server=https://127.0.0.1:2382
	case $server in
	http:*) wget -q -T "$limit" -O - "$1" ;;
	*)
		# shellcheck disable=SC2086 # words on purpose: paths hold no blanks
		set -- kubectl $tls --server="$server" --request-timeout="\${limit}s"
		if [ -n "$data" ]; then
			printf %s "$data" | "$@" create --raw "$path" -f -
		else
			"$@" get --raw "$path"
		fi
		;;
	esac
}

failed=0
for url; do
	status=200
	if ! body=$(ask "$url" 2>"$said"); then
		failed=22
		status=$(sed -n 's/.*HTTP\\/[0-9.]* \\([0-9][0-9][0-9]\\).*/\\1/p' "$said" | head -n 1)
		[ -n "$status" ] || case $(cat "$said") in
		*'Error from server (NotFound)'*) status=404 ;;
		*'Error from server (Forbidden)'*) status=403 ;;
		*Unauthorized*) status=401 ;;
		*'Error from server'*) status=503 ;;
		*) status=000 failed=7 ;;
		esac
	fi
	if [ -n "$output" ]; then printf %s "$body" >"$output"; else printf %s "$body"; fi
	[ -z "$report" ] || printf '\\n%s %s\\n' "$status" "$(tr '\\n' ' ' <"$said")"
done
exit "$failed"
`

/** Scripts for machines keep to what every shell has. */
const bash = `#!/bin/sh
exec sh "$@"
`

/** k3s is everything that has a log here, whichever unit is asked for. */
const journalctl = `#!/bin/sh
exec tail -n 3000 ${logFile}
`
