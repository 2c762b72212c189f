import { type MachineFacts, starved } from '../probes/machine-facts.ts'
import { invalidCertificates } from '../probes/certificates.ts'
import type { Diagnosis } from '../verdict.ts'
import { diagnosis } from './catalog.ts'

/**
 * Why a machine's Node is not Ready, from the bottom up; null: nothing that is known. A kubelet that systemd does not run
 * is its own explanation.
 * @param message of the Node's condition Ready, in the kubelet's words
 * @param now milliseconds since the epoch
 */
export function explainMachine(node: string, facts: MachineFacts, message: string, now: number): Diagnosis | null {
  if (facts.kubelet === '' || facts.kubelet.startsWith('inactive')) return null
  if (facts.throttled > starved) {
    const share = Math.round(facts.throttled * 100)
    return diagnosis('machine.cpu-starved', `${node} had used up its processor time in ${share} % of all periods`)
  }
  return (
    runtimeDown(node, facts) ??
    kubeletEnds(node, facts, now) ??
    certificateInvalid(node, facts, now) ??
    kubeletSilent(node, facts) ??
    wayToApi(node, facts) ??
    notTrusted(node, facts) ??
    networkMissing(node, message)
  )
}

function runtimeDown(node: string, { containerd, runtimeAnswers }: MachineFacts): Diagnosis | null {
  if (containerd === 'active' && runtimeAnswers) return null
  const how = containerd === 'active' ? 'active, and answers nobody' : containerd
  return diagnosis('machine.runtime-down', `containerd of ${node} is ${how}`)
}

const configurationWords = /failed to (?:load kubelet config|decode)|invalid configuration|unknown (?:field|flag)/i
const memoryWords = /out of memory|cannot allocate memory|failed to reserve/i

/** A kubelet may have to be started again once or twice until what it needs is there. */
const someRestarts = 2

/** A kubelet that systemd starts again and again. */
function kubeletEnds(node: string, facts: MachineFacts, now: number): Diagnosis | null {
  const { kubelet, kubeletLog, kubeletRestarts, kubeletAnswers } = facts
  // Between two ends it is active for a moment.
  const again = kubeletRestarts > someRestarts && !kubeletAnswers
  if (kubelet.startsWith('active ') && !again) return null
  const invalid = certificateInvalid(node, facts, now)
  if (invalid !== null) return invalid
  const words = (pattern: RegExp) =>
    kubeletLog
      .split('\n')
      .findLast((line) => pattern.test(line))
      ?.trim()
  const configuration = words(configurationWords)
  if (configuration !== undefined)
    return diagnosis('machine.kubelet-misconfigured', `the kubelet of ${node} ends at its start: ${configuration}`)
  const memory = words(memoryWords)
  if (memory !== undefined) return diagnosis('machine.out-of-memory', `the kubelet of ${node} ends: ${memory}`)
  return null
}

function certificateInvalid(node: string, { certificates }: MachineFacts, now: number): Diagnosis | null {
  const invalid = invalidCertificates(certificates, now)
  // The file may hold those that came before too: one that is valid is enough.
  if (invalid.length < certificates.length || invalid.length === 0) return null
  return diagnosis('machine.certificate-expired', `on ${node} ${invalid.join('; ')}`)
}

function kubeletSilent(node: string, { kubelet, kubeletAnswers }: MachineFacts): Diagnosis | null {
  if (kubeletAnswers) return null
  if (kubelet.endsWith('start-pre'))
    return diagnosis('machine.kubelet-late', `what has to run before the kubelet of ${node} has not ended: ${kubelet}`)
  return diagnosis('machine.kubelet-hangs', `the kubelet of ${node} is ${kubelet}, and answers nobody`)
}

/** The way is open, and the kubelet does not take the API server for the one that it knows. */
function notTrusted(node: string, { kubeletLog }: MachineFacts): Diagnosis | null {
  const [words] = /x509: .*$/m.exec(kubeletLog) ?? []
  if (words === undefined) return null
  return diagnosis('machine.api-not-trusted', `the kubelet of ${node} says of the API server: ${words}`)
}

/** What becomes of the packets between the kubelet and its API server. */
function wayToApi(node: string, { server, attempts }: MachineFacts): Diagnosis | null {
  const count = (test: (attempt: MachineFacts['attempts'][number]) => boolean) => attempts.filter(test).length
  const all = attempts.length
  if (server === '' || all === 0) return null
  const connected = count((attempt) => attempt.connected)
  const greeted = count((attempt) => attempt.greeted)
  if (count(({ resolved }) => resolved) === 0)
    return diagnosis('machine.name-resolution', `${node} cannot look up the name in ${server}`)
  if (connected === 0)
    return diagnosis('machine.api-unreachable', `none of ${all} connections from ${node} to ${server} came about`)
  if (connected < all) {
    const how = `${connected} of ${all} connections from ${node} to ${server} came about within four seconds`
    return diagnosis('machine.packet-loss', `${how}, ${greeted} of them as far as TLS`)
  }
  if (greeted > 0) return null
  const how = `all of ${all} connections from ${node} to ${server} came about, and none as far as TLS`
  return diagnosis('machine.large-packets-lost', `${how}: small packets arrive, large ones do not`)
}

function networkMissing(node: string, message: string): Diagnosis | null {
  if (!/NetworkPluginNotReady|cni plugin not initialized|no network config/i.test(message)) return null
  return diagnosis('machine.network-unconfigured', `the kubelet of ${node} says: ${message}`)
}

/**
 * Why pods of a machine do not begin to run although its Node is Ready; null: nothing that is known.
 * @param events what the kubelet has said of them lately
 */
export function explainPods(node: string, facts: MachineFacts | null, events: readonly string[]): Diagnosis | null {
  const down = facts === null ? null : runtimeDown(node, facts)
  if (down !== null) return down
  const said = (pattern: RegExp) => events.find((event) => pattern.test(event))
  const full = said(/no space left on device|disk quota exceeded/i)
  if (full !== undefined) return diagnosis('machine.disk-full', `${node}: ${full}`)
  const image = facts?.sandboxImage
  if (image !== undefined && image.name !== '' && !image.there)
    return diagnosis(
      'recovery.image-missing',
      `no pod of ${node} begins to run: the image below every pod, ${image.name}, is not there`,
    )
  const plugin = said(/failed to find plugin|cni plugin not initialized|no network config/i) ?? missingPlugin(facts)
  if (plugin !== undefined) return diagnosis('machine.network-unconfigured', `${node}: ${plugin}`)
  const driver = said(/cgroupsPath|slice:prefix:name/i)
  const cgroups = facts?.cgroups
  const differ = cgroups !== undefined && cgroups.kubelet !== '' && cgroups.kubelet !== cgroups.containerd
  if (driver !== undefined || differ) {
    const which =
      cgroups === undefined ? '' : `the kubelet uses ${cgroups.kubelet}, containerd uses ${cgroups.containerd}`
    return diagnosis(
      'machine.cgroup-drivers-differ',
      `${node}: ${[which, driver].filter((text) => text !== undefined && text !== '').join('; ')}`,
    )
  }
  const sandbox = said(/Failed to create pod sandbox/i)
  return sandbox === undefined ? null : diagnosis('machine.sandbox-failed', `${node}: ${sandbox}`)
}

/**
 * A pod that was there before the boot has its old network taken down first: where that cannot be done, the kubelet says so
 * in its log, and in no event that is newer than the boot.
 */
function missingPlugin(facts: Pick<MachineFacts, 'kubeletLog'> | null): string | undefined {
  const [words] = /failed to find plugin [\\"]+[\w.-]+[\\"]+ in path/.exec(facts?.kubeletLog ?? '') ?? []
  return words?.replaceAll('\\', '')
}
