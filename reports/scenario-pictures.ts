import { attempt } from './drawn-picture.ts'
import { etcdPicture } from './pictures/etcd.ts'
import { mirrorPicture } from './pictures/mirror.ts'
import { recoveryPicture } from './pictures/recovery.ts'
import { timelinePicture } from './pictures/timeline.ts'
import type { ScenarioReport } from './run-model.ts'

/** A picture of a scenario. */
export interface Picture {
  readonly name: 'timeline' | 'recovery' | 'etcd' | 'mirror'
  readonly title: string
  /** Light and dark readable, with a title and a description for those who cannot see it. */
  readonly svg: string
}

/**
 * The pictures of a scenario, those that there is something to show in. One that cannot be drawn is left out and named on
 * stderr: the others, and the verdict, are worth more than it.
 */
export async function scenarioPictures({ scenario, cluster, facts }: ScenarioReport): Promise<Picture[]> {
  const on = `${scenario} on ${cluster}`
  const all = [
    await attempt('timeline', `${on}: timeline`, (title) => timelinePicture(facts.timeline, title)),
    await attempt('recovery', `${on}: recovery`, (title) => recoveryPicture(facts.recovery, title)),
    await attempt('etcd', `${on}: etcd`, (title) => etcdPicture(facts.etcd, title)),
    await attempt('mirror', `${on}: mirror`, (title) => mirrorPicture(facts.transfers, title)),
  ]
  return all.filter((picture) => picture !== null)
}
