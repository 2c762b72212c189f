import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'

import { parseDefinition, readDefinition } from './definition-file.ts'
import { type ClusterDefinitionInput, defineCluster } from './topology.ts'
import { UserError } from './user-error.ts'

const sound = `name: mine
provider: kind
nodes:
  - name: cp
    roles: [control-plane]
  - name: a
    roles: [worker]
    after: [cp]
`

/** The message with which it is refused. */
function refusal(text: string): string {
  try {
    parseDefinition(text, 'my.yaml')
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    expect(error).toMatchObject({ exitCode: 2 })
    return error instanceof Error ? error.message : ''
  }
  return 'it was accepted'
}

/** The path of every field of a value, and of every item of its lists. */
function* fieldsOf(value: object, around: readonly string[] = []): Generator<readonly string[]> {
  for (const [key, inner] of Object.entries(value)) {
    yield [...around, key]
    if (typeof inner === 'object' && inner !== null) yield* fieldsOf(inner, [...around, key])
  }
}

describe('parseDefinition', () => {
  const definition = defineCluster({
    name: 'mine',
    provider: 'kind',
    nodes: [
      { name: 'cp', roles: ['control-plane'] },
      { name: 'a', roles: ['worker'], after: ['cp'] },
    ],
  })

  it('reads YAML', () => {
    expect(parseDefinition(sound, 'my.yaml')).toEqual(definition)
  })

  it('reads JSON', () => {
    expect(parseDefinition(JSON.stringify(definition), 'my.json')).toEqual(definition)
    expect(parseDefinition(JSON.stringify(definition, null, 2), 'my.json')).toEqual(definition)
  })

  it('reads YAML with anchors', () => {
    const text = sound.replace('[control-plane]', '&both [control-plane, worker]').replace('[worker]', '*both')
    expect(parseDefinition(text, 'my.yaml').nodes[1]?.roles).toEqual(['control-plane', 'worker'])
  })

  const everything: ClusterDefinitionInput = {
    name: 'mine',
    provider: 'existing',
    kubernetes: '1.34',
    nodes: [
      { name: 'cp', roles: ['control-plane'], command: ['ssh', 'cp'], power: { on: ['a'], off: ['b'], cut: ['c'] } },
      { name: 'w', roles: ['etcd', 'worker'], after: ['cp'] },
    ],
    network: { egress: 'open', policy: 'kube-router', apiPort: 6_443 },
    nodeImage: 'image:1',
    kubelet: { maxPods: 10 },
    kubeadmPatches: [{ kind: 'ClusterConfiguration' }],
    components: { apiServer: { extraArgs: { v: '1' } }, etcd: { extraArgs: { v: '2' } } },
    objectives: { daemonSetRecovery: '60s', nodeBoot: '1m', serviceGap: '10s' },
    etcd: { authority: { certificate: 'ca.crt', key: 'ca.key' } },
    identity: { boot: 'fallback-name', fallbackAfter: '3s', metadataAfter: '1s' },
    k3s: { embeddedRegistry: true, registries: { mirrors: {} }, serverArgs: { a: 'b' } },
    kubeconfig: 'admin.conf',
  }
  /** Where every field is that is not free to have any value. */
  const fields = [...fieldsOf(everything)].filter((keys) => !/^(kubelet|k3s\.registries)(\.|$)/.test(keys.join('.')))

  it('names the field and its line, whichever of them has a value of another kind, in YAML and in JSON', () => {
    const other = fc.constantFrom<unknown>({ no: ['such'] }, [[{}]], [null])
    const write = fc.constantFrom<(value: unknown) => string>(stringify, (value) => JSON.stringify(value, null, 2))
    fc.assert(
      fc.property(fc.constantFrom(...fields), other, write, (keys, value, written) => {
        const data = structuredClone(everything)
        const holder = keys.slice(0, -1).reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), data)
        Reflect.set(Object(holder), keys.at(-1) ?? '', value)
        const text = written(data)
        const [, line = '', place = ''] = /^my\.yaml:(\d+):\d+: ([^:]+): ./.exec(refusal(text)) ?? []
        // The field itself, or what is wrong within its value.
        expect(`${place}.`.slice(0, keys.join('.').length + 1)).toBe(`${keys.join('.')}.`)
        const [key = ''] = place.split('.').slice(-1)
        if (place === keys.join('.') && !/^\d+$/.test(key)) expect(text.split('\n')[Number(line) - 1]).toContain(key)
      }),
      { numRuns: 80 },
    )
  })

  it('reads what is written of any definition as the same', () => {
    const part = fc.subarray(Object.keys(everything).filter((key) => !['name', 'provider', 'nodes'].includes(key)))
    fc.assert(
      fc.property(part, fc.constantFrom('kind', 'existing'), (left, provider) => {
        const chosen = Object.entries(everything).filter(([key]) => !left.includes(key))
        const input = { ...Object.fromEntries(chosen), name: 'mine', provider, nodes: everything.nodes }
        const read = parseDefinition(JSON.stringify(input), 'my.json')
        expect(parseDefinition(stringify(input), 'my.yaml')).toEqual(read)
        expect(parseDefinition(stringify(read), 'my.yaml')).toEqual(read)
        expect(parseDefinition(JSON.stringify(read), 'my.json')).toEqual(read)
      }),
      { numRuns: 25 },
    )
  })

  it.each([
    ['a list that does not end', 'name: x\nnodes: [\n', 'my.yaml:3:1: '],
    ['a tab', 'name: x\n\tprovider: kind\n', 'my.yaml:2:1: '],
    ['a key twice', `${sound}name: other\n`, 'my.yaml:9:1: Map keys must be unique'],
    ['a second document', `${sound}---\n${sound}`, 'my.yaml:9:1: '],
    ['an alias without an anchor', sound.replace('[worker]', '*gone'), 'my.yaml:7:12: Unresolved alias'],
    ['JSON that breaks off', '{"name": "x",\n  "provider": ', 'my.yaml:2:'],
  ])('says where the YAML is wrong: %s', (_, text, start) => {
    expect(refusal(text).slice(0, start.length)).toBe(start)
    expect(refusal(text)).not.toContain('\n')
  })

  it('refuses aliases that multiply without end', () => {
    const levels = Array.from(
      { length: 8 },
      (_, level) => `l${level}: &l${level} [${'*l'.concat(`${level - 1},`).repeat(9)}]`,
    )
    expect(refusal(['l-1: &l-1 x', ...levels].join('\n'))).toMatch(/^my\.yaml:1:1: Excessive alias count/)
  })

  it.each([
    ['lists', '['.repeat(5_000)],
    ['lists that end', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['lists in lines', '- '.repeat(5_000)],
    ['maps', '{a: '.repeat(5_000)],
  ])('says in one line that %s stand in each other too deeply', (_, text) => {
    expect(refusal(text)).toMatch(/^my\.yaml:1:\d+: lists and maps stand in each other too deeply to be read$/)
  })

  it.each([
    ['a map that holds itself', 'kubelet: &k { a: *k }', '9:15: kubelet.a: an alias names what it stands in'],
    ['a list that holds itself', 'kubeadmPatches: &p [*p]', '9:21: kubeadmPatches.0: an alias names what'],
    ['what is no number', 'kubelet: { maxPods: .nan }', '9:12: kubelet.maxPods: NaN is no number'],
    ['bytes', 'kubelet: { a: !!binary aGk= }', '9:12: kubelet.a: a tag makes it a Buffer'],
    ['a tag of nobody', 'kubelet: !mine { a: 1 }', '9:10: Unresolved tag: !mine'],
    ['a map as a key', 'kubelet: { { a: 1 }: 2 }', '9:12: a key must be a text'],
  ])('refuses what JSON cannot say: %s', (_, line, start) => {
    expect(refusal(`${sound}${line}\n`)).toMatch(new RegExp(`^my\\.yaml:${start.replaceAll('.', '\\.')}`))
  })

  it('says what a terminal would obey, and what is long, in one line that it does not', () => {
    const said = refusal(`${sound}"\\e[31m\\n${'x'.repeat(900)}": 1\n`)
    expect(said).toMatch(/^my\.yaml:9:1: /)
    for (const obeyed of ['\u001b', '\n']) expect(said).not.toContain(obeyed)
    expect(said.length).toBeLessThan(310)
  })

  it('says the first of very many mistakes, and how many more there are', () => {
    const nodes = Array.from({ length: 30 }, () => '  - { name: N, roles: [king] }').join('\n')
    const lines = refusal(`name: x\nprovider: kind\nnodes:\n${nodes}\n`).split('\n')
    expect(lines).toHaveLength(21)
    expect(lines.at(-1)).toMatch(/^and \d+ more$/)
  })

  it.each([
    ['a wrong value', sound.replace('provider: kind', 'provider: kin'), 'my.yaml:2:1: provider: '],
    ['a wrong item', sound.replace('[worker]', '[worker, master]'), 'my.yaml:7:21: nodes.1.roles.1: '],
    ['a wrong kind of value', sound.replace('[cp]', 'cp'), 'my.yaml:8:5: nodes.1.after: '],
    ['a node that is not there', sound.replace('[cp]', '[cp, b]'), 'my.yaml:8:17: nodes.1.after.1: there is no node b'],
    ['a name twice', sound.replace('name: a', 'name: cp'), 'my.yaml:6:5: nodes.1.name: the name cp is taken by node 1'],
    ['a field missing in a node', sound.replace('    roles: [worker]\n', ''), 'my.yaml:6:5: nodes.1.roles: '],
    ['a field missing at the top', sound.replace('name: mine\n', ''), 'my.yaml:1:1: name: '],
    ['an unknown field', `${sound}network:\n  egres: open\n`, 'my.yaml:10:3: network.egres: Unrecognized key: "egres"'],
    [
      'an objective that is no duration',
      `${sound}objectives: { nodeBoot: soon }\n`,
      'my.yaml:9:15: objectives.nodeBoot: "soon" is',
    ],
    ['something that is no definition', 'just text', 'my.yaml:1:1: definition: '],
    ['nothing', '', 'my.yaml:1:1: name: '],
  ])('says where the field is that is wrong: %s', (_, text, start) => {
    expect(refusal(text).slice(0, start.length)).toBe(start)
  })

  it('says where a field of a JSON file is wrong', () => {
    expect(refusal('{"name": "x",\n "provider": "kind",\n "nodes": [{"name": "cp", "roles": ["king"]}]}')).toMatch(
      /^my\.yaml:3:37: nodes\.0\.roles\.0: /,
    )
  })

  it('says every mistake, a line each', () => {
    const lines = refusal(sound.replace('provider: kind', 'provider: kin').replace('name: cp', 'name: CP')).split('\n')
    expect(lines).toEqual([
      expect.stringMatching(/^my\.yaml:2:1: /),
      expect.stringMatching(/^my\.yaml:4:5: nodes\.0\.name: /),
    ])
  })
})

describe('readDefinition', () => {
  function file(text: string): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-definition-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const name = path.join(folder, 'my.yaml')
    writeFileSync(name, text)
    return name
  }

  it('reads the file', () => {
    expect(readDefinition(file(sound)).name).toBe('mine')
  })

  it('takes the path of a kubeconfig as relative to the file', () => {
    const existing = sound.replace('kind', 'existing')
    const near = file(`${existing}kubeconfig: ./admin.conf\n`)
    expect(readDefinition(near).kubeconfig).toBe(path.join(path.dirname(near), 'admin.conf'))
    expect(readDefinition(file(`${existing}kubeconfig: /etc/admin.conf\n`)).kubeconfig).toBe('/etc/admin.conf')
  })

  it("takes the paths of an etcd's authority so as well", () => {
    const near = file(`${sound}etcd: { authority: { certificate: ca.crt, key: ../ca.key } }\n`)
    expect(readDefinition(near).etcd.authority).toEqual({
      certificate: path.join(path.dirname(near), 'ca.crt'),
      key: path.join(path.dirname(near), '../ca.key'),
    })
  })

  it('names the file in its mistakes, from where the user is', () => {
    const name = file('nodes: [')
    expect(() => readDefinition(name)).toThrow(`${path.relative(process.cwd(), name)}:1:9: `)
  })

  it('is wrong usage where there is no such file', () => {
    const name = `${file('')}.gone`
    expect(() => readDefinition(name)).toThrow(
      expect.objectContaining({ name: 'UserError', exitCode: 2, message: expect.stringContaining(`${name}: ENOENT`) }),
    )
  })
})
