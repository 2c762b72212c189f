import { pack } from 'tar-stream'

import type { Run } from '../process.ts'
import { run as runProcess } from '../process.ts'
import { currentRun, runLabel } from '../run.ts'

/**
 * What gcr.io/distroless/static has besides certificates, which programs built on it rely on: names for the users that
 * images name, and what the system calls itself (Spegel from v0.7 on refuses to run on another).
 */
const files: Readonly<Record<string, string>> = {
  'etc/passwd': `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`,
  'etc/group': 'root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n',
  'etc/os-release': `PRETTY_NAME="Distroless"
NAME="Debian GNU/Linux"
ID="debian"
VERSION_ID="12"
VERSION="Debian GNU/Linux 12 (bookworm)"
HOME_URL="https://github.com/GoogleContainerTools/distroless"
`,
}

/** What engines say of a file that a container does not have. */
const noSuchFile = /could not find the file|no such (?:file|container:path)/i

const label = 'clusterproof.base'
const base = 'distroless-static'

/**
 * Gives an image that was made of its program alone the files of the base that its publisher builds it on, under the
 * same name in the engine. An image that has them, as the published one does, stays as it is.
 * @returns whether anything was added
 * @throws {Error} where the engine does not say which of them it is
 */
export async function completeBase(reference: string, run: Run = runProcess): Promise<boolean> {
  const mark = `${runLabel}=${currentRun().id}`
  const { stdout } = await run('docker', ['create', '--network', 'none', '--label', mark, reference, '-'])
  const container = stdout.trim()
  try {
    const has = await run('docker', ['cp', `${container}:/etc/os-release`, '-'], { reject: false })
    if (has.exitCode === 0) return false
    if (!noSuchFile.test(has.stderr)) {
      throw new Error(`nobody can tell whether ${reference} has /etc/os-release: ${has.stderr.trim()}`)
    }
    await run('docker', ['cp', '-', `${container}:/`], { input: await archive() })
    // The image is no run's: a container that is made of it later would be taken for one.
    const labels = ['--change', `LABEL ${label}=${base}`, '--change', `LABEL ${runLabel}=`]
    await run('docker', ['commit', ...labels, container, reference])
    return true
  } finally {
    await run('docker', ['rm', '--force', container])
  }
}

async function archive(): Promise<Buffer> {
  const tar = pack()
  for (const [name, content] of Object.entries(files)) tar.entry({ name, mode: 0o644 }, content)
  tar.entry({ name: 'tmp', type: 'directory', mode: 0o1777 })
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks)
}
