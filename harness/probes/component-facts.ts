import type { ClusterNode } from '../nodes/node.ts'
import { type Validity, validities } from './certificates.ts'
import { readSections, sinceBoot } from './sections.ts'

/** What a control plane says of one of its components, where the API cannot be asked. */
export interface ComponentFacts {
  /** Whether its manifest is where the kubelet looks for static pods. */
  readonly manifest: boolean
  /** Every certificate that the control plane's components show each other. */
  readonly certificates: readonly Validity[]
  /** What containerd and the kernel say of a container that was ended for its memory since the boot; empty: of none. */
  readonly killed: string
  /** Lines of its last container's log that speak of an error. */
  readonly errors: string
}

/** Keys are in neither: of kubeconfigs only the certificate is read. */
const script = String.raw`
section manifest
[ -f "/etc/kubernetes/manifests/$1.yaml" ] && echo there
section certificates
for file in /etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt; do
  [ -f "$file" ] && printf '\n-- %s\n' "$file" && sed -n '/BEGIN CERT/,/END CERT/p' "$file"
done
for file in /etc/kubernetes/*.conf; do
  [ -f "$file" ] && printf '\n-- %s\n' "$file" && sed -n 's/^ *client-certificate-data: *//p' "$file" | base64 -d
done
section killed
journalctl --unit containerd --since "${sinceBoot}" --output cat --no-pager | grep -F TaskOOM | tail -n 1
dmesg | awk -v started="$(awk '{ print $22 / 100 }' /proc/1/stat)" -v name="($(printf %.15s "$1"))" '
  index($0, "out of memory") && index($0, name) && substr($0, 2) + 0 > started { last = $0 }
  END { if (last != "") print last }'
section errors
log=$(ls -t /var/log/pods/kube-system_"$1"-*/"$1"/*.log 2>/dev/null | head -n 1)
[ -z "$log" ] || grep -aE 'Error: |unknown flag|is unknown|err="| F stderr' "$log" | tail -n 3
`

/** What the machine says of that component; null: it does not answer. */
export async function componentFacts(
  node: Pick<ClusterNode, 'exec'>,
  component: string,
): Promise<ComponentFacts | null> {
  const sections = await readSections(node, script, { words: [component] })
  if (sections === null || !sections.has('manifest')) return null
  return {
    manifest: sections.get('manifest') === 'there',
    certificates: validities(sections.get('certificates') ?? ''),
    killed: sections.get('killed') ?? '',
    errors: sections.get('errors') ?? '',
  }
}
