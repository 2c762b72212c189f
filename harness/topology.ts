import { z } from 'zod'

import { messageOf } from './error-message.ts'
import { parseDuration } from './duration.ts'

export const roles = ['control-plane', 'etcd', 'worker'] as const
export type Role = (typeof roles)[number]

/** Providers that this version can build clusters with. */
export const providers = ['kind', 'kubeadm', 'k3s', 'existing'] as const

/**
 * How a machine comes to its host name. `static`: it has it from the start. The two others emulate a cloud whose
 * metadata service knows the name: `wait-for-metadata` boots no further until it has answered, `fallback-name` waits
 * for `fallbackAfter`, makes a name up, and takes the real one when it comes.
 */
export const bootModes = ['static', 'wait-for-metadata', 'fallback-name'] as const
export type BootMode = (typeof bootModes)[number]

/** What can enforce NetworkPolicy. */
export const networkPolicies = ['none', 'kube-router'] as const

const duration = z.string().superRefine((text, context) => {
  try {
    parseDuration(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) })
  }
})

/** A DNS label: it becomes a container name, a host name and a Node's name. */
const labelPattern = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/
const labelMistake = 'must be lower-case letters, digits and dashes, at most 40 of them'
const dnsLabel = z.string().regex(labelPattern, labelMistake)

/** A Node's name as the API allows it (DNS subdomain): `existing` takes the names that are there. */
const nodeName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, labelMistake)

const command = z.array(z.string().min(1)).min(1).readonly()

const nodeSchema = z.strictObject({
  /** A label as above, unless the provider is `existing`. */
  name: nodeName,
  roles: z.array(z.enum(roles)).min(1).readonly(),
  /** `existing` only: what runs a command on the machine, such as `[ssh, root@worker-1]`; the command is added to it. */
  command: command.optional(),
  /** `existing` only: what switches the machine on, shuts it down in order, and cuts its power. */
  power: z.strictObject({ on: command, off: command, cut: command }).optional(),
  /** Nodes that must be started before this one when the whole cluster is switched on. */
  after: z.array(z.string()).readonly().default([]),
})

/** Flags by their names, without dashes. They become words of a command line, and lines of a unit file. */
const flags = z
  .record(z.string(), z.string().regex(/^\P{Cc}*$/u, 'must have no control characters, such as a new line'))
  .superRefine((given, context) => {
    for (const name of Object.keys(given)) {
      if (/^-*[A-Za-z0-9][\w.-]*$/.test(name)) continue
      context.addIssue({ code: 'custom', path: [name], message: 'must be the name of a flag, without its dashes' })
    }
  })

const extraArgs = z.strictObject({ extraArgs: flags })

const objectivesSchema = z.strictObject({
  /** Every DaemonSet pod of a node is Ready this long after the node. */
  daemonSetRecovery: duration.default('60s'),
  /** A node is Ready this long after it was switched on. */
  nodeBoot: duration.default('60s'),
  /** The longest a Service may leave every request unanswered while one of its two nodes is lost. */
  serviceGap: duration.default('10s'),
})

/** The certificate authority of an external etcd, as PEM files. */
const authoritySchema = z.strictObject({ certificate: z.string().min(1), key: z.string().min(1) })

const identitySchema = z.strictObject({
  boot: z.enum(bootModes).default('static'),
  /** `fallback-name`: how long a machine asks for its name before it makes one up. */
  fallbackAfter: duration.default('3s'),
  /** How long after a machine's first question the metadata service answers it. */
  metadataAfter: duration.default('0s'),
})

const baseSchema = z.strictObject({
  name: dnsLabel,
  provider: z.enum(providers),
  /** Minor version of Kubernetes, quoted in YAML: "1.34". */
  kubernetes: z
    .string('must be a minor version in quotes, such as "1.34"')
    .regex(/^1\.\d+$/, 'must be a minor version in quotes, such as "1.34"')
    .default('1.34'),
  /** As many as Kubernetes takes. */
  nodes: z.array(nodeSchema).min(1).max(5_000).readonly(),
  network: z
    .strictObject({
      /** `closed`: nothing that a node sends leaves the cluster's own network. */
      egress: z.enum(['closed', 'open']).default('closed'),
      /** What enforces NetworkPolicy; default: nothing does, but with `k3s` its own kube-router. */
      policy: z.enum(networkPolicies).optional(),
      /** Port of the API server on the host's loopback; left out: any that is free. */
      apiPort: z.number().int().min(1).max(65_535).optional(),
    })
    .prefault({}),
  /** An image to use instead of the one that belongs to `kubernetes`. */
  nodeImage: z.string().min(1).optional(),
  /** Fields of KubeletConfiguration; they go over the suite's defaults. */
  kubelet: z.record(z.string(), z.unknown()).default({}),
  /** Patches of kubeadm's configuration documents, each with its `kind`. */
  kubeadmPatches: z.array(z.looseObject({ kind: z.string() })).default([]),
  components: z
    .strictObject({
      apiServer: extraArgs.optional(),
      controllerManager: extraArgs.optional(),
      scheduler: extraArgs.optional(),
      etcd: extraArgs.optional(),
    })
    .prefault({}),
  objectives: objectivesSchema.prefault({}),
  /** `kubeadm` only: what etcd-only nodes are given; left out: a certificate authority made for this cluster. */
  etcd: z.strictObject({ authority: authoritySchema.optional() }).prefault({}),
  identity: identitySchema.prefault({}),
  /** `k3s` only. */
  k3s: z
    .strictObject({
      /** Every server and agent serves its images to its neighbours: `--embedded-registry`. */
      embeddedRegistry: z.boolean().default(false),
      /** Content of `/etc/rancher/k3s/registries.yaml`. */
      registries: z.record(z.string(), z.unknown()).optional(),
      /** Further flags of `k3s server`, without their dashes. */
      serverArgs: flags.default({}),
    })
    .prefault({}),
  /** `existing` only: the kubeconfig whose current context is the cluster. */
  kubeconfig: z.string().min(1).optional(),
})

export const definitionSchema = baseSchema
  .superRefine((definition, context) => {
    for (const issue of [...unusableNames(definition), ...structuralIssues(definition.nodes)]) {
      context.addIssue({ code: 'custom', path: ['nodes', ...issue.path], message: issue.message })
    }
    for (const { path, message } of unreadableDurations(definition)) {
      context.addIssue({ code: 'custom', path: [...path], message })
    }
  })
  .transform(({ network, ...definition }) => {
    const { policy = definition.provider === 'k3s' ? 'kube-router' : 'none' } = network
    return { ...definition, network: { ...network, policy } }
  })

/** What is tested, as data. */
export type ClusterDefinition = z.infer<typeof definitionSchema>
/** What a definition file holds: everything that has a default may be left out. */
export type ClusterDefinitionInput = z.input<typeof definitionSchema>
export type NodeDefinition = z.infer<typeof nodeSchema>

/**
 * A definition out of an object.
 * @throws {z.ZodError} where it is not one
 */
export function defineCluster(input: ClusterDefinitionInput): ClusterDefinition {
  return definitionSchema.parse(input)
}

interface StructuralIssue {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** The names that no machine can be made with. */
function unusableNames({ provider, nodes }: z.infer<typeof baseSchema>): StructuralIssue[] {
  if (provider === 'existing') return []
  return nodes.flatMap(({ name }, index) =>
    labelPattern.test(name) ? [] : [{ path: [index, 'name'], message: labelMistake }],
  )
}

/** Durations among what is handed on to components as it is: budgets are made of these. */
function unreadableDurations({ kubelet, components }: z.infer<typeof baseSchema>): StructuralIssue[] {
  const grace = kubelet['shutdownGracePeriod']
  const flag = 'node-monitor-grace-period'
  const monitor = components.controllerManager?.extraArgs[flag]
  return [
    ...(typeof grace === 'string' && grace !== '0' ? unreadable(['kubelet', 'shutdownGracePeriod'], grace) : []),
    ...(monitor === undefined ? [] : unreadable(['components', 'controllerManager', 'extraArgs', flag], monitor)),
  ]
}

function unreadable(path: readonly string[], text: string): StructuralIssue[] {
  return duration.safeParse(text).error?.issues.map(({ message }) => ({ path, message })) ?? []
}

/** What is wrong among the nodes that no field shows alone. */
function structuralIssues(nodes: readonly NodeDefinition[]): StructuralIssue[] {
  const issues: StructuralIssue[] = []
  const names = new Set(nodes.map(({ name }) => name))
  const owners = new Map<string, number>()
  nodes.forEach((node, index) => {
    const owner = owners.get(node.name)
    if (owner === undefined) owners.set(node.name, index)
    else issues.push({ path: [index, 'name'], message: `the name ${node.name} is taken by node ${owner + 1}` })
    for (const [position, earlier] of node.after.entries()) {
      if (!names.has(earlier)) {
        issues.push({ path: [index, 'after', position], message: `there is no node ${earlier}` })
      }
    }
  })
  if (!nodes.some((node) => node.roles.includes('control-plane'))) {
    issues.push({ path: [], message: 'no node has the role control-plane: a cluster needs at least one' })
  }
  if (startOrder(nodes) === null) {
    issues.push({ path: [], message: `the nodes wait for each other: ${cycle(nodes).join(' after ')}` })
  }
  return issues
}

type Startable = Pick<NodeDefinition, 'name' | 'after'>

/** Groups of nodes in the order in which they may be started; null where `after` goes round in a circle. */
export function startOrder(nodes: readonly Startable[]): readonly (readonly string[])[] | null {
  const { groups, stuck } = startUp(nodes)
  return stuck.length === 0 ? groups : null
}

/** The order as far as it goes, and the nodes that wait for each other, or for one that does, for ever. */
function startUp(nodes: readonly Startable[]): { groups: string[][]; stuck: readonly Startable[] } {
  const groups: string[][] = []
  const started = new Set<string>()
  const known = new Set(nodes.map(({ name }) => name))
  let waiting = [...nodes]
  while (waiting.length > 0) {
    const ready = waiting.filter(({ after }) => after.every((name) => started.has(name) || !known.has(name)))
    if (ready.length === 0) break
    groups.push(ready.map(({ name }) => name))
    for (const { name } of ready) started.add(name)
    waiting = waiting.filter(({ name }) => !started.has(name))
  }
  return { groups, stuck: waiting }
}

/** The names along one circle, the first one again at its end. */
function cycle(nodes: readonly Startable[]): readonly string[] {
  const seen: string[] = []
  // A stuck node waits for another stuck one: following those, some node is met again.
  const { stuck } = startUp(nodes)
  let current = stuck[0]
  while (current !== undefined && !seen.includes(current.name)) {
    seen.push(current.name)
    const { after } = current
    current = stuck.find((node) => after.includes(node.name))
  }
  return current === undefined ? seen : [...seen.slice(seen.indexOf(current.name)), current.name]
}

/** What a definition may do but should not. */
export function warnings(definition: ClusterDefinition): string[] {
  const members = etcdNodes(definition.nodes).length
  return members % 2 === 0
    ? [
        `${definition.name}: ${members} etcd members tolerate no more failures than ${members - 1}, and one more ` +
          'can fail; use an odd number',
      ]
    : []
}

type WithRoles = Pick<NodeDefinition, 'roles'>

/** A machine that runs etcd and nothing of Kubernetes. */
export function etcdOnly({ roles: has }: WithRoles): boolean {
  return has.length === 1 && has[0] === 'etcd'
}

/** A machine that has a kubelet, and so a Node object. */
export function isKubernetesNode(node: WithRoles): boolean {
  return !etcdOnly(node)
}

/** The machines with a member: those with the role etcd where any is there for it alone, else every control plane. */
export function etcdNodes<T extends WithRoles>(nodes: readonly T[]): T[] {
  return nodes.filter((node) => node.roles.includes(nodes.some(etcdOnly) ? 'etcd' : 'control-plane'))
}
