import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { projectFolder } from '../harness/images/settings.ts'
import { indexedJob, type JobRequest } from './indexed-job.ts'

const request: JobRequest = {
  shards: 3,
  image: 'clusterproof/runner:v1',
  name: 'suite',
  namespace: 'clusterproof',
  atOnce: 3,
  cpu: '2',
  memory: '6Gi',
  disk: '20Gi',
  deadlineSeconds: 10_800,
  claim: null,
  args: ['--project', 'counter'],
}

describe('the Indexed Job', () => {
  it('has a pod for each shard, tries none again, and lets none end another', () => {
    const [, job] = indexedJob(request)
    expect(job?.['spec']).toMatchObject({
      completionMode: 'Indexed',
      completions: 3,
      parallelism: 3,
      backoffLimitPerIndex: 0,
      activeDeadlineSeconds: 10_800,
      template: { spec: { restartPolicy: 'Never' } },
    })
    expect(job?.['spec']).not.toHaveProperty('backoffLimit')
  })

  it('says to each pod how many there are, and hands on the flags', () => {
    expect(container(request)).toMatchObject({
      args: ['--project', 'counter'],
      env: [
        { name: 'SHARDS', value: '3' },
        { name: 'COLLECT_SECONDS', value: '3600' },
      ],
    })
  })

  it('keeps the engine off the overlay of its own container, and needs no rights in the cluster', () => {
    const [namespace, job] = indexedJob(request)
    expect(job?.['spec']).toMatchObject({
      template: {
        spec: {
          automountServiceAccountToken: false,
          volumes: [
            { name: 'engine', emptyDir: { sizeLimit: '20Gi' } },
            { name: 'out', emptyDir: {} },
          ],
        },
      },
    })
    expect(container(request)).toMatchObject({
      securityContext: { privileged: true },
      volumeMounts: [{ name: 'engine', mountPath: '/var/lib/docker' }, { name: 'out' }],
    })
    expect(namespace?.metadata['labels']).toEqual({ 'pod-security.kubernetes.io/enforce': 'privileged' })
  })

  it('waits for nobody where what it leaves stays on a claim', () => {
    const [, job] = indexedJob({ ...request, claim: 'results' })
    expect(JSON.stringify(job)).toContain('"persistentVolumeClaim":{"claimName":"results"}')
    expect(container({ ...request, claim: 'results' })).toMatchObject({
      env: [{ name: 'SHARDS' }, { name: 'COLLECT_SECONDS', value: '0' }],
    })
  })

  it('runs what the image has as its entrypoint, and reads what the pod is given', () => {
    const build = readFileSync(path.join(projectFolder, 'deploy/runner-image/build'), 'utf8')
    const [, entrypoint = ''] = /ENTRYPOINT \["\/clusterproof\/([^"]+)"\]/.exec(build) ?? []
    const file = path.join(projectFolder, entrypoint)
    expect(existsSync(file)).toBe(true)
    const script = readFileSync(file, 'utf8')
    for (const name of ['SHARDS', 'COLLECT_SECONDS', 'JOB_COMPLETION_INDEX']) expect(script).toContain(`\${${name}:`)
  })
})

/** The one container of a pod. */
function container(of: JobRequest): unknown {
  const job = indexedJob(of)[1]?.['spec'] as { template: { spec: { containers: unknown[] } } }
  return job.template.spec.containers[0]
}
