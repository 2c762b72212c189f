import type { Sabotage } from '../../harness/fixtures.ts'
import { faultIs, undo, when } from '../../harness/sabotage.ts'
import { etcdNodes } from '../../harness/topology.ts'
import { shell } from './machine-sabotage.ts'

const pki = '/etc/kubernetes/pki/etcd'
const own = '/run/clusterproof-sabotage'

/** Another authority, and a certificate of it for the names of this machine: kubeadm's configuration of them lies there. */
const makeOther = `
umask 077
mkdir -p ${own}
{ cat /etc/kubernetes/etcd-certificates.yaml; echo; echo 'certificatesDir: ${own}'; } >${own}/kubeadm.yaml
kubeadm init phase certs etcd-ca --config ${own}/kubeadm.yaml
kubeadm init phase certs etcd-server --config ${own}/kubeadm.yaml
`

const exchange = `for end in crt key; do cp -p ${pki}/server.$end ${own}/saved.$end; cp ${own}/etcd/server.$end ${pki}/server.$end; done`
const restore = `[ ! -f ${own}/saved.key ] || for end in crt key; do cp -p ${own}/saved.$end ${pki}/server.$end; done; rm -rf ${own}`

/** As all members restart, each has a certificate for its clients that another authority made. Among themselves all is well. */
export const authorityExchanged: Sabotage = async (cluster) => {
  const nodes = etcdNodes(cluster.nodes)
  await Promise.all(nodes.map((node) => shell(node, makeOther)))
  const armed = when(cluster, faultIs('injecting', 'etcd-restart'), () =>
    Promise.all(nodes.map((node) => shell(node, exchange))),
  )
  return undo(cluster, async () => {
    armed[Symbol.dispose]()
    await Promise.all(nodes.map((node) => shell(node, restore)))
  })
}
