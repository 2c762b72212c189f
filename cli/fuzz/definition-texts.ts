import fc from 'fast-check'
import { stringify } from 'yaml'

import { named } from '../../clusters/index.ts'
import type { ClusterDefinition } from '../../harness/topology.ts'
import { damaged, damages } from './damage.ts'

const withEverything = `name: "mine"
provider: existing
kubeconfig: ./admin.conf
kubernetes: '1.34'
nodes: &nodes
  - &cp { name: cp, roles: &roles [control-plane, etcd], command: [ssh, cp], power: { on: [a], off: [b], cut: [c] } }
  - name: worker-1 # the first
    roles: [worker]
    after: [cp]
network: { egress: open, policy: kube-router, apiPort: 6443 }
kubelet: { shutdownGracePeriod: 60s, maxPods: 1.1e2, text: "\\u00e9\\x41", folded: >-
    one
    two
  }
kubeadmPatches: [{ kind: ClusterConfiguration, metadata: { labels: {} } }]
components: { controllerManager: { extraArgs: { node-monitor-grace-period: 40s } } }
objectives: { daemonSetRecovery: 1m30s, nodeBoot: 0.5h }
etcd: { authority: { certificate: ca.crt, key: ca.key } }
identity: { boot: fallback-name, fallbackAfter: 3s }
k3s: { registries: { mirrors: { "*": null } }, serverArgs: { a: b } }
`

const bases: readonly ClusterDefinition[] = [...named.values()]
const texts = [
  withEverything,
  ...bases.flatMap((base) => [stringify(base), JSON.stringify(base), JSON.stringify(base, null, 2)]),
]

/** Pieces of YAML and of definitions, each of which has a meaning of its own somewhere. */
const pieces = [
  ['&a ', '*a', '*cp', '*nodes', '<<: ', '? ', '- ', '- - ', ': ', '{', '}', '[', ']', ',', '#', '\n', '\n  ', '\t'],
  ['|\n', '>-\n', '"', "'", '\\', '---\n', '...\n', '%YAML 1.1\n---\n', '%TAG ! x:\n---\n', '\r\n'],
  ['!!binary ', '!!set ', '!!omap ', '!!timestamp ', '!!map ', '!!str ', '!mine '],
  ['\u0000', '\u001b[2J', '\ufeff', '\u2028', '\ud800', '💥'],
  ['~', 'null', '.nan', '-.inf', '1e999', '-0', '0x7fffffffffffffff', '1_000', 'yes', '2001-12-14', '"1.34"', '1.34'],
  ['__proto__: ', 'constructor: ', 'toString: ', 'name: ', 'nodes: ', 'roles: ', 'after: [', 'kubelet: ', 'etcd: '],
  ['control-plane', 'worker', 'cp', '60s', '9'.repeat(400), '1'.repeat(5_000), 'a'.repeat(300), '1h'.repeat(500)],
].flat()

const edited = fc
  .record({ text: fc.constantFrom(...texts), damage: damages })
  .map(({ text, damage }) => damaged(Buffer.from(text), damage, pieces).toString('utf8'))

/** Pieces in a row: grammar without sense. */
const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((all) => all.join(''))

/** Values where no field expects them. */
const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, 0, -1, 1e308, true, [], {}, [[]], ['etcd'], { kind: 'x' }),
  fc.constantFrom('', 'kind', 'a\nb', '\u0000', '\u001b]0;x\u0007', '60s', '1.99999'),
  fc.constantFrom(`${'9'.repeat(500)}h`, '1'.repeat(5_000), 'x'.repeat(5_000)),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
)

const label = fc.constantFrom('cp', 'a', 'b', 'worker-1', 'x'.repeat(40))
const length = fc.constantFrom('0s', '500ms', '1m30s', '0.5h', '8784h')

/** Definitions with nothing wrong, and with anything where anything may stand. */
const sound = fc
  .record(
    {
      name: label,
      provider: fc.constantFrom('kind', 'kubeadm', 'k3s', 'existing'),
      nodes: fc
        .array(fc.subarray(['control-plane', 'etcd', 'worker'], { minLength: 1 }), { minLength: 1, maxLength: 7 })
        .map((all) =>
          all.map((roles, index) => ({
            name: `n${index}`,
            roles: index === 0 ? ['control-plane'] : roles,
            after: index % 3 === 0 ? [] : [`n${Math.floor(index / 3)}`],
          })),
        ),
      kubernetes: fc.nat(50).map((minor) => `1.${minor}`),
      network: fc.record({ egress: fc.constantFrom('open', 'closed'), apiPort: fc.integer({ min: 1, max: 65_535 }) }),
      kubelet: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
      kubeadmPatches: fc.array(fc.record({ kind: fc.string(), spec: fc.jsonValue({ maxDepth: 2 }) }), { maxLength: 2 }),
      objectives: fc.record({ nodeBoot: length, daemonSetRecovery: length }, { requiredKeys: [] }),
      k3s: fc.record({ embeddedRegistry: fc.boolean(), registries: fc.dictionary(fc.string(), fc.jsonValue()) }),
    },
    { requiredKeys: ['name', 'provider', 'nodes'] },
  )
  .chain((definition) =>
    fc.constantFrom<(value: unknown) => string>(JSON.stringify, stringify).map((write) => write(definition)),
  )

/** Definitions with some fields replaced, left out or added, which are sound YAML or JSON. */
const misshapen = fc
  .record({
    base: fc.constantFrom(...bases),
    changes: fc.array(
      fc.record({
        at: fc.nat(),
        value: fc.option(strange),
        key: fc.option(fc.constantFrom('name', 'kubelet', 'x', '')),
      }),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    write: fc.constantFrom<(value: unknown) => string>(
      JSON.stringify,
      (value) => JSON.stringify(value, null, 1),
      stringify,
    ),
  })
  .map(({ base, changes, write }) => {
    const data: unknown = structuredClone(base)
    for (const { at, value, key } of changes) {
      const holders = holdersIn(data)
      const holder = holders[at % holders.length]
      if (holder === undefined) continue
      const keys = Object.keys(holder)
      const field = key ?? keys[at % Math.max(1, keys.length)] ?? 'x'
      // Lists and maps alike: what JSON makes of a key that is none of a list's does not matter here.
      if (value === null) Reflect.deleteProperty(holder, field)
      else Reflect.set(holder, field, structuredClone(value))
    }
    return write(data)
  })

function holdersIn(data: unknown): object[] {
  return typeof data === 'object' && data !== null ? [data, ...Object.values(data).flatMap(holdersIn)] : []
}

const name = fc.constantFrom('cp', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'A')
const node = fc.record({
  name,
  roles: fc.subarray(['control-plane', 'etcd', 'worker'], { minLength: 1 }),
  after: fc.array(name, { maxLength: 2 }),
})
/** Nodes that wait for each other, for nobody, for themselves. */
const knotted = fc
  .record({ provider: fc.constantFrom('kind', 'existing'), nodes: fc.array(node, { maxLength: 8 }) })
  .map((definition) => JSON.stringify({ name: 'x', ...definition }))

/** What grows fast, or without end. */
const excessive = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('[', '{a: ', '- ', '? ', '&a [', '{"a":', '"', '\t', ' ', '!!a ', '#', '1', 'a: |\n '),
      fc.nat(3_000),
    )
    .map(([piece, times]) => piece.repeat(times)),
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 12 }))
    .map(([wide, deep]) =>
      [
        'l0: &l0 x',
        ...Array.from({ length: deep }, (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level},`.repeat(wide)}]`),
      ].join('\n'),
    ),
  fc.integer({ min: 1, max: 600 }).map((count) =>
    JSON.stringify({
      name: 'x',
      provider: 'kind',
      nodes: Array.from({ length: count }, (_, index) => ({
        name: `n${index}`,
        roles: ['control-plane'],
        after: [`n${index + 1}`],
      })),
    }),
  ),
)

const random = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.json(), fc.string())

/** Anything that a user may give to `--cluster`: nearly right, grown out of hand, or no definition at all. */
export const definitionTexts: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: edited, weight: 70 },
  { arbitrary: sound, weight: 40 },
  { arbitrary: misshapen, weight: 40 },
  { arbitrary: knotted, weight: 20 },
  { arbitrary: soup, weight: 20 },
  { arbitrary: random, weight: 9 },
  { arbitrary: excessive, weight: 1 },
)
