import { run as execute } from '../../harness/process.ts'
import type { Run } from '../../harness/run.ts'

const label = 'clusterproof.bench'

/**
 * What marks an image that a bench makes of a container, for `docker commit`. The run's own label does not: it comes with the
 * container into every image that is made of one, also into those that are kept.
 */
export function ownImageMark({ id }: Pick<Run, 'id'>): readonly string[] {
  return ['--change', `LABEL ${label}=${id}`]
}

/** Removes the images that the bench of a run has made: snapshots, and what stands in for another. */
export async function removeOwnImages({ id }: Pick<Run, 'id'>): Promise<void> {
  const { stdout } = await execute('docker', ['image', 'ls', '--quiet', '--filter', `label=${label}=${id}`])
  const images = [...new Set(stdout.split('\n').filter((line) => line !== ''))]
  if (images.length > 0) await execute('docker', ['rmi', '--force', ...images], { reject: false })
}
