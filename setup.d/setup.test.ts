import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'

import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { run } from '../harness/process.ts'
import { FakeMachine } from './fake-machine.ts'

let machine: FakeMachine

beforeEach(() => {
  machine = new FakeMachine()
})

describe('./setup', () => {
  it('says of each step what there is and how long it took, and ends with 0', async () => {
    await machine.setup()
    const { stdout, exitCode } = await machine.setup()
    expect(exitCode).toBe(0)
    const lines = stdout.split('\n').map((line) => line.replace(/\(\d+\.\d s\)$/, '(TIME)'))
    expect(lines).toEqual([
      'engine: Docker 28.0.0 answers (TIME)',
      'packages: match package-lock.json, Node.js 24.21.0 (TIME)',
      'kind: 0.33.0, from the PATH (TIME)',
      'helm: 3.22.0, from the PATH (TIME)',
      'cli: harness/images/cli.ts',
      'setup: ready (TIME)',
    ])
  })

  it('hands the wish for versions and for no network on', async () => {
    const { stdout } = await machine.setup('--kubernetes', '1.34', '--kubernetes=1.36', '--offline')
    expect(stdout).toContain('cli: harness/images/cli.ts --kubernetes 1.34,1.36 --offline')
  })

  it('ends as the provision of images ends', async () => {
    machine.environment.CLI_EXIT = '3'
    expect(await machine.setup()).toMatchObject({ exitCode: 3, stdout: expect.not.stringContaining('ready') })
  })

  it.each([
    [['--bogus'], /does not know --bogus/],
    [['1.34'], /does not know 1\.34/],
    [['--kubernetes'], /needs a Kubernetes minor/],
    [['--kubernetes', '1.34,1.99'], /1\.99 is not supported\n.*1\.34, 1\.36/],
  ])('refuses %j before it does anything', async (args, message) => {
    expect(await machine.setup(...args)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(message),
      stdout: '',
    })
  })

  it('waits for another one, so that the packages are installed once', async () => {
    machine.environment.NPM_TAKES = '0.3'
    const both = await Promise.all([machine.setup(), machine.setup()])
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    expect(both.filter(({ said }) => said.includes('another ./setup is running'))).toHaveLength(1)
    expect(readFileSync(machine.at('npm'), 'utf8')).toBe('npm\n')
  })

  it('does so without flock too, and is not held up by one that died', async () => {
    machine.without('flock')
    mkdirSync(machine.at('home/.cache/clusterproof'), { recursive: true })
    symlinkSync('999999999', machine.at('home/.cache/clusterproof/setup.pid'))
    machine.environment.NPM_TAKES = '0.3'
    const both = await Promise.all([machine.setup(), machine.setup()])
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    expect(readFileSync(machine.at('npm'), 'utf8')).toBe('npm\n')
  })
})

describe.skipIf(process.platform !== 'linux')('the engine', () => {
  beforeEach(() => rmSync(machine.at('engine')))

  it.each<[string, () => void, RegExp]>([
    [
      'a user who is not root',
      () => machine.stub('id', 'echo 1000'),
      /only root can install[^]*sudo apt-get install docker\.io/,
    ],
    ['macOS', () => machine.stub('uname', 'echo Darwin'), /Install and start Docker Desktop/],
    ['a system without apt', () => {}, /only on Debian 12 or newer and on Ubuntu[^]*Install Docker Engine/],
    [
      'a socket that is not ours',
      () => machine.stub('docker', 'echo "permission denied" >&2; exit 1'),
      /may not speak[^]*usermod/,
    ],
    [
      'DOCKER_HOST',
      () => (machine.environment.DOCKER_HOST = 'tcp://ci:2375'),
      /at tcp:\/\/ci:2375[^]*unset DOCKER_HOST/,
    ],
  ])('is not installed for %s', async (_, arrange, message) => {
    arrange()
    expect(await machine.setup()).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(message) })
  })

  it('is started where it is installed, and outlives the lock', async () => {
    machine.stub(
      'dockerd',
      '[ "$1" = --version ] && echo "Docker version 28.0.0, build x" && exit; sleep 0.2; touch "$TEST/engine"; echo $$ >"$TEST/pid"; exec sleep 30',
    )
    machine.stub('systemctl', 'dockerd &')
    const { stdout, exitCode } = await machine.setup()
    onTestFinished(() => void process.kill(Number(readFileSync(machine.at('pid'), 'utf8'))))
    expect(exitCode).toBe(0)
    expect(stdout).toContain('engine: Docker 28.0.0 was started and answers')
    expect((await machine.setup()).said).not.toContain('another ./setup')
  })

  it.skipIf(existsSync('/run/systemd/system'))('is not waited for when it ends at once', async () => {
    machine.stub(
      'dockerd',
      '[ "$1" = --version ] && echo "Docker version 28.0.0" || { echo "no cgroups" >&2; exit 1; }',
    )
    expect(await machine.setup()).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/no cgroups[^]*ended right after its start/),
    })
  })
})

describe("the host's limits", () => {
  const command = 'sysctl -w fs.inotify.max_user_instances=1024'

  /** A sysctl whose setting is in a file, and which writes as it is told to. */
  function inotifyInstances(had: string, write: string) {
    machine.file('instances', had)
    machine.stub('sysctl', `case $1 in -n) cat "$TEST/instances" ;; -w) echo "$*" >>"$TEST/asked"; ${write} ;; esac`)
  }

  const raise = 'echo "${2#*=}" >"$TEST/instances"'

  it('are raised once where they are too low', async () => {
    inotifyInstances('128', raise)
    expect((await machine.setup()).stdout).toContain(
      'host: fs.inotify.max_user_instances is 1024 until the next boot; it was 128\n',
    )
    expect((await machine.setup()).said).not.toContain('host:')
    expect(readFileSync(machine.at('asked'), 'utf8')).toBe('-w fs.inotify.max_user_instances=1024\n')
  })

  it('are left alone where they are higher', async () => {
    inotifyInstances('8192', raise)
    expect((await machine.setup()).said).not.toContain('host:')
    expect(existsSync(machine.at('asked'))).toBe(false)
  })

  it.each<[string, () => void]>([
    ['a user who is not root', () => machine.stub('id', 'echo 1000')],
    ['a root who may not', () => inotifyInstances('128', 'exit 1')],
    ['a root who may not and is not told so', () => inotifyInstances('128', '')],
  ])('are told to %s, who can still go on', async (_, arrange) => {
    inotifyInstances('128', raise)
    arrange()
    expect(await machine.setup()).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(new RegExp(`host: warning: .* is 128; .*: sudo ${command}\n[^]*setup: ready`)),
    })
  })

  it('are no matter where the system has no such setting', async () => {
    machine.stub('sysctl', 'echo "unknown oid" >&2; exit 1')
    expect(await machine.setup()).toMatchObject({ exitCode: 0, said: expect.not.stringContaining('host:') })
  })
})

describe('the way from an npm script', () => {
  const start = (...args: string[]) => machine.script('setup.d/set-up-for', 'cli/start.ts', ...args)

  it('leads through ./setup to the program, which gets every flag as it was given', async () => {
    const { stdout } = await start('--scenario', 'a b', '--help')
    expect(stdout).toMatch(
      /cli: harness\/images\/cli\.ts\n[^]*setup: ready .*\ncli: cli\/start\.ts --scenario a b --help$/,
    )
  })

  it('tells ./setup too that no registry may be asked', async () => {
    const { stdout } = await start('--keep', '--offline', '--repeat', '2')
    expect(stdout).toContain('cli: harness/images/cli.ts --offline\n')
    expect(stdout).toContain('cli: cli/start.ts --keep --offline --repeat 2')
  })

  it('ends where ./setup fails, as that did', async () => {
    machine.environment.CLI_EXIT = '3'
    expect(await start()).toMatchObject({ exitCode: 3, stdout: expect.not.stringContaining('cli/start.ts') })
  })

  it('is the one of every script that needs what ./setup provides', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
    for (const name of ['start', 'test', 'bench']) expect(scripts[name]).toBe(`setup.d/set-up-for cli/${name}.ts`)
  })
})

describe('the suite that a newer engine comes from', () => {
  const mirror = 'http://mirror.invalid/debian'

  async function addSuite(entry: string) {
    machine.stub(
      'apt-get',
      `[ "$1" = indextargets ] && printf '%s\\n' 'Debian|trixie-x|main|x|f:9' 'Debian|bookworm|main|${entry}' || exit 0`,
    )
    machine.stub('apt-config', "echo \"parts='$TEST/parts/' preferences='$TEST/preferences/'\"")
    for (const name of ['parts', 'preferences']) mkdirSync(machine.at(name))
    const script =
      'cd "$TEST/project"; . setup.d/steps.sh; . setup.d/engine-install.sh; prepare_cache; add_suite bookworm trixie'
    await run(machine.at('bin/sh'), ['-eu', '-c', script], { env: machine.environment })
    expect(readFileSync(machine.at('preferences/clusterproof-trixie'), 'utf8')).toMatch(/n=trixie\nPin-Priority: 90\n/)
  }

  it("has the mirror and the keyring of this machine's own line", async () => {
    const options = '[ arch=amd64 signed-by=/k.gpg ]'
    const list = machine.file(
      'sources.list',
      `# mine\ndeb ${options} ${mirror} bookworm main contrib\ndeb ${mirror} bookworm-updates main\n`,
    )
    await addSuite(`bookworm|${list}:2`)
    expect(readFileSync(machine.at('parts/clusterproof-trixie.list'), 'utf8')).toBe(
      `deb ${options} ${mirror} trixie main contrib\n`,
    )
  })

  it("has the mirror and the keyring of this machine's own paragraph", async () => {
    const paragraph = (suites: string) =>
      `Types: deb\nURIs: ${mirror}\nSuites: ${suites}\nComponents: main\nSigned-By: /k.gpg\n`
    const sources = machine.file(
      'debian.sources',
      `# mine\n\nEnabled: no\n${paragraph('sid')}\n# this\n${paragraph('oldstable oldstable-updates')}`,
    )
    await addSuite(`oldstable|${sources}:2`)
    expect(readFileSync(machine.at('parts/clusterproof-trixie.sources'), 'utf8')).toBe(paragraph('trixie'))
  })
})

describe('the packages', () => {
  it('are installed once for a package-lock.json', async () => {
    await machine.setup()
    await machine.setup()
    expect(readFileSync(machine.at('npm'), 'utf8')).toBe('npm\n')
    machine.file('project/package-lock.json', '{"changed": true}')
    await machine.setup()
    expect(readFileSync(machine.at('npm'), 'utf8')).toBe('npm\nnpm\n')
  })

  it('are tried again after an installation that failed', async () => {
    machine.stub('npm', 'mkdir -p node_modules; echo "E404 no such package" >&2; exit 1')
    for (const _ of ['first', 'second']) {
      expect(await machine.setup()).toMatchObject({
        exitCode: 3,
        stderr: expect.stringMatching(/E404[^]*what to do: npm ci/),
      })
    }
  })

  it('need an npm', async () => {
    machine.without('npm')
    expect(await machine.setup()).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/no npm[^]*Install Node\.js/),
    })
  })

  it('need none where they are installed', async () => {
    await machine.setup()
    machine.without('npm')
    expect(await machine.setup()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('packages: match') })
  })

  it('need a Node.js that is new enough', async () => {
    machine.stub('node', 'echo 22.9.0')
    expect(await machine.setup()).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/22\.9\.0 is too old[^]*22\.19\.0/),
    })
  })
})

describe.each([
  { name: 'kind', version: '0.33.0', go: '1.24.0', variable: 'CLUSTERPROOF_KIND', old: ['0.32.0', '0.9.1'] },
  { name: 'helm', version: '3.22.0', go: '1.26.0', variable: 'CLUSTERPROOF_HELM', old: ['v3.13.9', 'v4.0.1', ''] },
])('$name', ({ name, version, go, variable, old }) => {
  const pinned = () => machine.at(`home/.cache/clusterproof/bin/${name}-${version}`)

  /** A publisher's page: the program, in an archive where it is published in one, and a checksum. */
  function publish(sum: string) {
    const system = `${process.platform}-${process.arch === 'arm64' ? 'arm64' : 'amd64'}`
    machine.file(`published/${system}/${name}`, 'program')
    const packed = `cd "$TEST/published"; case $URL in *.gz) tar -cz ${system}/${name} ;; *) cat ${system}/${name} ;; esac`
    machine.stub(
      'curl',
      `while [ "$1" != -o ]; do shift; done; echo "$3" >>"$TEST/asked"; case $3 in
      *.sha256sum) echo "$SUM  x" ;; *) URL=$3; ${packed} | tee "$TEST/file" ;; esac >"$2"`,
    )
    machine.stub('tee', 'cat >"$1"; cat "$1"')
    machine.environment.SUM = sum
  }

  it('is built with Go where the PATH has none that suits', async () => {
    machine.stub(
      'go',
      `case $1 in env) echo go1.26.8 ;; build) while [ "$1" != -o ]; do shift; done; cp "$TEST/bin/${name}" "$2" ;; esac`,
    )
    for (const found of old) {
      machine.stub(name, `echo ${found}`)
      expect((await machine.setup()).stdout).toContain(`${name}: ${version}, built with Go`)
      expect((await machine.setup()).stdout).toContain(`${name}: ${version}, from ${pinned()}`)
      rmSync(pinned())
    }
  })

  it('is downloaded where there is no Go that is new enough, and its checksum compared', async () => {
    machine.without(name)
    machine.stub('go', 'echo go1.23.1')
    publish('wrong')
    expect(await machine.setup()).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/has the checksum [0-9a-f]{64}, not wrong/),
    })
    expect(readdirSync(path.dirname(pinned()))).toEqual([])
    const { stdout } = await run(machine.at('bin/sha256sum'), [machine.at('file')])
    machine.environment.SUM = stdout.split(' ')[0] ?? ''
    expect((await machine.setup()).stdout).toContain(`${name}: ${version}, downloaded`)
    expect(readFileSync(pinned(), 'utf8')).toBe('program')
    expect((await machine.setup()).stdout).toContain(`${name}: ${version}, from ${pinned()}`)
    expect(readdirSync(path.dirname(pinned()))).toEqual([path.basename(pinned())])
    expect(readFileSync(machine.at('asked'), 'utf8')).toMatch(new RegExp(`^https://\\S+v${version}\\S*64(.tar.gz)?\n`))
  })

  it('says what to do where it cannot be downloaded', async () => {
    machine.without(name)
    machine.stub('curl', 'echo "could not resolve host" >&2; exit 6')
    expect(await machine.setup()).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(
        new RegExp(`could not resolve[^]*Install Go ${go} or newer, or ${name} ${version}`),
      ),
    })
  })

  it(`is the one that ${variable} names`, async () => {
    machine.environment[variable] = machine.at('bin', name)
    expect((await machine.setup()).stdout).toContain(`${name}: ${machine.at('bin', name)}, as ${variable} says`)
    machine.environment[variable] = machine.at('gone')
    expect(await machine.setup()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('that is no program') })
  })
})

describe('helm', () => {
  it('is any helm 3 on the PATH that has the flags that are used', async () => {
    for (const found of ['3.14.0', '3.19.2+g1234567']) {
      machine.stub('helm', `echo v${found}`)
      expect((await machine.setup()).stdout).toContain(`helm: ${found}, from the PATH`)
    }
  })
})
