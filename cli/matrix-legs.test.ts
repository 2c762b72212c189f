import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { named } from '../clusters/index.ts'
import { supportedKubernetes } from '../harness/images/versions.ts'
import { defineCluster, definitionSchema } from '../harness/topology.ts'
import { planLegs } from './matrix-legs.ts'

const attached = defineCluster({
  name: 'mine',
  provider: 'existing',
  kubeconfig: '/home/me/.kube/config',
  nodes: [{ name: 'a', roles: ['control-plane'] }],
})

const clusters = [...named.keys()]
const minors = [...supportedKubernetes().keys()]
const built = [...supportedKubernetes().values()].map(({ major, minor, patch }) => `${major}.${minor}.${patch}`)

describe('planLegs', () => {
  it('has every cluster with every version, each leg once and by a name of its own', () => {
    const some = (from: readonly string[]) => fc.subarray([...from], { minLength: 1 })
    const kubeadm = clusters.filter((name) => named.get(name)?.provider !== 'k3s')
    fc.assert(
      fc.property(some(kubeadm), some([...minors, ...built]), (chosen, versions) => {
        const legs = planLegs([...chosen, ...chosen], [...versions, ...versions.map((version) => `v${version}`)])
        const names = chosen.flatMap((cluster) => versions.map((version) => `${cluster}-${version}`))
        expect(legs.map(({ name }) => name)).toEqual(names)
        expect(new Set(names).size).toBe(names.length)
        for (const { definition, kubernetes, cluster } of legs) {
          // What is written for a leg is read again as the same definition.
          expect(definitionSchema.parse(definition)).toEqual(definition)
          expect(`${kubernetes}.`.startsWith(`${definition.kubernetes}.`)).toBe(true)
          expect({ ...definition, kubernetes: '', nodeImage: '' }).toEqual({
            ...named.get(cluster),
            kubernetes: '',
            nodeImage: '',
          })
        }
      }),
    )
  })

  it('runs each cluster with its own version where none is given', () => {
    const [kind, lone] = planLegs(['kind', 'lone'], [])
    expect(kind).toMatchObject({ name: 'kind', kubernetes: '', definition: named.get('kind') })
    expect(lone?.image?.name).toBe('clusterproof/node:v1.34.4')
    expect(planLegs(['mine'], [], () => attached)).toMatchObject([{ name: 'mine', image: null }])
  })

  it('takes any release for a minor, and for an exact version that one alone', () => {
    const [any, own, published] = planLegs(['kind'], ['1.34', '1.34.4', '1.34.11'])
    expect(any?.definition.nodeImage).toBeUndefined()
    expect(any?.image?.accepted).toEqual(['clusterproof/node:v1.34.4', 'kindest/node:v1.34.*'])
    expect(own).toMatchObject({ definition: { kubernetes: '1.34', nodeImage: 'clusterproof/node:v1.34.4' } })
    expect(own?.image).toMatchObject({
      accepted: ['clusterproof/node:v1.34.4'],
      build: { args: ['1.34', expect.anything()] },
    })
    expect(own?.image).not.toHaveProperty('pull')
    expect(published).toMatchObject({ definition: { nodeImage: 'kindest/node:v1.34.11' } })
    expect(published?.image).toEqual({
      name: 'kindest/node:v1.34.11',
      accepted: ['kindest/node:v1.34.11'],
      pull: expect.stringMatching(/^kindest\/node:v1\.34\.11@sha256:/),
    })
  })

  it('takes k3s by the releases of k3s', () => {
    const [leg, exact] = planLegs(['k3s'], ['1.35', '1.35.8'])
    expect(leg).toMatchObject({ definition: { kubernetes: '1.35' }, image: { name: 'rancher/k3s:v1.35.8-k3s1' } })
    expect(exact).toMatchObject({ name: 'k3s-1.35.8', image: { name: 'rancher/k3s:v1.35.8-k3s1' } })
  })

  it('puts the version over an image that the definition names', () => {
    const own = defineCluster({
      ...attached,
      name: 'own',
      provider: 'kubeadm',
      kubeconfig: undefined,
      nodeImage: 'my/node:1',
    })
    expect(planLegs(['own'], [], () => own)).toMatchObject([{ definition: { nodeImage: 'my/node:1' }, image: null }])
    expect(planLegs(['own'], ['1.35'], () => own)[0]?.definition).not.toHaveProperty('nodeImage')
  })

  it('says all legs that cannot be, at once and before anything starts', () => {
    expect(() => planLegs(['kind', 'k3s'], ['1.34', '1.34.5', '1.99', 'new'])).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: [
          'not every leg of the matrix can be:',
          'kind-1.34.5: there is no node image of 1.34.5; of 1.34 there is 1.34.4, 1.34.11',
          'kind-1.99: Kubernetes "1.99" is not supported',
          'kind-new: "new" is no version such as 1.34 or 1.34.4',
          'k3s-1.34.5: there is no node image of 1.34.5; of 1.34 there is 1.34.11',
          'k3s-1.99: no k3s release of Kubernetes "1.99" is known here',
          'k3s-new: "new" is no version such as 1.34 or 1.34.4',
        ].join('\n  '),
      }),
    )
    expect(() => planLegs(['mine'], ['1.34'], () => attached)).toThrow(/mine-1\.34: .* has the version that it has/)
    expect(() => planLegs(['a', 'b'], ['1.34'], () => attached)).toThrow(/two of the clusters have the name mine/)
    expect(() => planLegs(['kinder'], [])).toThrow(/no cluster definition named kinder/)
  })
})
