import { defineCluster } from '../harness/topology.ts'
import k3s from './k3s.ts'

/** k3s whose machines serve their images to each other: its embedded registry, for the upstream of the suite mirror/. */
export default defineCluster({
  ...k3s,
  name: 'k3s-mirror',
  k3s: {
    embeddedRegistry: true,
    registries: { mirrors: { 'upstream.test': { endpoint: ['http://upstream.test'] } } },
  },
})
