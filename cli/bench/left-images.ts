import { run as execute } from '../../harness/process.ts'
import { type Run, runLabel } from '../../harness/run.ts'

/** Removes the images that a bench has made of its containers (snapshots, a stand-in), which have its run's label. */
export async function removeOwnImages({ id }: Pick<Run, 'id'>): Promise<void> {
  const { stdout } = await execute('docker', ['image', 'ls', '--quiet', '--filter', `label=${runLabel}=${id}`])
  const images = [...new Set(stdout.split('\n').filter((line) => line !== ''))]
  if (images.length > 0) await execute('docker', ['rmi', '--force', ...images], { reject: false })
}
