import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { projectFolder } from '../harness/images/settings.ts'
import { shellScripts } from './shell-scripts.ts'

/** What is not written down as it is, and why it may be. */
const known = new Map([
  [
    'harness/providers/existing-abilities.ts',
    'the paths of kubeadm’s etcd certificates, which kubeadmEtcdLayout() has written down',
  ],
  ['harness/nodes/wait-on-node.ts', 'its caller’s condition; whoever calls it is looked at here'],
  ['harness/probes/sections.ts', 'the same of its caller’s script'],
])

const sources = ['harness', 'cli', 'suites', 'clusters', 'reports'].flatMap((folder) =>
  readdirSync(path.join(projectFolder, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('out'))
    .map((file) => path.join(folder, file)),
)

describe('the scripts that the project hands to shells', () => {
  const scripts = sources.flatMap((file) => shellScripts(projectFolder, file))
  const unfixed = scripts.filter(({ isFixed }) => !isFixed)
  const fileOf = ({ at }: { readonly at: string }) => at.split(':')[0] ?? ''

  it('are fixed: what a cluster or a definition says goes to a shell as an argument and never as a part of them', () => {
    expect(unfixed.filter((script) => !known.has(fileOf(script)))).toEqual([])
    // What is not needed any more is not allowed any more.
    expect(new Set(unfixed.map(fileOf))).toEqual(new Set(known.keys()))
  })

  it('are found: 20 of them and more', () => {
    expect(scripts.length).toBeGreaterThanOrEqual(20)
  })

  it('are run by execa, which starts no shell of its own', () => {
    const others = sources.filter((file) =>
      /\bshell: (?:true|['"])|\bexec(?:Sync)?\(['"`]/.test(readFileSync(path.join(projectFolder, file), 'utf8')),
    )
    expect(others).toEqual([])
  })
})

describe('shellScripts', () => {
  function of(text: string): string[] {
    const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-scripts-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(path.join(folder, 'other.ts'), "export const elsewhere = 'ls'\nexport const name = process.argv[2]\n")
    writeFileSync(path.join(folder, 'a.ts'), `import { elsewhere, name } from './other.ts'\n${text}`)
    return shellScripts(folder, 'a.ts').flatMap(({ at, script, isFixed }) => (isFixed ? [] : [`${at} ${script}`]))
  }

  it.each([
    "node.exec(['sh', '-c', 'cat >\"$1\"', 'sh', file])",
    'const script = `a ${file} b`\nconst file = "/etc/x"\nnode.exec(["sh", "-c", script])',
    'run("docker", ["exec", name, "bash", "-c", elsewhere])',
    "const words = ['a', 'b'] as const\nnode.exec(['sh', '-c', `x ${words.join(' ')}`])",
    'const q = `a`.replaceAll(/[$]/g, String.raw`\\$&`).trim()\nnode.exec(["sh", "-c", q])',
    "waitOnNode(node, ready ? 'true' : `test -e ${elsewhere}`)",
    "node.exec(['ls', name])",
  ])('is content with %j', (text) => {
    expect(of(text)).toEqual([])
  })

  it.each([
    ["node.exec(['sh', '-c', `cat ${file}`])", 'a.ts:2 `cat ${file}`'],
    ["node.exec(['/bin/sh', '-c', 'cat ' + node.name])", "a.ts:2 'cat ' + node.name"],
    ["const words = ['-c', name]\nrun('x', ['sh', ...words])", 'a.ts:2 name'],
    ['let script = "a"\nnode.exec(["bash", "-c", script])', 'a.ts:3 script'],
    ['waitOnNode(node, `systemctl is-active ${unit}`)', 'a.ts:2 `systemctl is-active ${unit}`'],
    ['function f(script: string) {\n  return node.exec(["sh", "-c", script])\n}', 'a.ts:3 script'],
    ['const a = "x"\nfunction f() {\n  const a = name\n  node.exec(["sh", "-c", a])\n}', 'a.ts:5 a'],
  ])('finds %j', (text, found) => {
    expect(of(text)).toEqual([found])
  })
})
