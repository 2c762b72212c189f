import { budget } from '../../harness/budgets/budget.ts'
import { eventually } from '../../harness/eventually.ts'
import { waitContext } from '../../harness/faults/wait-context.ts'
import type { Journal, JournalRecord } from '../../harness/journal.ts'
import { ContainerNode } from '../../harness/nodes/container-node.ts'
import { waitOnNode } from '../../harness/nodes/wait-on-node.ts'
import { kindNodeNames } from '../../harness/providers/kind-config.ts'
import { type ClusterDefinition, isKubernetesNode } from '../../harness/topology.ts'

/** CoreDNS' Service: the tenth address of the range that kind and kubeadm are given alike. */
const dnsService = '10.96.0.10'

/** A question for the address of kubernetes.default.svc.cluster.local as RFC 1035 has it over TCP, for printf. */
const question =
  String.raw`\0\66\253\315\1\0\0\1\0\0\0\0\0\0` + String.raw`\12kubernetes\7default\3svc\7cluster\5local\0\0\1\0\1`

/** Length, id, flags, one question, number of answers: no error, and not 0 of them. Node images have no dig. */
const asks =
  `exec 3<>/dev/tcp/${dnsService}/53; printf '${question}' >&3; ` +
  `case $(head -c 10 <&3 | od -An -v -tx1 | tr -d ' \\n') in ` +
  '????abcd8??000010000) false;; ????abcd8??00001*) true;; *) false;; esac'

/** Before kube-proxy knows of the Service nobody refuses the connection: each try is given up soon. */
const answers = `timeout 0.5 bash -c "${asks.replaceAll(/[\\$]/g, String.raw`\$&`)}"`

const dnsAnswers = budget({
  name: 'CoreDNS answers',
  ms: 120_000,
  source: 'bench: as long as kubeadm gives a component',
})

/**
 * Waits beside a start that its journal tells of until all nodes are Ready and CoreDNS answers, and writes that down as
 * `answering`. It costs nothing until CoreDNS is Ready.
 */
export async function noteAnswering(
  journal: Journal,
  definition: ClusterDefinition,
  signal: AbortSignal,
): Promise<JournalRecord> {
  const cluster = await readiness(journal, definition.nodes.filter(isKubernetesNode).length, signal)
  return await askDns(journal, cluster, firstControlPlane(cluster, definition), signal)
}

/** Waits until CoreDNS answers through its Service, asked on this machine. */
export async function askDns(
  journal: Journal,
  cluster: string,
  machine: string,
  signal?: AbortSignal,
): Promise<JournalRecord> {
  const node = new ContainerNode(machine, ['control-plane'])
  await eventually(waitContext({ journal }), `CoreDNS of ${cluster} answers`, {
    probe: () => waitOnNode(node, answers),
    // Whoever ended this has ended the cluster too.
    until: (answered) => answered || signal?.aborted === true,
    within: dnsAnswers,
  })
  signal?.throwIfAborted()
  return journal.append('cluster', 'answering', cluster)
}

/** Resolves with the cluster's name once the journal has seen so many nodes Ready at a time, and CoreDNS. */
function readiness(journal: Journal, nodes: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const seen = new Seen(nodes)
    const subscription = journal.subscribe((record) => {
      if (!seen.take(record)) return
      subscription[Symbol.dispose]()
      resolve(seen.cluster)
    })
    signal.addEventListener(
      'abort',
      () => {
        subscription[Symbol.dispose]()
        reject(signal.reason as Error)
      },
      { once: true },
    )
  })
}

/** What the journal has shown of a cluster that starts. */
export class Seen {
  readonly #wanted: number
  readonly #ready = new Set<string>()
  /** Its name; empty: nothing was begun. */
  cluster = ''

  constructor(nodes: number) {
    this.#wanted = nodes
  }

  /** Returns whether all nodes are Ready now, and a pod of CoreDNS. */
  take({ source, kind, subject, data }: JournalRecord): boolean {
    if (source === 'cluster' && kind === 'creating') this.cluster = subject
    const ofInterest = subject.startsWith('node/') || subject.startsWith('pod/kube-system/coredns-')
    if (source !== 'api-watch' || !ofInterest) return false
    if (kind !== 'DELETED' && saysReady(data)) this.#ready.add(subject)
    else this.#ready.delete(subject)
    const nodes = [...this.#ready].filter((each) => each.startsWith('node/')).length
    return nodes >= this.#wanted && nodes < this.#ready.size
  }
}

export function saysReady(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'ready' in data && data.ready === true
}

/** The container of the first control plane. */
export function firstControlPlane(cluster: string, { provider, nodes }: ClusterDefinition): string {
  const index = nodes.findIndex(({ roles }) => roles.includes('control-plane'))
  const names = provider === 'kind' ? kindNodeNames(cluster, nodes) : nodes.map(({ name }) => `${cluster}-${name}`)
  return names[index] ?? ''
}
